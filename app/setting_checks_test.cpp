#include "app/setting_checks.hpp"

#include <doctest/doctest.h>

namespace souk {

TEST_CASE("nodes of a search server are addresses with commas between them") {
  CHECK(parse_elasticsearch_urls("http://a:9200") == std::vector<std::string>{"http://a:9200"});
  CHECK(parse_elasticsearch_urls("http://a:9200/, https://b") ==
        std::vector<std::string>{"http://a:9200", "https://b"});
  for (const char* bad :
       {"", "a:9200", "http://", "http://a,", ",http://a", "ftp://a", "http://a:0", "http://a:65536", "http://a:x",
        "http://a:", "https://me:secret@a", "https://me@a", "http://a?x", "http://a#x", "http://a b"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_elasticsearch_urls(bad));
  }
}

TEST_CASE("an endpoint is a host and a port") {
  CHECK((parse_endpoint("127.0.0.1:8080") == Endpoint{"127.0.0.1", 8080}));
  CHECK((parse_endpoint("[::1]:0") == Endpoint{"::1", 0}));
  CHECK((parse_endpoint("shop.example:65535") == Endpoint{"shop.example", 65535}));
  for (const char* bad : {"", ":", "8080", ":8080", "a:", "a:65536", "a:-1", "a:+1", "a: 1", "a:1 ", "a:b", "::1:80",
                          "[::1]", "[]:1", "a b:1", "http://a:1", "[::1:80"}) {
    CAPTURE(bad);
    CHECK(!parse_endpoint(bad).has_value());
  }
}

TEST_CASE("an address has a port that one can connect to, and nobody's name or password") {
  for (const char* good :
       {"https://a", "http://a:1", "https://a.example:65535/path?query#part", "http://[::1]:9/", "http://[::1]"}) {
    CAPTURE(good);
    CHECK(setting_checks::http_address(good).empty());
  }
  for (const char* bad : {"", "a", "https://", "https:///path", "https://a:0", "https://a:65536/", "https://a:-1",
                          "https://a:", "https://me:secret@a/", "https://me@a", "ftp://a", "https://a b", "https://a\n",
                          "HTTPS://a", "http://::1"}) {
    CAPTURE(bad);
    CHECK_FALSE(setting_checks::http_address(bad).empty());
  }
  CHECK(setting_checks::http_address_or_none("").empty());
  CHECK_FALSE(setting_checks::http_address_or_none("https://me:secret@a").empty());
}

TEST_CASE("brokers are hosts with ports and have no scheme") {
  for (const char* good : {"", "a", "a:9092", "a:9092, b", "[::1]:9092,127.0.0.1:1"}) {
    CAPTURE(good);
    CHECK(setting_checks::brokers(good).empty());
  }
  for (const char* bad :
       {"http://a:9092", "PLAINTEXT://a:9092", "a,", ",a", "a:0", "a:65536", "a:x", "me@a:9092", "a b", "a:9092/"}) {
    CAPTURE(bad);
    CHECK_FALSE(setting_checks::brokers(bad).empty());
  }
}

TEST_CASE("kinds, types and faults are known ones, whether they are used or not") {
  for (const char* good : {"", "order", "order, stock", "order,"}) {
    CAPTURE(good);
    CHECK(setting_checks::kinds(good).empty());
  }
  CHECK(setting_checks::event_types("order.placed, order.paid").empty());
  CHECK(setting_checks::sandbox_faults("lost, doubled").empty());
  for (const char* bad : {"nonsense", "order nonsense", "order,nonsense", "\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK_FALSE(setting_checks::kinds(bad).empty());
    CHECK_FALSE(setting_checks::event_types(bad).empty());
    CHECK_FALSE(setting_checks::sandbox_faults(bad).empty());
  }
}

TEST_CASE("a topic is called as brokers let it be called") {
  CHECK(setting_checks::topic("souk.commands_1-x").empty());
  CHECK(setting_checks::topic("").empty());
  for (const char* bad : {".", "..", "a b", "a/b", "\xc3\xa4"}) {
    CAPTURE(bad);
    CHECK_FALSE(setting_checks::topic(bad).empty());
  }
  CHECK_FALSE(setting_checks::topic(std::string(201, 'a')).empty());
  CHECK(setting_checks::topic_prefix(".").empty());
}

}  // namespace souk
