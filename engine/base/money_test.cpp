#include "engine/base/money.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {
Money cny(std::int64_t amount) {
  return {amount, {}};
}
}  // namespace

TEST_CASE("amounts of one currency add up") {
  CHECK((add(cny(2), cny(-3)).value() == cny(-1)));
  CHECK((add(cny(kIntegerMax - 1), cny(1)).value() == cny(kIntegerMax)));
}

TEST_CASE("amounts of two currencies do not add up") {
  const auto sum = add(cny(1), Money{1, *Currency::parse("EUR")});
  REQUIRE(!sum);
  CHECK(sum.error().reason == "money.currency_mismatch");
}

TEST_CASE("a sum or a product beyond 2^53-1 is an error, not another amount") {
  for (const auto& result :
       {add(cny(kIntegerMax), cny(1)), add(cny(-kIntegerMax), cny(-1)), add(cny(INT64_MAX), cny(INT64_MAX)),
        multiply(cny(kIntegerMax), 2), multiply(cny(INT64_MAX), INT64_MAX), multiply(cny(3'037'000'500), 3'037'000'500),
        multiply(cny(-1), INT64_MIN)}) {
    REQUIRE(!result);
    CHECK(result.error().reason == "money.out_of_range");
  }
}

TEST_CASE("a price is multiplied by a quantity") {
  CHECK((multiply(cny(199), 3).value() == cny(597)));
  CHECK((multiply(cny(199), 0).value() == cny(0)));
}

TEST_CASE("a currency is three capital letters") {
  CHECK(Currency::parse("EUR")->str() == "EUR");
  for (const auto* bad : {"", "EU", "EURO", "eur", "E1R", "\xE2\x82\xAC"}) CHECK(!Currency::parse(bad));
}
