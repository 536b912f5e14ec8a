#include "engine/product/fields.hpp"

#include <algorithm>
#include <set>

#include "engine/base/utf8.hpp"

namespace souk::product {
namespace {

tl::unexpected<Error> invalid(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

bool is_tidy_line(std::string_view text, std::size_t size_max) {
  return is_line_of(text, 1, size_max) && !has_outer_space(text);
}

}  // namespace

Result<void> check_sku(std::string_view sku) {
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/").find(c) != std::string_view::npos;
  };
  if (!sku.empty() && sku.size() <= kSkuSizeMax && std::all_of(sku.begin(), sku.end(), is_safe)) return {};
  return invalid("product.sku_invalid", "a sku has 1 to 64 characters of A-Z, a-z, 0-9 and . _ - : /");
}

Result<void> check_name(std::string_view name) {
  if (is_tidy_line(name, kNameSizeMax)) return {};
  return invalid("product.name_invalid", "a name has 1 to 200 characters on one line, without spaces around it");
}

Result<void> check_description(std::string_view description) {
  if (is_prose_of(description, 0, kDescriptionSizeMax)) return {};
  return invalid("product.description_invalid", "a description has at most 10,000 characters");
}

Result<void> check_price(const Money& price) {
  if (price.amount >= 0 && price.amount <= kIntegerMax) return {};
  return invalid("product.price_invalid", "a price is 0 to 2^53-1 minor units");
}

Result<void> check_pictures(const std::vector<std::string>& pictures) {
  const auto is_address = [](const std::string& url) {
    return url.size() <= kPictureBytesMax && is_line_of(url, 1, kPictureBytesMax) && url.find(' ') == std::string::npos;
  };
  if (pictures.size() <= kPicturesMax && std::all_of(pictures.begin(), pictures.end(), is_address)) return {};
  return invalid("product.pictures_invalid",
                 "there are at most 20 pictures, each with an address of at most 2,048 bytes");
}

Result<void> check_attributes(const std::vector<Attribute>& attributes) {
  if (attributes.size() > kAttributesMax) {
    return invalid("product.attributes_invalid", "a product has at most 50 attributes");
  }
  std::set<std::string_view> names;
  for (const auto& attribute : attributes) {
    if (!is_tidy_line(attribute.name, kAttributeNameSizeMax) || !names.insert(attribute.name).second) {
      return invalid("product.attributes_invalid",
                     "an attribute has a name of 1 to 64 characters that no other one has");
    }
    const auto is_value = [](const std::string& value) { return is_tidy_line(value, kAttributeValueSizeMax); };
    if (attribute.values.empty() || attribute.values.size() > kAttributeValuesMax ||
        !std::all_of(attribute.values.begin(), attribute.values.end(), is_value)) {
      return invalid("product.attributes_invalid", "an attribute has 1 to 50 values of 1 to 200 characters");
    }
  }
  return {};
}

Result<void> check_purchase_limit(std::int64_t limit) {
  if (limit >= 1 && limit <= kPurchaseLimitMax) return {};
  return invalid("product.limit_invalid", "a purchase limit is 1 to 1,000,000 for each order");
}

}  // namespace souk::product
