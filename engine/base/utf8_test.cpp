#include "engine/base/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace souk;

TEST_CASE("characters are counted, not bytes") {
  CHECK(count_code_points("") == 0);
  CHECK(count_code_points("abc") == 3);
  CHECK(count_code_points("龙井茶") == 3);
  CHECK(count_code_points("\xC3\xA9\xF0\x9F\x8D\xB5") == 2);
  CHECK(count_code_points("\xF4\x8F\xBF\xBF") == 1);
}

TEST_CASE("text that is no UTF-8 has no count") {
  for (const auto* bad :
       {"\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", "\xE9\xBE",
        "\xE9\xBE"
        "a",
        "a\xC3"}) {
    CHECK(!count_code_points(bad));
  }
}

TEST_CASE("a line has no control characters, prose may have tabs and line ends") {
  CHECK(is_line_of("a b", 1, 3));
  CHECK(!is_line_of("a\nb", 1, 3));
  CHECK(!is_line_of("a\x7f", 1, 3));
  CHECK(!is_line_of("\xC2\x85", 1, 3));
  CHECK(!is_line_of(std::string_view("\0", 1), 1, 3));
  CHECK(is_prose_of("a\n\t\r", 1, 4));
  CHECK(!is_prose_of("a\x1b", 1, 4));
  CHECK(!is_prose_of("\xFF", 0, 4));
}

TEST_CASE("the limits of a line are inclusive") {
  CHECK(is_line_of("", 0, 0));
  CHECK(!is_line_of("", 1, 2));
  CHECK(is_line_of("茶茶", 2, 2));
  CHECK(!is_line_of("茶茶茶", 0, 2));
}

TEST_CASE("spaces around a text are seen, ideographic ones too") {
  CHECK(!has_outer_space(""));
  CHECK(!has_outer_space("a b"));
  CHECK(has_outer_space(" a"));
  CHECK(has_outer_space("a "));
  CHECK(has_outer_space("茶\xE3\x80\x80"));
}
