#include "engine/order/address.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"

namespace souk {
namespace {

/// As Address::limits() says.
constexpr std::size_t size_max_of(std::string_view field) {
  constexpr auto kAll = Address::limits();
  return static_cast<std::size_t>(std::ranges::find(kAll, field, &FieldLimits::field)->own.length_max);
}
constexpr std::size_t kNameSizeMax = size_max_of("name");
constexpr std::size_t kPhoneNumberSizeMax = size_max_of("phone_number");
constexpr std::size_t kPlaceSizeMax = size_max_of("province");
constexpr std::size_t kDetailSizeMax = size_max_of("detail_address");
static_assert(size_max_of("city") == kPlaceSizeMax && size_max_of("region") == kPlaceSizeMax);

Result<void> check(bool fits, std::string_view reason, std::string detail) {
  if (fits) return {};
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

bool is_phone_number(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_allowed = [&](char c) { return is_digit(c) || std::string_view("+- ()").find(c) != std::string::npos; };
  return text.size() <= kPhoneNumberSizeMax && std::all_of(text.begin(), text.end(), is_allowed) &&
         std::any_of(text.begin(), text.end(), is_digit);
}

/// A line of text that is not all spaces.
bool is_filled(std::string_view text, std::size_t max) {
  return is_line_of(text, 1, max) && text.find_first_not_of(' ') != std::string_view::npos;
}

}  // namespace

Result<void> validate(const Address& address) {
  return check(is_filled(address.name, kNameSizeMax), "address.name_invalid", "a name has 1 to 100 characters")
      .and_then([&] {
        return check(is_phone_number(address.phone_number), "address.phone_number_invalid",
                     "a phone number has at most 32 digits, spaces and + - ( )");
      })
      .and_then([&] {
        return check(is_filled(address.province, kPlaceSizeMax), "address.province_invalid",
                     "a province has 1 to 100 characters");
      })
      .and_then([&] {
        return check(is_filled(address.city, kPlaceSizeMax), "address.city_invalid", "a city has 1 to 100 characters");
      })
      .and_then([&] {
        return check(is_line_of(address.region, 0, kPlaceSizeMax), "address.region_invalid",
                     "a region has at most 100 characters");
      })
      .and_then([&] {
        return check(is_filled(address.detail_address, kDetailSizeMax), "address.detail_address_invalid",
                     "a detail address has 1 to 500 characters");
      });
}

}  // namespace souk
