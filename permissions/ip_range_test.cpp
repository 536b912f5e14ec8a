#include "permissions/ip_range.hpp"

#include <doctest/doctest.h>

using namespace souk::permissions;

namespace {
bool is_in(std::string_view address, std::string_view range) {
  const auto parsed = IpRange::parse(range);
  return parsed && parsed->contains(IpAddress::parse(address).value());
}
}  // namespace

TEST_CASE("an address is in the ranges that have its first bits") {
  CHECK(is_in("192.168.2.123", "192.168.2.0/24"));
  CHECK_FALSE(is_in("192.168.3.123", "192.168.2.0/24"));
  CHECK(is_in("10.0.0.7", "10.0.0.4/30"));
  CHECK_FALSE(is_in("10.0.0.8", "10.0.0.4/30"));
  CHECK(is_in("2001:db8::1", "2001:db8::/32"));
  CHECK_FALSE(is_in("2001:db9::1", "2001:db8::/32"));
  CHECK(is_in("8.8.8.8", "0.0.0.0/0"));
}

TEST_CASE("an address alone is the range of this one") {
  CHECK(is_in("10.0.0.1", "10.0.0.1"));
  CHECK_FALSE(is_in("10.0.0.2", "10.0.0.1"));
  CHECK(is_in("::1", "0:0::1"));
}

TEST_CASE("an address of one version is in no range of the other") {
  CHECK_FALSE(is_in("10.0.0.1", "::/0"));
  CHECK_FALSE(is_in("::1", "0.0.0.0/0"));
}

TEST_CASE("what is no range or address is none") {
  for (const char* bad :
       {"", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1", "::/129", "x"}) {
    CHECK_FALSE_MESSAGE(IpRange::parse(bad).has_value(), bad);
  }
  CHECK_FALSE(IpAddress::parse("10.0.0.1/8").has_value());
  CHECK_FALSE(IpAddress::parse("fe80::1%eth0").has_value());
}
