#include "permissions/key_pattern.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine/testing/random.hpp"
#include "permissions/text_hash.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

bool matched(PatternKind kind, std::string_view key, std::string_view pattern) {
  const auto regex = prepare(kind, pattern);
  REQUIRE_MESSAGE(regex.has_value(), pattern);
  return matches(kind, key, pattern, regex->get());
}

std::string got(PatternKind kind, std::string_view key, std::string_view pattern, std::string_view name) {
  const auto regex = prepare(kind, pattern);
  REQUIRE(regex.has_value());
  return std::string(key_get(kind, key, pattern, name, regex->get()));
}

bool is_plain(PatternKind kind, std::string_view pattern) {
  return prepare(kind, pattern).value() == nullptr;
}

}  // namespace

TEST_CASE("keyMatch lets a star stand for whatever follows, and looks no further") {
  CHECK(matched(PatternKind::kKeyMatch, "/foo/bar", "/foo/*"));
  CHECK(matched(PatternKind::kKeyMatch, "/foo/", "/foo/*"));
  CHECK(matched(PatternKind::kKeyMatch, "/foo/x", "/foo/*/never/compared"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch, "/foo", "/foo/*"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch, "/foo/bar", "/foo"));
  CHECK(matched(PatternKind::kKeyMatch, "/foo", "/foo"));
}

TEST_CASE("keyMatch2 lets a name behind a colon stand for one segment") {
  CHECK(matched(PatternKind::kKeyMatch2, "/orders/7", "/orders/:id"));
  CHECK(matched(PatternKind::kKeyMatch2, "/orders/7/lines/2", "/orders/:id/lines/:line"));
  CHECK(matched(PatternKind::kKeyMatch2, "/orders/7/lines", "/orders/:id/*"));
  CHECK(matched(PatternKind::kKeyMatch2, "anything", "*"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch2, "/orders/", "/orders/:id"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch2, "/orders/7/lines", "/orders/:id"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch2, "/orders", "/orders/*"));
}

TEST_CASE("keyMatch3 and keyMatch5 let a name in braces stand for one segment") {
  for (const auto kind : {PatternKind::kKeyMatch3, PatternKind::kKeyMatch5}) {
    CHECK(matched(kind, "/orders/7/lines/2", "/orders/{id}/lines/{line}"));
    CHECK(matched(kind, "/proj_7_admin/", "/proj_{id}_admin/"));
    CHECK_FALSE(matched(kind, "/orders/7/lines", "/orders/{id}"));
  }
}

TEST_CASE("keyMatch4 wants the same for the same name") {
  CHECK(matched(PatternKind::kKeyMatch4, "/parent/123/child/123", "/parent/{id}/child/{id}"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch4, "/parent/123/child/456", "/parent/{id}/child/{id}"));
  CHECK(matched(PatternKind::kKeyMatch4, "/parent/123/child/456", "/parent/{id}/child/{other}"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch4, "/x1z/2", "/x{id}z/{id}"));
  CHECK(matched(PatternKind::kKeyMatch4, "/x1z/1", "/x{id}z/{id}"));
}

TEST_CASE("keyMatch5 looks at nothing behind a question mark of the key") {
  CHECK(matched(PatternKind::kKeyMatch5, "/orders/7?status=1&of=/x", "/orders/{id}"));
  CHECK_FALSE(matched(PatternKind::kKeyMatch5, "/orders?/7", "/orders/{id}"));
}

TEST_CASE("regexMatch matches from the beginning on") {
  CHECK(matched(PatternKind::kRegexMatch, "/topic/create/123", "/topic/create"));
  CHECK_FALSE(matched(PatternKind::kRegexMatch, "/my/topic/create", "/topic/create"));
  CHECK(matched(PatternKind::kRegexMatch, "POST", "(GET)|(POST)"));
  CHECK_FALSE(matched(PatternKind::kRegexMatch, "/topic/create/123", "/topic/create$"));
}

TEST_CASE("keyGet gives what a placeholder stands for") {
  CHECK(got(PatternKind::kKeyGet, "/foo/bar/foo", "/foo/*", "") == "bar/foo");
  CHECK(got(PatternKind::kKeyGet, "/other", "/foo/*", "").empty());
  CHECK(got(PatternKind::kKeyGet2, "/orders/7/lines/2", "/orders/:id/lines/:line", "line") == "2");
  CHECK(got(PatternKind::kKeyGet2, "/orders/7", "/orders/:id", "line").empty());
  CHECK(got(PatternKind::kKeyGet3, "project/proj_1_admin/", "project/proj_{project}_admin/", "project") == "1");
}

