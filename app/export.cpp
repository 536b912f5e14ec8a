#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/system_clock.hpp"
#include "engine/entities.hpp"
#include "eventstore/rocks_log_view.hpp"
#include "gateway/catalogue/rows.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatch = 1'000;

/// All there is of a catalogue, folded from a log in one pass.
class Catalogue {
 public:
  Result<void> take(const EventRecord& record) {
    const auto kind = record.stream.kind();
    if (kind == CategoryTree::kKind) return fold<CategoryTree>(tree_, record);
    if (kind == Brands::kKind) return fold<Brands>(brands_, record);
    const ProductId id{record.stream.id()};
    if (kind == Product::kKind) {
      const auto [product, is_new] = products_.try_emplace(id);
      if (is_new) order_.push_back(id);
      return fold<Product>(product->second, record);
    }
    if (kind == Stock::kKind) return fold<Stock>(stocks_[id], record);
    return {};
  }

  /// Calls `write` with each row: categories from the roots down, brands by name, products as they were created.
  template <class Write>
  bool for_each_row(const Write& write) const {
    for (const CategoryId id : in_order(tree_)) {
      if (!write(encode(row_of(path_of(tree_, id), *find(tree_, id))))) return false;
    }
    std::vector<const brands::Brand*> brands;
    for (const auto& [id, brand] : brands_.brands) brands.push_back(&brand);
    std::ranges::sort(brands, {}, &brands::Brand::name);
    for (const auto* brand : brands) {
      if (!write(encode(row_of(*brand)))) return false;
    }
    return std::ranges::all_of(order_, [&](ProductId id) { return write(encode(product_row(id))); });
  }

 private:
  template <class E>
  static Result<void> fold(typename E::State& state, const EventRecord& record) {
    const auto event = decode_event<typename E::Event>(record.type, record.schema, record.payload);
    if (!event) return tl::unexpected<Error>(event.error());
    state = E::evolve(std::move(state), *event);
    return {};
  }

  [[nodiscard]] ProductRow product_row(ProductId id) const {
    const auto& product = products_.at(id);
    const auto* brand = find(brands_, product.brand_id);
    const auto stock = stocks_.find(id);
    return row_of(product, path_of(tree_, product.category_id), brand == nullptr ? "" : brand->name,
                  stock == stocks_.end() ? stock::State{} : stock->second);
  }

  category_tree::State tree_;
  brands::State brands_;
  std::vector<ProductId> order_;
  std::unordered_map<ProductId, product::State> products_;
  std::unordered_map<ProductId, stock::State> stocks_;
};

Result<Catalogue> read_catalogue(const RocksLogView& log) {
  Catalogue catalogue;
  for (Position after;;) {
    const auto records = log.read(after, kBatch);
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return catalogue;
    for (const auto& record : *records) {
      after = record->position;
      if (auto taken = catalogue.take(*record); !taken) return tl::unexpected<Error>(std::move(taken.error()));
    }
  }
}

}  // namespace

bool print_line(std::string line) {
  line.push_back('\n');
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
}

int export_catalogue(const Config& config) {
  SystemClock clock;
  const auto log = RocksLogView::open(log_directory(config), clock);
  if (!log) return report(log.error());
  const auto catalogue = read_catalogue(**log);
  if (!catalogue) return report(catalogue.error());
  const bool written = catalogue->for_each_row(print_line);
  return written && std::fflush(stdout) == 0 ? exit_code::kOk : exit_code::kDiskFailed;
}

}  // namespace souk
