#include "engine/order/address.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

const Address kGood{"李雷", "+86 (21) 555-0100", "上海市", "上海市", "静安区", "南京西路 1 号"};

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

void check_refused(std::string Address::*part, const std::string& value, std::string_view reason) {
  Address address = kGood;
  address.*part = value;
  const auto result = validate(address);
  REQUIRE_MESSAGE(!result, value);
  CHECK(result.error().code == ErrorCode::kInvalid);
  CHECK(result.error().reason == reason);
}

void check_accepted(std::string Address::*part, const std::string& value) {
  Address address = kGood;
  address.*part = value;
  CHECK_MESSAGE(validate(address), value);
}

}  // namespace

TEST_CASE("an address has a name, places and a detail address within generous limits") {
  CHECK(validate(kGood));
  check_accepted(&Address::name, repeat("雷", 100));
  check_accepted(&Address::detail_address, repeat("雷", 500));
  check_accepted(&Address::region, "");
  check_refused(&Address::name, repeat("雷", 101), "address.name_invalid");
  check_refused(&Address::province, repeat("雷", 101), "address.province_invalid");
  check_refused(&Address::city, repeat("雷", 101), "address.city_invalid");
  check_refused(&Address::region, repeat("雷", 101), "address.region_invalid");
  check_refused(&Address::detail_address, repeat("雷", 501), "address.detail_address_invalid");
}

TEST_CASE("no part of an address but the region may be empty, and none has control characters") {
  for (const std::string& bad : {std::string(), std::string("   "), std::string("a\nb"), std::string("a\0", 2)}) {
    check_refused(&Address::name, bad, "address.name_invalid");
    check_refused(&Address::province, bad, "address.province_invalid");
    check_refused(&Address::city, bad, "address.city_invalid");
    check_refused(&Address::detail_address, bad, "address.detail_address_invalid");
  }
  check_refused(&Address::region, "a\nb", "address.region_invalid");
}

TEST_CASE("a phone number has at most 32 digits, spaces and + - ( )") {
  check_accepted(&Address::phone_number, "13800000000");
  check_accepted(&Address::phone_number, std::string(32, '1'));
  for (const std::string& bad :
       {std::string(), std::string(33, '1'), std::string("call me"), std::string("+- ()"), std::string("1;2")}) {
    check_refused(&Address::phone_number, bad, "address.phone_number_invalid");
  }
}