TEST_CASE("only patterns that need one have a regular expression") {
  CHECK(is_plain(PatternKind::kKeyMatch2, "/orders/:id/lines/*"));
  CHECK(is_plain(PatternKind::kKeyMatch4, "/orders/{id}/{id}"));
  CHECK(is_plain(PatternKind::kRegexMatch, "GET"));
  CHECK(is_plain(PatternKind::kGlobMatch, "/[a-z]*"));
  CHECK_FALSE(is_plain(PatternKind::kKeyMatch2, "/files/a.b"));
  CHECK_FALSE(is_plain(PatternKind::kKeyMatch2, "/*/lines"));
  CHECK_FALSE(is_plain(PatternKind::kKeyMatch3, "/x{id}y"));
  CHECK_FALSE(is_plain(PatternKind::kRegexMatch, "GET|PUT"));
}

TEST_CASE("what is no pattern is refused") {
  for (const char* bad : {"/a(b", "/[a", "+a", "?a", "/a**"}) {
    const auto regex = prepare(PatternKind::kKeyMatch2, bad);
    REQUIRE_MESSAGE(!regex.has_value(), bad);
    CHECK(regex.error().reason == "permissions.rule_pattern");
  }
  CHECK_FALSE(prepare(PatternKind::kRegexMatch, "(?=a)").has_value());
  CHECK_FALSE(prepare(PatternKind::kRegexMatch, "((((a{100}){100}){100}){100})").has_value());
  CHECK_FALSE(prepare(PatternKind::kKeyMatch4, "/{id}(a)").has_value());
}

TEST_CASE("a pattern's beginning is that of every key that it matches") {
  const auto begins = [](PatternKind kind, std::string_view pattern, std::string_view text, bool whole) {
    const auto beginning = beginning_of(kind, pattern);
    CHECK_MESSAGE(beginning.text == text, pattern);
    CHECK_MESSAGE(beginning.whole == whole, pattern);
  };
  begins(PatternKind::kKeyMatch, "/a/b*", "/a/", false);
  begins(PatternKind::kKeyMatch2, "/a/b", "/a/b", true);
  begins(PatternKind::kKeyMatch2, "/a/:id/b", "/a/", false);
  begins(PatternKind::kKeyMatch2, "/a/*", "/a/", false);
  begins(PatternKind::kKeyMatch2, "/a/?b", "/", false);
  begins(PatternKind::kKeyMatch2, "/a/b|/c", "", false);
  begins(PatternKind::kKeyMatch3, "/a/{id}", "/a/", false);
  begins(PatternKind::kKeyMatch3, "/a/{2}", "/a/", false);
  begins(PatternKind::kRegexMatch, "^/a/.*", "/a/", false);
  begins(PatternKind::kRegexMatch, "/a/b", "/a/", false);
  begins(PatternKind::kRegexMatch, "/a/*", "/", false);
  begins(PatternKind::kRegexMatch, "(?i)/a/b", "", false);
  begins(PatternKind::kGlobMatch, "/a/[bc]", "/a/", false);
}

TEST_CASE("by chance: whatever a pattern matches begins as it says") {
  const auto seed = testing::seed_of_tests();
  INFO("SOUK_SEED=" << seed);
  testing::Random random(seed);
  const std::vector<std::string> parts = {"a",   "b", "/", "/",    "/*",  ":x", "{x}",
                                          "{x}", "?", "*", "[ab]", "a|b", ".",  "(a)"};
  const std::vector<std::string> keys = {"a", "b", "/", "/a", "ab", "//"};
  constexpr PatternKind kKinds[] = {PatternKind::kKeyMatch,  PatternKind::kKeyMatch2, PatternKind::kKeyMatch3,
                                    PatternKind::kKeyMatch4, PatternKind::kKeyMatch5, PatternKind::kRegexMatch,
                                    PatternKind::kGlobMatch};
  int matching = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string pattern = "/";
    std::string key = "/";
    for (auto i = random.below(6); i > 0; --i) pattern += random.pick(parts);
    for (auto i = random.below(6); i > 0; --i) key += random.pick(keys);
    const auto kind = kKinds[random.below(std::size(kKinds))];
    const auto regex = prepare(kind, pattern);
    if (!regex || !matches(kind, key, pattern, regex->get())) continue;
    ++matching;
    const auto beginning = beginning_of(kind, pattern);
    const bool begins = beginning.whole ? key == beginning.text : key.starts_with(beginning.text);
    REQUIRE_MESSAGE(begins, pattern << " " << key);
  }
  CHECK(matching > 500);
}
