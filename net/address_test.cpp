#include "net/address.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::net;

namespace {

Address address(std::string_view text) {
  const auto parsed = Address::parse(text);
  REQUIRE_MESSAGE(parsed.has_value(), text);
  return *parsed;
}

bool is_in(std::string_view wanted, std::string_view network) {
  return Network::around(network).value().holds(address(wanted));
}

}  // namespace

TEST_CASE("addresses are read as they are written, and nothing else is one") {
  CHECK(address("192.0.2.1").str() == "192.0.2.1");
  CHECK(address("2001:db8:0:0::1").str() == "2001:db8::1");
  CHECK((address("::ffff:192.0.2.1") == address("192.0.2.1")));
  CHECK((address("::ffff:c000:201") == address("192.0.2.1")));
  for (const auto* text : {"", "1", "192.0.2", "192.0.2.256", "192.0.2.01", "0x7f.0.0.1", "192.0.2.1 ", " 192.0.2.1",
                           "192.0.2.1:80", "[::1]", "::1%lo", ":::1", "1:2:3:4:5:6:7:8:9", "g::1", "::ffff:1.2.3",
                           "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"}) {
    CHECK_MESSAGE(!Address::parse(text).has_value(), text);
  }
  CHECK_FALSE(Address::parse(std::string_view("::1\0x", 5)).has_value());
}

TEST_CASE("of version 6 a network of 64 bits is counted as one") {
  CHECK((address("2001:db8::1").counted() == address("2001:db8:0:0:ffff::2").counted()));
  CHECK((address("2001:db8:0:1::1").counted() != address("2001:db8::1").counted()));
  CHECK((address("192.0.2.1").counted() != address("192.0.2.2").counted()));
}

TEST_CASE("networks are read with a prefix that fits them") {
  CHECK(Network::parse("10.0.0.0/8").value().str() == "10.0.0.0/8");
  CHECK(Network::parse("10.1.2.3").value().str() == "10.1.2.3/32");
  CHECK(Network::parse("::/0").value().str() == "::/0");
  CHECK((Network::parse("::ffff:10.0.0.0/104").value() == Network::parse("10.0.0.0/8").value()));
  for (const auto* text : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/08", "10.0.0.0/ 8",
                           "::/129", "/8", "10.0.0/8", "10.0.0.0/8x", "10.0.0.0/99999999999999"}) {
    CHECK_MESSAGE(Network::parse(text).error().reason == "network.malformed", text);
  }
  CHECK(Network::parse("10.0.0.1/8").error().reason == "network.has_host_bits");
  CHECK(Network::parse("2001:db8::1/64").error().reason == "network.has_host_bits");
}

TEST_CASE("an address lies in the networks that have its first bits") {
  CHECK(is_in("192.168.2.123", "192.168.2.0/24"));
  CHECK_FALSE(is_in("192.168.3.123", "192.168.2.0/24"));
  CHECK(is_in("10.0.0.7", "10.0.0.4/30"));
  CHECK_FALSE(is_in("10.0.0.8", "10.0.0.4/30"));
  CHECK(is_in("2001:db8::1", "2001:db8::/32"));
  CHECK_FALSE(is_in("2001:db9::1", "2001:db8::/32"));
  CHECK(is_in("8.8.8.8", "0.0.0.0/0"));
  CHECK(is_in("10.0.0.1", "10.0.0.1"));
  CHECK_FALSE(is_in("10.0.0.2", "10.0.0.1"));
  CHECK(is_in("::1", "0:0::1"));
}

TEST_CASE("a mapped address lies in networks of version 4, and an address of one version in none of the other") {
  CHECK(is_in("::ffff:10.0.0.1", "10.0.0.0/8"));
  CHECK(is_in("10.0.0.1", "::ffff:10.0.0.0/104"));
  CHECK_FALSE(is_in("10.0.0.1", "::/0"));
  CHECK_FALSE(is_in("::ffff:10.0.0.1", "::/0"));
  CHECK_FALSE(is_in("::1", "0.0.0.0/0"));
}

TEST_CASE("a network may be named by any address in it") {
  CHECK(Network::around("10.1.2.3/8").value().str() == "10.0.0.0/8");
  CHECK(Network::around("10.1.2.3/31").value().str() == "10.1.2.2/31");
  CHECK(Network::around("2001:db8::1/32").value().str() == "2001:db8::/32");
  CHECK(Network::around("::ffff:10.1.2.3/104").value().str() == "10.0.0.0/8");
  CHECK(Network::around("::ffff:10.1.2.3/95").value().str() == "::fffe:0:0/95");
  for (const auto* text : {"", "x", "10.0.0.1/33", "10.0.0.1/", "10.0.0.1/-1", "010.0.0.1", "::/129"}) {
    CHECK_MESSAGE(Network::around(text).error().reason == "network.malformed", text);
  }
}
