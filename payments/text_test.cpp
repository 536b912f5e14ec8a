#include <doctest/doctest.h>

#include "payments/base64.hpp"
#include "payments/decimal.hpp"
#include "payments/form.hpp"
#include "payments/provider.hpp"
#include "payments/qr_png.hpp"

using namespace souk;

TEST_CASE("B12: amounts are read to the last cent, also where a float has lost them") {
  CHECK(parse_decimal("131072.01") == 13'107'201);
  CHECK(parse_decimal("0.01") == 1);
  CHECK(parse_decimal("12") == 1'200);
  CHECK(parse_decimal("12.3") == 1'230);
  CHECK(parse_decimal("90071992547409.91") == 9'007'199'254'740'991);
  CHECK(decimal_text(13'107'201) == "131072.01");
  CHECK(decimal_text(5) == "0.05");
  CHECK(decimal_text(-1'230) == "-12.30");
  for (const std::int64_t minor : {0L, 1L, 99L, 100L, 16'777'217L, 9'007'199'254'740'991L}) {
    CHECK(parse_decimal(decimal_text(minor)) == minor);
  }
}

TEST_CASE("what is no amount is none") {
  for (const auto* text : {"", ".", "1.", ".5", "1.234", "1,5", "1e3", "+1", "-1", " 1", "1 ", "0x10", "1.-1",
                           "90071992547409.92", "999999999999999"}) {
    CHECK_MESSAGE(!parse_decimal(text), text);
  }
  CHECK(parse_decimal("-1.05", true) == -105);
  CHECK_FALSE(parse_decimal("--1", true));
}

TEST_CASE("forms survive being written and read") {
  const Form form{{"a", "1 + 1 = 2 & more"}, {"b", "汉字"}, {"empty", ""}};
  const auto read = decode_form(encode_form(form));
  REQUIRE(read);
  CHECK(*read == form);
  CHECK(text_to_sign(form, true) == "a=1 + 1 = 2 & more&b=汉字");
  CHECK(text_to_sign(form, false).ends_with("&empty="));
}

TEST_CASE("a form that can be read in two ways is refused") {
  CHECK_FALSE(decode_form("a=1&a=2"));
  CHECK_FALSE(decode_form("a=%4"));
  CHECK_FALSE(decode_form("a=%zz"));
  CHECK(decode_form("a=%41&b")->at("a") == "A");
  std::string many;
  for (int i = 0; i < 129; ++i) many += "f" + std::to_string(i) + "=&";
  CHECK_FALSE(decode_form(many));
}

TEST_CASE("base 64 with padding, line ends and without sense") {
  CHECK(base64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  CHECK(parse_base64("YW55IGNhcm5h\nbCBwbGVhcw==") == "any carnal pleas");
  CHECK(parse_base64("YW55") == "any");
  CHECK_FALSE(parse_base64("YW5"));
  CHECK_FALSE(parse_base64("YW5$"));
}

TEST_CASE("a day of another calendar begins when it begins there") {
  const auto day = Day::parse("2026-11-23", Duration::seconds(8 * 3'600));
  REQUIRE(day);
  CHECK(day->begins.str() == "2026-11-22T16:00:00.000000Z");
  CHECK(day->ends.str() == "2026-11-23T16:00:00.000000Z");
  CHECK(day->previous().text == "2026-11-22");
  CHECK(day->previous().ends == day->begins);
  CHECK_FALSE(Day::parse("2026-02-30", {}));
  CHECK_FALSE(Day::parse("2026-2-3", {}));
}

TEST_CASE("a code's picture is a PNG, and too long a text has none") {
  const auto png = qr_png("https://qr.alipay.com/bax00001");
  REQUIRE(png);
  CHECK(png->starts_with("\x89PNG\r\n\x1a\n"));
  CHECK_FALSE(qr_png(""));
  CHECK_FALSE(qr_png(std::string(2'332, 'x')));
  CHECK(qr_png(std::string(2'331, 'x')));
}
