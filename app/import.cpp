#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "actors/live_entity.hpp"
#include "app/catalogue_input.hpp"
#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/system_clock.hpp"
#include "engine/entities.hpp"
#include "gateway/api.hpp"
#include "gateway/catalogue/rows.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {
namespace {

/// Rows are decided ahead of the disk by at most this many events, which bounds the memory.
constexpr std::uint64_t kAheadMax = 20'000;

/// Waits for the disk.
class Durability final : public LogListener {
 public:
  explicit Durability(EventLog& log) : log_(log) { log_.add_listener(this); }
  ~Durability() override { log_.remove_listener(this); }

  void wait_until(Position position) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return log_.head(Visibility::kDurable) >= position; });
  }
  void durable(Position /*position*/) override {
    const std::scoped_lock lock(mutex_);
    changed_.notify_all();
  }

 private:
  EventLog& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// What became of a row.
enum class Outcome : std::uint8_t { kCreated, kChanged, kUnchanged };

Outcome outcome_of(bool existed, const Judgement& judgement) {
  if (judgement.verdict == Verdict::kUnchanged) return Outcome::kUnchanged;
  return existed ? Outcome::kChanged : Outcome::kCreated;
}

class Importer {
 public:
  explicit Importer(EventLog& log) : log_(log), durability_(log) {}

  Result<ImportCounts> run(CatalogueInput& input) {
    if (auto loaded = load_names(); !loaded) return tl::unexpected<Error>(std::move(loaded.error()));
    std::string line;
    for (std::size_t number = 0; input.next(line, number);) {
      if (auto done = take(line); !done) {
        ++counts_.refused;
        tell_refused(number, done.error().reason, done.error().detail);
      }
      const std::uint64_t ahead = log_.head(Visibility::kOrdered).value - log_.head(Visibility::kDurable).value;
      if (ahead > kAheadMax) durability_.wait_until(log_.head(Visibility::kOrdered));
    }
    durability_.wait_until(log_.head(Visibility::kOrdered));
    return counts_;
  }

 private:
  Result<void> load_names() {
    auto tree = load<CategoryTree>(kCategoryTree);
    if (!tree) return tl::unexpected<Error>(std::move(tree.error()));
    tree_ = std::move(*tree);
    auto list = load<Brands>(kBrands);
    if (!list) return tl::unexpected<Error>(std::move(list.error()));
    brands_ = std::move(*list);
    return {};
  }

  Result<void> take(const std::string& line) {
    auto row = read_row(line);
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    const auto outcome = std::visit([&](auto&& one) { return put(std::move(one)); }, std::move(*row));
    if (!outcome) return tl::unexpected<Error>(outcome.error());
    switch (*outcome) {
      case Outcome::kCreated: ++counts_.created; break;
      case Outcome::kChanged: ++counts_.changed; break;
      case Outcome::kUnchanged: ++counts_.unchanged; break;
    }
    return {};
  }

  Result<Outcome> put(CategoryRow row) {
    const bool existed = find_path(state_of<CategoryTree>(*tree_), row.path).has_value();
    return obey(*tree_, CategoryTree::Command(put_of(std::move(row))), existed);
  }

  Result<Outcome> put(BrandRow row) {
    const bool existed = find_name(state_of<Brands>(*brands_), row.name).has_value();
    return obey(*brands_, Brands::Command(put_of(std::move(row))), existed);
  }

  Result<Outcome> put(ProductRow row) {
    const ProductId id = product_id_for_sku(row.sku);
    if (!seen_.insert(id).second) {
      return fail(ErrorCode::kConflict, "row.duplicate_sku", "sku: an earlier row has it too");
    }
    const StockWish stock = stock_of(row);
    const std::string path = row.category;
    const std::string name = row.brand;
    auto wanted = put_of(std::move(row), {}, {});
    // A row that can never be right leaves no category or brand behind.
    if (const auto right = check(wanted, stock, currencies_); !right) return tl::unexpected<Error>(right.error());
    const auto category = category_at(path);
    if (!category) return tl::unexpected<Error>(category.error());
    const auto brand = brand_called(name);
    if (!brand) return tl::unexpected<Error>(brand.error());
    wanted.category_id = *category;
    wanted.brand_id = *brand;
    auto product = load<Product>(id);
    if (!product) return tl::unexpected<Error>(std::move(product.error()));
    const bool existed = state_of<Product>(**product).exists;
    const auto outcome = obey(**product, Product::Command(std::move(wanted)), existed);
    if (!outcome) return outcome;
    const auto configured = put_stock(id, stock);
    if (!configured) return configured;
    // What a stock is said to be is part of the row; what it begins with is not.
    return *outcome == Outcome::kUnchanged ? configured : outcome;
  }

