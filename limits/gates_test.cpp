#include "limits/gates.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace souk;
using namespace souk::limits;

namespace {
constexpr Id128 kOne{1, 1};
constexpr Id128 kTwo{2, 2};
}  // namespace

TEST_CASE("so many come in, and the next when one has left") {
  const auto gates = std::make_shared<Gates>();
  std::vector<Hold> holds;
  for (int i = 0; i < 3; ++i) {
    holds.emplace_back(gates);
    CHECK(holds.back().enter(kOne, 3));
  }
  Hold late(gates);
  CHECK_FALSE(late.enter(kOne, 3));
  CHECK(late.enter(kTwo, 3));
  holds.pop_back();
  CHECK(late.enter(kOne, 3));
  CHECK(gates->inside(kOne) == 3);
}

TEST_CASE("a place is given back once, whoever holds it in the end") {
  const auto gates = std::make_shared<Gates>();
  {
    Hold first(gates);
    REQUIRE(first.enter(kOne, 9));
    Hold second(std::move(first));
    Hold third;
    third = std::move(second);
    CHECK(gates->inside(kOne) == 1);
    Hold other(gates);
    REQUIRE(other.enter(kOne, 9));
    third = std::move(other);
    CHECK(gates->inside(kOne) == 1);
    third.release();
    third.release();
    CHECK(gates->inside(kOne) == 0);
  }
  CHECK(gates->inside(kOne) == 0);
}

TEST_CASE("never are more inside than may be, from any thread") {
  const auto gates = std::make_shared<Gates>();
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        Hold hold(gates);
        if (!hold.enter(kOne, 2)) continue;
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(most >= 1);
  CHECK(most <= 2);
  CHECK(gates->inside(kOne) == 0);
}
