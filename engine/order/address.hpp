/// Where an order goes. Only ever stored sealed, as `Personal<Address>`.
///
/// Errors of `validate`: kInvalid "address.name_invalid", "address.phone_number_invalid", "address.province_invalid",
/// "address.city_invalid", "address.region_invalid", "address.detail_address_invalid".
#pragma once

#include <string>

#include "engine/base/fields.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/result.hpp"

namespace souk {

/// Limits, in characters: name 100; phone number 32 of digits, space and + - ( ); province, city and region 100;
/// detail address 500. Nothing may be empty but the region.
struct Address {
  std::string name;
  std::string phone_number;
  std::string province;
  std::string city;
  std::string region;
  std::string detail_address;

  static constexpr auto fields() {
    return field_list(field("name", &Address::name), field("phone_number", &Address::phone_number),
                      field("province", &Address::province), field("city", &Address::city),
                      field("region", &Address::region), field("detail_address", &Address::detail_address));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, 100)), limit("phone_number", length(1, 32), matching("^[0-9 +()-]+$")),
                      limit("province", length(1, 100)), limit("city", length(1, 100)), limit("region", length(0, 100)),
                      limit("detail_address", length(1, 500)));
  }
  static constexpr std::string_view kExample =
      R"({"name":"Ada Quill","phone_number":"+86 138-0013-8000","province":"浙江省","city":"杭州市","region":"西湖区",)"
      R"("detail_address":"Longjing Lane 17"})";
  friend bool operator==(const Address&, const Address&) = default;
};

Result<void> validate(const Address& address);

}  // namespace souk
