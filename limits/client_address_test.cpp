#include "limits/client_address.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::limits;

namespace {

const NetworkList& proxies() {
  static const NetworkList list({Network::parse("10.0.0.0/8").value(), Network::parse("2001:db8:1::/48").value()});
  return list;
}

std::string client(std::string_view peer, ForwardedHeader header, std::vector<std::string_view> values) {
  return client_address(Address::parse(peer).value(), proxies(), header, values).str();
}
std::string by_list(std::string_view peer, std::vector<std::string_view> values) {
  return client(peer, ForwardedHeader::kXForwardedFor, std::move(values));
}
std::string by_standard(std::string_view peer, std::vector<std::string_view> values) {
  return client(peer, ForwardedHeader::kForwarded, std::move(values));
}

}  // namespace

TEST_CASE("a connection that is no proxy's is believed nothing") {
  CHECK(by_list("192.0.2.1", {"198.51.100.7"}) == "192.0.2.1");
  CHECK(by_standard("192.0.2.1", {"for=198.51.100.7"}) == "192.0.2.1");
  CHECK(by_list("2001:db8:2::1", {"198.51.100.7"}) == "2001:db8:2::1");
}

TEST_CASE("the first from the right that is no proxy is the client, whatever it wrote itself") {
  CHECK(by_list("10.0.0.1", {"198.51.100.7"}) == "198.51.100.7");
  CHECK(by_list("10.0.0.1", {"1.1.1.1, 198.51.100.7, 10.0.0.2,10.0.0.3"}) == "198.51.100.7");
  CHECK(by_list("10.0.0.1", {"10.9.9.9, 198.51.100.7"}) == "198.51.100.7");
  CHECK(by_list("10.0.0.1", {"1.1.1.1", "198.51.100.7", "10.0.0.2"}) == "198.51.100.7");
  CHECK(by_list("2001:db8:1::5", {"2001:db8:9::1"}) == "2001:db8:9::1");
  CHECK(by_list("::ffff:10.0.0.1", {"::ffff:198.51.100.7"}) == "198.51.100.7");
}

TEST_CASE("what is left of the client is not read, so it may be anything") {
  CHECK(by_list("10.0.0.1", {"rubbish \", ;;, 198.51.100.7"}) == "198.51.100.7");
  CHECK(by_standard("10.0.0.1", {"for=\"unfinished", "for=198.51.100.7"}) == "198.51.100.7");
}

TEST_CASE("ports and brackets are part of an entry and not of the address") {
  CHECK(by_list("10.0.0.1", {"198.51.100.7:4711"}) == "198.51.100.7");
  CHECK(by_list("10.0.0.1", {"[2001:db8:9::1]:4711"}) == "2001:db8:9::1");
  CHECK(by_list("10.0.0.1", {"[2001:db8:9::1]"}) == "2001:db8:9::1");
  CHECK(by_standard("10.0.0.1", {"for=\"198.51.100.7:80\";proto=https"}) == "198.51.100.7");
  CHECK(by_standard("10.0.0.1", {"proto=http;For=\"[2001:db8:9::1]:80\" , for=10.1.1.1"}) == "2001:db8:9::1");
  CHECK(by_standard("10.0.0.1", {"by=10.0.0.1;for=198.51.100.7;host=\"a,b;c\""}) == "198.51.100.7");
}

TEST_CASE("what is malformed where it is reached is not believed: the connection's own address counts") {
  for (const auto* value : {"unknown", "_hidden", "198.51.100", "198.51.100.7:", "198.51.100.7:x",
                            "198.51.100.7:123456", "[198.51.100.7]", "[2001:db8::1", "[2001:db8::1]x", "2001:db8::1]",
                            "198.51.100.7 1.1.1.1", "\"198.51.100.7\"", "for=198.51.100.7"}) {
    CHECK_MESSAGE(by_list("10.0.0.1", {value}) == "10.0.0.1", value);
    CHECK_MESSAGE(by_list("10.0.0.1", {"198.51.100.7", value, "10.0.0.2"}) == "10.0.0.1", value);
  }
  for (const auto* value : {"for=unknown", "for=\"_hidden\"", "for=2001:db8::1", "for=198.51.100.7:80", "198.51.100.7",
                            "proto=https", "for=198.51.100.7;for=1.1.1.1", "for=", "for", "for=\"198.51.100.7"}) {
    CHECK_MESSAGE(by_standard("10.0.0.1", {value}) == "10.0.0.1", value);
  }
}

TEST_CASE("only proxies on the way: the farthest is the client") {
  CHECK(by_list("10.0.0.1", {"10.0.0.3, 10.0.0.2"}) == "10.0.0.3");
  CHECK(by_list("10.0.0.1", {}) == "10.0.0.1");
  CHECK(by_list("10.0.0.1", {""}) == "10.0.0.1");
  CHECK(by_list("10.0.0.1", {"198.51.100.7, , ,"}) == "198.51.100.7");
}

TEST_CASE("only the header that the proxies write is read") {
  CHECK(by_standard("10.0.0.1", {"198.51.100.7"}) == "10.0.0.1");
}

TEST_CASE("a way that is too long is not walked to its end") {
  std::string way = "198.51.100.7";
  for (std::size_t i = 0; i + 1 < kForwardedMax; ++i) way += ",10.0.0.2";
  CHECK(by_list("10.0.0.1", {way}) == "198.51.100.7");
  CHECK(by_list("10.0.0.1", {way + ",10.0.0.2"}) == "10.0.0.1");
}
