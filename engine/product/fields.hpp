/// What the fields of a product may hold: every limit and its check in one place.
///
/// Errors: kInvalid "product.sku_invalid", "product.name_invalid", "product.description_invalid",
/// "product.price_invalid", "product.pictures_invalid", "product.attributes_invalid", "product.limit_invalid".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/fields.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/money.hpp"
#include "engine/base/result.hpp"

namespace souk::product {

inline constexpr std::size_t kSkuSizeMax = 64;  ///< of A–Z, a–z, 0–9 and . _ - : /
inline constexpr std::size_t kNameSizeMax = 200;
inline constexpr std::size_t kDescriptionSizeMax = 10'000;
inline constexpr std::size_t kPicturesMax = 20;
inline constexpr std::size_t kPictureBytesMax = 2048;
inline constexpr std::size_t kAttributesMax = 50;
inline constexpr std::size_t kAttributeNameSizeMax = 64;
inline constexpr std::size_t kAttributeValuesMax = 50;
inline constexpr std::size_t kAttributeValueSizeMax = 200;
inline constexpr std::int64_t kPurchaseLimitMax = 1'000'000;

/// A property with its values, such as "colour" with "red" and "blue". Names are unique within a product.
struct Attribute {
  std::string name;
  std::vector<std::string> values;

  static constexpr auto fields() {
    return field_list(field("name", &Attribute::name), field("values", &Attribute::values));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, kAttributeNameSizeMax)),
                      limit("values", item_count(1, kAttributeValuesMax), each(length(1, kAttributeValueSizeMax))));
  }
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

Result<void> check_sku(std::string_view sku);
Result<void> check_name(std::string_view name);
Result<void> check_description(std::string_view description);
/// Nothing may cost nothing: 0 is a price.
Result<void> check_price(const Money& price);
Result<void> check_pictures(const std::vector<std::string>& pictures);
Result<void> check_attributes(const std::vector<Attribute>& attributes);
Result<void> check_purchase_limit(std::int64_t limit);

}  // namespace souk::product
