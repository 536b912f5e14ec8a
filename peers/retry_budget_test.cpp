#include "peers/retry_budget.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

constexpr Time at(std::int64_t seconds) {
  return Time{seconds * 1'000'000};
}

int take_all(RetryBudget& budget, Time now) {
  int taken = 0;
  while (budget.take(now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("the reserve is there at first, and then a share of the requests") {
  RetryBudget budget({.percent = 20, .per_second_min = 0, .reserve = 10});
  CHECK(take_all(budget, at(1)) == 10);
  for (int i = 0; i < 4; ++i) budget.requested();
  CHECK(take_all(budget, at(1)) == 0);
  budget.requested();
  CHECK(take_all(budget, at(1)) == 1);
  for (int i = 0; i < 15; ++i) budget.requested();
  CHECK(take_all(budget, at(1)) == 3);
}

TEST_CASE("no more is saved than the reserve") {
  RetryBudget budget({.percent = 50, .per_second_min = 1, .reserve = 10});
  for (int i = 0; i < 1'000; ++i) budget.requested();
  CHECK(take_all(budget, at(1'000'000)) == 10);
}

TEST_CASE("time earns retries too, also for who asks seldom") {
  RetryBudget budget({.percent = 0, .per_second_min = 2, .reserve = 10});
  CHECK(take_all(budget, at(100)) == 10);
  CHECK(take_all(budget, at(101)) == 2);
  CHECK_FALSE(budget.take(Time{101'499'999}));
  CHECK(budget.take(Time{101'500'000}));
}

TEST_CASE("a clock that goes back earns nothing") {
  RetryBudget budget({.percent = 0, .per_second_min = 1, .reserve = 5});
  CHECK(take_all(budget, at(100)) == 5);
  CHECK(take_all(budget, at(50)) == 0);
  CHECK(take_all(budget, at(100)) == 0);
  CHECK(take_all(budget, at(101)) == 1);
}