  /// A row says what there is to begin with; a product that has a stock keeps its own.
  Result<Outcome> put_stock(ProductId id, const StockWish& wish) {
    if (wish.quantity == 0 && !wish.configures()) return Outcome::kUnchanged;
    auto stock = load<Stock>(id);
    if (!stock) return tl::unexpected<Error>(std::move(stock.error()));
    if (wish.quantity > 0 && (*stock)->version() == Version{}) {
      const auto received = obey(**stock, Stock::Command(wish.receipt()), true);
      if (!received) return received;
    }
    return obey(**stock, Stock::Command(wish.configuration), true);
  }

  /// The category with this path, made if it is missing.
  Result<CategoryId> category_at(const std::string& path) {
    if (path.empty()) return CategoryId{};
    auto& id = paths_[path];
    if (!id.empty()) return id;
    const auto put_there =
        obey(*tree_, CategoryTree::Command(put_of(CategoryRow{RowKind::kCategory, path, {}, {}})), false);
    if (!put_there) return tl::unexpected<Error>(put_there.error());
    return id = *find_path(state_of<CategoryTree>(*tree_), path);
  }

  Result<BrandId> brand_called(const std::string& name) {
    if (name.empty()) return BrandId{};
    auto& id = names_[name];
    if (!id.empty()) return id;
    const auto put_there = obey(*brands_, Brands::Command(put_of(BrandRow{RowKind::kBrand, name, {}, {}, {}})), false);
    if (!put_there) return tl::unexpected<Error>(put_there.error());
    return id = *find_name(state_of<Brands>(*brands_), name);
  }

  template <class Command>
  Result<Outcome> obey(LiveEntity& entity, const Command& command, bool existed) {
    CommandMeta meta;
    meta.command_id = CommandId{random_id()};
    meta.principal = "system:import";
    const Judgement judgement = entity.obey(&command, meta);
    if (judgement.refusal) return tl::unexpected<Error>(*judgement.refusal);
    return outcome_of(existed, judgement);
  }

  template <class E>
  Result<std::unique_ptr<LiveEntity>> load(typename E::Id id) {
    const StreamId stream = stream_of<E>(id);
    auto entity = make_live_entity(stream, log_, {});
    auto loaded = log_.load(stream, E::kStateSchema);
    if (!loaded) return tl::unexpected<Error>(std::move(loaded.error()));
    if (auto restored = entity->restore(*loaded); !restored) return tl::unexpected<Error>(std::move(restored.error()));
    return entity;
  }

  template <class E>
  static const typename E::State& state_of(const LiveEntity& entity) {
    return *static_cast<const typename E::State*>(entity.state());
  }

  EventLog& log_;
  Durability durability_;
  const std::vector<Currency> currencies_ = ApiOptions{}.currencies;
  std::unique_ptr<LiveEntity> tree_;
  std::unique_ptr<LiveEntity> brands_;
  std::unordered_map<std::string, CategoryId> paths_;
  std::unordered_map<std::string, BrandId> names_;
  ImportCounts counts_;
  std::unordered_set<ProductId> seen_;
};

}  // namespace

int import_catalogue(const Config& config, const std::string& file) {
  CatalogueInput input(file);
  if (!input.is_open()) return exit_code::kNoInput;
  SystemClock clock;
  auto log = open_log(config, clock);
  if (!log) return report(log.error());
  // A new data directory is made whole, so that it can be served.
  if (const auto keys = open_keys(config, **log); !keys) return report(keys.error());
  const auto counts = Importer(**log).run(input);
  if (!counts) return report(counts.error());
  return tell_imported(*counts, input);
}

}  // namespace souk
