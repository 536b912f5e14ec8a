/// Read model: the catalogue, in the order in which its products were created.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/money.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_products_projection();

struct ProductSummary {
  ProductId id;
  Position created;  ///< of the event that created it: the key of the list
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::string category;  ///< a path, such as "home/kitchen"
  std::string brand;
  std::string pictures_json;  ///< an array of strings, ready to be sent
  Version version;            ///< of the product's stream
  Time created_at;
  Time updated_at;
};

struct ProductPage {
  std::vector<ProductSummary> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

struct ProductFilter {
  std::optional<std::string> category;  ///< with everything below it: "home" finds "home/kitchen", not "homeware"
  std::optional<std::string> brand;
};

/// Thread-safety: any thread.
class Products {
 public:
  static Result<std::unique_ptr<Products>> open(const Follower& follower);

  /// At most `limit` (≥ 1) products created after the one with the key `after`.
  Result<ProductPage> list(std::size_t limit, std::optional<Position> after = {}, const ProductFilter& filter = {});

 private:
  explicit Products(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
