#include "gateway/catalogue/hot_products.hpp"

#include <doctest/doctest.h>

#include "engine/testing/random.hpp"

namespace souk {
namespace {

ProductId product(std::uint64_t n) {
  return {{7, n}};
}

constexpr Time kNow{1'800'000'000'000'000};

Time later(std::int64_t windows) {
  return Time{kNow.us + windows * HotProducts::kWindowUs};
}

}  // namespace

TEST_CASE("what is looked at most comes first") {
  HotProducts hot;
  CHECK(hot.top(10, kNow).empty());
  for (std::uint64_t n = 1; n <= 5; ++n) {
    for (std::uint64_t i = 0; i < n; ++i) hot.count(product(n), HotProducts::kLookedAt, kNow);
  }
  const auto top = hot.top(3, kNow);
  REQUIRE(top.size() == 3);
  CHECK((top[0].product == product(5)));
  CHECK(top[0].points == 5);
  CHECK((top[2].product == product(3)));
}

TEST_CASE("an order says more than a look") {
  HotProducts hot;
  for (int i = 0; i < 9; ++i) hot.count(product(1), HotProducts::kLookedAt, kNow);
  hot.count(product(2), HotProducts::kOrdered, kNow);
  CHECK((hot.top(1, kNow)[0].product == product(2)));
}

TEST_CASE("the frequent ones are found among a hundred thousand others") {
  HotProducts hot;
  testing::Random random(testing::seed_of_tests());
  INFO("SOUK_SEED=" << testing::seed_of_tests());
  // Ten products have a hundredth of all looks each.
  for (int i = 0; i < 300'000; ++i) {
    const bool is_frequent = random.one_in(10);
    const auto number = is_frequent ? random.below(10) : 1'000 + random.below(100'000);
    hot.count(product(number), HotProducts::kLookedAt, kNow);
  }
  const auto top = hot.top(10, kNow);
  REQUIRE(top.size() == 10);
  for (const auto& one : top) {
    CHECK(one.product.value.low < 10);
    CHECK(one.points > 2'400);
    CHECK(one.points < 3'300);
    CHECK(hot.is_hot(one.product));
  }
  CHECK(hot.share_of_ten(kNow) == doctest::Approx(0.1).epsilon(0.15));
}

TEST_CASE("what is over for an hour does not count") {
  HotProducts hot;
  hot.count(product(1), 100, kNow);
  hot.count(product(2), 1, later(5));
  CHECK((hot.top(1, later(5))[0].product == product(1)));
  CHECK((hot.top(1, later(6))[0].product == product(2)));
  CHECK(hot.top(10, later(20)).empty());
  hot.count(product(3), 1, later(20));
  CHECK(hot.top(10, later(20)).size() == 1);
}

TEST_CASE("points of several windows are added") {
  HotProducts hot;
  hot.count(product(1), 2, kNow);
  hot.count(product(1), 3, later(2));
  CHECK(hot.top(1, later(2))[0].points == 5);
}

TEST_CASE("what was hot is hot when a window begins, and not two windows later") {
  HotProducts hot;
  hot.count(product(1), 10, kNow);
  hot.count(product(2), 1, later(1));
  CHECK(hot.is_hot(product(1)));
  hot.count(product(2), 1, later(2));
  CHECK(!hot.is_hot(product(1)));
  CHECK(hot.is_hot(product(2)));
}

TEST_CASE("after a clock was set back, what is counted is of the time that it says") {
  HotProducts hot;
  hot.count(product(1), 10, later(9));
  hot.count(product(2), 1, kNow);
  CHECK(hot.top(10, kNow).size() == 1);
  CHECK((hot.top(1, kNow)[0].product == product(2)));
  CHECK(hot.top(10, later(6)).empty());
}

}  // namespace souk
