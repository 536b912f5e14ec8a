/// Read model: the catalogue, in the order in which its products were created.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/id.hpp"
#include "engine/base/money.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/product/fields.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_products_projection();

/// Whether a product is shown to everybody. A deleted one may be withdrawn besides.
enum class ProductState : std::uint8_t { kPublished, kWithdrawn, kDeleted };

template <>
struct EnumNames<ProductState> {
  static constexpr std::array<std::string_view, 3> values{"published", "withdrawn", "deleted"};
};

struct ProductSummary {
  ProductId id;
  Position created;  ///< of the event that created it: the key of the list
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  CategoryId category_id;  ///< empty: none
  BrandId brand_id;        ///< empty: none
  std::string pictures_json;
  std::string attributes_json;
  std::optional<std::int64_t> purchase_limit;
  bool published = true;
  bool deleted = false;
  std::string category;  ///< a path that an older event gave instead of an id
  std::string brand;     ///< a name that an older event gave instead of an id
  Version version;       ///< of the product's stream
  Time created_at;
  Time updated_at;

  [[nodiscard]] std::vector<std::string> pictures() const;
  [[nodiscard]] std::vector<product::Attribute> attributes() const;
};

struct ProductPage {
  std::vector<ProductSummary> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

struct ProductFilter {
  std::optional<CategoryId> category;  ///< with everything below it
  std::optional<BrandId> brand;
};

/// Thread-safety: any thread.
class Products {
 public:
  static Result<std::unique_ptr<Products>> open(const Follower& follower);

  /// At most `limit` (≥ 1) products created after the one with the key `after`: those that everybody may see. Those of
  /// a deleted category are in no category.
  Result<ProductPage> list(std::size_t limit, std::optional<Position> after = {}, const ProductFilter& filter = {});

  /// The same of all there ever were, or of those in one state, deleted categories included.
  Result<ProductPage> list_all(std::size_t limit, std::optional<Position> after = {}, const ProductFilter& filter = {},
                               std::optional<ProductState> state = {});

 private:
  explicit Products(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  Result<ProductPage> read(const std::string& statement, std::size_t limit, std::optional<Position> after,
                           const ProductFilter& filter, std::optional<ProductState> state);

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
