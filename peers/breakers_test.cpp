#include "peers/breakers.hpp"

#include <doctest/doctest.h>

using namespace souk;
using State = CircuitBreaker::State;

TEST_CASE("breakers are found and forced by their names") {
  constexpr Time kNow{1'000'000};
  CircuitBreaker search({});
  CircuitBreaker payments({});
  Breakers breakers;
  breakers.add("search", search);
  breakers.add("payments", payments);

  CHECK(breakers.force("payments", BreakerForce::kOpen, kNow));
  CHECK_FALSE(payments.admit(kNow).has_value());
  CHECK(search.admit(kNow).has_value());
  const auto all = breakers.all(kNow);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "search");
  CHECK_FALSE(all[0].is_forced);
  CHECK(all[1].state == State::kOpen);
  CHECK(all[1].is_forced);
  CHECK(all[1].refused == 1);

  CHECK(breakers.force("payments", BreakerForce::kNone, kNow));
  CHECK(breakers.find("payments", kNow)->state == State::kHalfOpen);
  CHECK(breakers.force("payments", BreakerForce::kClosed, kNow));
  CHECK(breakers.find("payments", kNow)->state == State::kClosed);
  CHECK_FALSE(breakers.force("nobody", BreakerForce::kOpen, kNow));
  CHECK_FALSE(breakers.find("nobody", kNow).has_value());
}
