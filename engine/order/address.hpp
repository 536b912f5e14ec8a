/// Where an order goes. Only ever stored sealed, as `Personal<Address>`.
///
/// Errors of `validate`: kInvalid "address.name_invalid", "address.phone_number_invalid", "address.province_invalid",
/// "address.city_invalid", "address.region_invalid", "address.detail_address_invalid".
#pragma once

#include <string>

#include "engine/base/fields.hpp"
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
  friend bool operator==(const Address&, const Address&) = default;
};

Result<void> validate(const Address& address);

}  // namespace souk
