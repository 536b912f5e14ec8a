#include "permissions/glob.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace souk::permissions;

TEST_CASE("a star and a question mark stand for anything but a slash") {
  CHECK(matches_glob("/foo/bar", "/foo/*"));
  CHECK(matches_glob("/foo/", "/foo/*"));
  CHECK_FALSE(matches_glob("/foo/bar/baz", "/foo/*"));
  CHECK(matches_glob("/foo/bar/baz", "/*/*/*"));
  CHECK(matches_glob("report.txt", "*.txt"));
  CHECK_FALSE(matches_glob("report.text", "*.txt"));
  CHECK(matches_glob("axxbxxc", "a*b*c"));
  CHECK(matches_glob("a茶c", "a?c"));
  CHECK_FALSE(matches_glob("a/c", "a?c"));
  CHECK(matches_glob("", "**"));
  CHECK_FALSE(matches_glob("", "?"));
}

TEST_CASE("a set stands for one of its characters") {
  CHECK(matches_glob("b", "[a-c]"));
  CHECK(matches_glob("茶", "[龙茶]"));
  CHECK(matches_glob("d", "[!a-c]"));
  CHECK(matches_glob("d", "[^a-c]"));
  CHECK_FALSE(matches_glob("b", "[!a-c]"));
  CHECK_FALSE(matches_glob("/", "[!a]"));
  CHECK(matches_glob("-", "[a-]"));
  CHECK(matches_glob("]", "[\\]]"));
}

TEST_CASE("a backslash takes the meaning of what follows") {
  CHECK(matches_glob("a*", "a\\*"));
  CHECK_FALSE(matches_glob("ab", "a\\*"));
  CHECK(matches_glob("a\\", "a\\"));
}

TEST_CASE("a set that does not end matches nothing") {
  CHECK_FALSE(matches_glob("a", "[a"));
  CHECK_FALSE(matches_glob("[a", "[a"));
  CHECK_FALSE(matches_glob("a", "[a\\"));
}

TEST_CASE("many stars take no more time than the product of both lengths") {
  std::string pattern;
  for (int i = 0; i < 300; ++i) pattern += "*a";
  CHECK_FALSE(matches_glob(std::string(20'000, 'a') + "b", pattern));
}
