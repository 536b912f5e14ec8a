#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <unordered_set>

#include "actors/live_entity.hpp"
#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/system_clock.hpp"
#include "engine/entities.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {
namespace {

constexpr std::size_t kLineBytesMax = 1 << 20;
/// Rows are decided ahead of the disk by at most this many events, which bounds the memory.
constexpr std::uint64_t kAheadMax = 20'000;

struct Row {
  std::string sku;
  std::string name;
  std::string description;
  std::int64_t price = 0;
  Currency currency;
  std::int64_t stock = 0;
  std::string category;
  std::string brand;
  std::vector<std::string> pictures;
  bool published = true;
  static constexpr auto fields() {
    return field_list(field("sku", &Row::sku), field("name", &Row::name), defaulted("description", &Row::description),
                      field("price", &Row::price), defaulted("currency", &Row::currency),
                      defaulted("stock", &Row::stock), defaulted("category", &Row::category),
                      defaulted("brand", &Row::brand), defaulted("pictures", &Row::pictures),
                      defaulted("published", &Row::published));
  }
};

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

struct Counts {
  std::size_t created = 0;
  std::size_t changed = 0;
  std::size_t unchanged = 0;
  std::size_t refused = 0;
};

class Importer {
 public:
  explicit Importer(EventLog& log) : log_(log), durability_(log) {}

  Counts run(std::istream& in) {
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
      if (line.empty() || line == "\r") continue;
      if (auto done = take(line); !done) {
        ++counts_.refused;
        std::fprintf(stderr, "line %zu: %s: %s\n", number, done.error().reason.c_str(), done.error().detail.c_str());
      }
      const std::uint64_t ahead = log_.head(Visibility::kOrdered).value - log_.head(Visibility::kDurable).value;
      if (ahead > kAheadMax) durability_.wait_until(log_.head(Visibility::kOrdered));
    }
    durability_.wait_until(log_.head(Visibility::kOrdered));
    complete_ = !in.bad();
    return counts_;
  }

  /// False when the input broke off.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  Result<void> take(const std::string& line) {
    if (line.size() > kLineBytesMax) return fail(ErrorCode::kInvalid, "row.too_long", "a row has at most 1 MiB");
    auto row = decode<Row>(line, UnknownFields::kRefused);
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (row->stock < 0) return fail(ErrorCode::kInvalid, "field.invalid", "stock: must not be negative");
    const ProductId id = product_id_for_sku(row->sku);
    if (!seen_.insert(id).second) {
      return fail(ErrorCode::kConflict, "row.duplicate_sku", "sku: an earlier row has it too");
    }
    const std::int64_t stock = row->stock;
    if (auto done = put_product(id, std::move(*row)); !done) return done;
    return put_stock(id, stock);
  }

  Result<void> put_product(ProductId id, Row row) {
    auto entity = load<Product>(id);
    if (!entity) return tl::unexpected<Error>(std::move(entity.error()));
    const bool exists = static_cast<const product::State*>((*entity)->state())->exists;
    const Money price{row.price, row.currency};
    Product::Command command;
    if (exists) {
      command = product::Change{.name = std::move(row.name),
                                .description = std::move(row.description),
                                .price = price,
                                .pictures = std::move(row.pictures),
                                .published = row.published,
                                .category = std::move(row.category),
                                .brand = std::move(row.brand)};
    } else {
      command = product::Create{.sku = std::move(row.sku),
                                .name = std::move(row.name),
                                .description = std::move(row.description),
                                .price = price,
                                .pictures = std::move(row.pictures),
                                .published = row.published,
                                .category = std::move(row.category),
                                .brand = std::move(row.brand)};
    }
    const Judgement judgement = (*entity)->obey(&command, meta());
    if (judgement.refusal) return tl::unexpected<Error>(*judgement.refusal);
    if (judgement.verdict == Verdict::kUnchanged) {
      ++counts_.unchanged;
    } else if (exists) {
      ++counts_.changed;
    } else {
      ++counts_.created;
    }
    return {};
  }

  /// A row says what there is to begin with; a product that has a stock keeps its own.
  Result<void> put_stock(ProductId id, std::int64_t quantity) {
    if (quantity == 0) return {};
    auto entity = load<Stock>(id);
    if (!entity) return tl::unexpected<Error>(std::move(entity.error()));
    if ((*entity)->version() > Version{}) return {};
    const Stock::Command command = stock::Receive{quantity, "import"};
    const Judgement judgement = (*entity)->obey(&command, meta());
    if (judgement.refusal) return tl::unexpected<Error>(*judgement.refusal);
    return {};
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

  CommandMeta meta() {
    CommandMeta meta;
    meta.command_id = CommandId{random_id()};
    meta.principal = "system:import";
    return meta;
  }

  EventLog& log_;
  Durability durability_;
  Counts counts_;
  bool complete_ = true;
  std::unordered_set<ProductId> seen_;
};

}  // namespace

int import_catalogue(const Config& config, const std::string& file) {
  std::ifstream from_file;
  if (file != "-") {
    from_file.open(file);
    if (!from_file || std::filesystem::is_directory(file)) {
      std::fprintf(stderr, "souk: import: cannot read '%s'\n", file.c_str());
      return exit_code::kNoInput;
    }
  }
  SystemClock clock;
  auto log = open_log(config, clock);
  if (!log) return report(log.error());
  // A new data directory is made whole, so that it can be served.
  if (const auto keys = open_keys(config, **log); !keys) return report(keys.error());
  Importer importer(**log);
  const Counts counts = importer.run(file == "-" ? std::cin : from_file);
  std::fprintf(stderr, "souk: import: %zu created, %zu changed, %zu unchanged, %zu refused\n", counts.created,
               counts.changed, counts.unchanged, counts.refused);
  if (!importer.complete()) {
    std::fprintf(stderr, "souk: import: '%s' broke off; what came before is taken\n", file.c_str());
    return exit_code::kNoInput;
  }
  return counts.refused == 0 ? exit_code::kOk : exit_code::kRowsRefused;
}

}  // namespace souk
