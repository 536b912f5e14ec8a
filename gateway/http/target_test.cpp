#include "gateway/http/target.hpp"

#include <doctest/doctest.h>

using souk::http::Target;

namespace {

bool is_refused(std::string_view text) {
  Target target;
  const auto parsed = target.parse(text);
  return !parsed && parsed.error().reason == "request.bad_target";
}

}  // namespace

TEST_CASE("a path is taken apart into decoded segments") {
  Target target;
  REQUIRE(target.parse("/api/v1/caf%C3%A9/a%20b"));
  REQUIRE(target.segment_count() == 4);
  CHECK(target.segment(0) == "api");
  CHECK(target.segment(2) == "caf\xC3\xA9");
  CHECK(target.segment(3) == "a b");
  CHECK(target.path() == "/api/v1/caf%C3%A9/a%20b");
}

TEST_CASE("a trailing slash and a doubled slash leave empty segments that match nothing else") {
  Target target;
  REQUIRE(target.parse("/a/"));
  CHECK(target.segment_count() == 2);
  CHECK(target.segment(1).empty());
  REQUIRE(target.parse("//a"));
  CHECK(target.segment_count() == 2);
  CHECK(target.segment(0).empty());
}

TEST_CASE("percent-encoding is decoded once only") {
  Target target;
  REQUIRE(target.parse("/%252e%252e"));
  CHECK(target.segment(0) == "%2e%2e");
}

TEST_CASE("spellings that hide a separator, a control character or a way up are refused") {
  for (const char* text :
       {"/a%2Fb", "/a%2fb", "/a%00", "/a%0d%0aX", "/a%7f", "/./a", "/a/..", "/%2e%2e/a", "/a/%2E", "/.%2e"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
  }
}

TEST_CASE("what is no path in ASCII is refused") {
  for (const char* text :
       {"", "*", "a", "/a b", "/a\x80", "/a#b", "/%", "/%4", "/%zz", "/a?x=%4", "/a?%zz=1", "/a\tb"}) {
    CAPTURE(text);
    CHECK(is_refused(text));
  }
}

TEST_CASE("a path of too many segments is refused") {
  std::string text;
  for (std::size_t i = 0; i < Target::kSegmentsMax; ++i) text += "/a";
  Target target;
  CHECK(target.parse(text));
  CHECK(is_refused(text + "/a"));
}

TEST_CASE("query parameters are decoded, in order, with duplicates kept") {
  Target target;
  REQUIRE(target.parse("/s?q=a+b%2B&limit=20&&flag&q=%E7%BA%A2&e="));
  const auto& query = target.query_parameters();
  REQUIRE(query.size() == 5);
  CHECK(query[0].value == "a b+");
  CHECK(query[2].name == "flag");
  CHECK(query[2].value.empty());
  CHECK(query[3].value == "\xE7\xBA\xA2");
  CHECK(target.path() == "/s");
}

TEST_CASE("a query parameter is absent, there once, or refused for being there twice") {
  Target target;
  REQUIRE(target.parse("/s?q=a&limit=20&q=b"));
  CHECK(target.query("limit")->value() == "20");
  CHECK_FALSE(target.query("cursor")->has_value());
  REQUIRE_FALSE(target.query("q"));
  CHECK(target.query("q").error().reason == "query.duplicate");
}

TEST_CASE("a query of too many parameters is refused") {
  std::string text = "/s?";
  for (std::size_t i = 0; i <= Target::kQueryParametersMax; ++i) text += "a=1&";
  CHECK(is_refused(text));
}
