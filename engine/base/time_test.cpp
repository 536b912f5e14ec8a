#include "engine/base/time.hpp"

#include <doctest/doctest.h>

using namespace souk;

TEST_CASE("a time is written with six decimals in UTC") {
  CHECK(Time{0}.str() == "1970-01-01T00:00:00.000000Z");
  CHECK(Time{1'795'419'106'000'001}.str() == "2026-11-23T07:31:46.000001Z");
  CHECK(Time{-1}.str() == "1969-12-31T23:59:59.999999Z");
  CHECK(Time{-62'135'596'800'000'000}.str() == "0001-01-01T00:00:00.000000Z");
  CHECK(Time{253'402'300'799'999'999}.str() == "9999-12-31T23:59:59.999999Z");
}

TEST_CASE("a time survives its text") {
  for (const std::int64_t us :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1'795'419'106'000'001}, std::int64_t{-62'135'596'800'000'000},
        std::int64_t{253'402'300'799'999'999}, std::int64_t{951'782'400'000'000}}) {
    const auto parsed = Time::parse(Time{us}.str());
    REQUIRE(parsed);
    CHECK(parsed->us == us);
  }
}

TEST_CASE("only the canonical text is a time") {
  for (const auto* bad : {"", "2026-11-23T07:31:46Z", "2026-11-23T07:31:46.000001+00:00", "2026-11-23 07:31:46.000001Z",
                          "2026-11-23t07:31:46.000001z", "2026-02-29T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
                          "2026-00-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z", "2026-01-32T00:00:00.000000Z",
                          "2026-11-23T24:00:00.000000Z", "2026-11-23T23:60:00.000000Z", "2026-11-23T23:59:60.000000Z",
                          "0000-01-01T00:00:00.000000Z", "2026-11-23T07:31:46.00000-Z", "-026-11-23T07:31:46.000001Z",
                          "2026-11-23T07:31:46.0000011Z"}) {
    CHECK_MESSAGE(!Time::parse(bad), std::string(bad));
  }
  CHECK(Time::parse("2028-02-29T00:00:00.000000Z"));
}

TEST_CASE("a time in a query may leave out its end") {
  const auto whole = Time::parse("2026-11-23T07:31:46.120000Z");
  CHECK((Time::parse_abridged("2026-11-23T07:31:46.120000Z") == whole));
  CHECK((Time::parse_abridged("2026-11-23T07:31:46.12Z") == whole));
  CHECK((Time::parse_abridged("2026-11-23T07:31:46Z") == Time::parse("2026-11-23T07:31:46.000000Z")));
  CHECK((Time::parse_abridged("2026-11-23") == Time::parse("2026-11-23T00:00:00.000000Z")));
  for (const char* text :
       {"", "Z", "2026-11", "2026-11-23Z", "2026-11-23T07Z", "2026-11-23T07:31Z", "2026-11-23T07:31:46",
        "2026-11-23T07:31:46.Z", "2026-11-23T07:31:46.1234567Z", "2026-02-30", "2026-11-23T07:31:46+00"}) {
    CHECK_MESSAGE(!Time::parse_abridged(text), text);
  }
}

TEST_CASE("times and spans add up") {
  CHECK((Time{5} + Duration::milliseconds(2) == Time{2'005}));
  CHECK((Time{5'000'005} - Time{5} == Duration::seconds(5)));
  CHECK((Duration::minutes(10) == Duration::seconds(600)));
  CHECK((Time{1} < Time{2}));
}
