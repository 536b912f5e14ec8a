#include "limits/counter_table.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "limits/testing/random_rules.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;

namespace {

constexpr Time kStart{1'764'000'000'000'000};

Rate rate_of(std::int64_t requests, std::int64_t period_ms, std::int64_t burst) {
  Rule rule;
  rule.id = "test";
  rule.requests = requests;
  rule.period_ms = period_ms;
  rule.burst = burst;
  return Rate::of(rule);
}

Id128 key_of(std::uint64_t number) {
  souk::testing::Random random(number);
  const auto high = random.next();
  return {high, random.next()};
}

bool charge(CounterTable& table, const Rate& rate, const Id128& key, Time now) {
  const Asked asked{&rate, key, nullptr};
  Standing standing;
  return table.charge({&asked, 1}, now, {&standing, 1});
}

}  // namespace

TEST_CASE("each key has a counter of its own") {
  CounterTable table(1'024);
  const Rate rate = rate_of(1, 1'000, 2);
  for (std::uint64_t i = 0; i < 300; ++i) {
    CHECK(charge(table, rate, key_of(i), kStart));
    CHECK(charge(table, rate, key_of(i), kStart));
  }
  for (std::uint64_t i = 0; i < 300; ++i) CHECK_FALSE(charge(table, rate, key_of(i), kStart));
  CHECK(table.evicted_ever() == 0);
}

TEST_CASE("of several counters all are charged or none") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  CounterTable table(4'096);
  std::vector<Rule> rules;
  std::vector<Rate> rates;
  std::vector<LeakyBucket> buckets;
  std::vector<PinnedMeter> pinned(12);
  for (std::uint64_t i = 0; i < 12; ++i) {
    Rule rule = random_rate(random);
    rule.warm_up_ms = 0;
    rules.push_back(rule);
    rates.push_back(Rate::of(rule));
    buckets.emplace_back(rule);
  }
  Time now = kStart;
  for (int round = 0; round < 20'000; ++round) {
    now = now + random_pause(random, rules[random.below(rules.size())]);
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (random.one_in(4)) chosen.push_back(i);
    }
    std::vector<Asked> asked;
    for (const auto i : chosen) asked.push_back({&rates[i], key_of(i), i < 4 ? &pinned[i] : nullptr});
    std::vector<Standing> standings(asked.size());
    const bool charged = table.charge(asked, now, standings);
    auto after = buckets;
    bool expected = true;
    for (const auto i : chosen) expected = after[i].ask(now) && expected;
    REQUIRE(charged == expected);
    if (charged) buckets = after;
  }
}

TEST_CASE("what is given back can be asked for again") {
  CounterTable table(1'024);
  const Rate rate = rate_of(1, 1'000, 1);
  const Asked asked{&rate, key_of(1), nullptr};
  Standing standing;
  REQUIRE(table.charge({&asked, 1}, kStart, {&standing, 1}));
  REQUIRE_FALSE(charge(table, rate, key_of(1), kStart));
  table.give_back({&asked, 1}, {&standing, 1}, kStart, kStart);
  CHECK(charge(table, rate, key_of(1), kStart));
}

TEST_CASE("a flood of new keys takes no memory, and washes out nobody who owes more than they do") {
  CounterTable table(1'024);
  const std::size_t bytes = table.bytes();
  const Rate rate = rate_of(10, 1'000, 10);
  for (std::uint64_t i = 0; i < 20; ++i) {
    while (charge(table, rate, key_of(i), kStart)) {
    }
  }
  for (std::uint64_t i = 1'000; i < 201'000; ++i) CHECK(charge(table, rate, key_of(i), kStart));
  CHECK(table.bytes() == bytes);
  CHECK(table.evicted_ever() > 190'000);
  for (std::uint64_t i = 0; i < 20; ++i) CHECK_FALSE(charge(table, rate, key_of(i), kStart));
}

TEST_CASE("counters that are paid late leave room for those that are paid soon") {
  CounterTable table(1'024);
  const Rate late = rate_of(10, 86'400'000, 10);
  const Rate soon = rate_of(10, 60'000, 10);
  for (std::uint64_t i = 1'000; i < 101'000; ++i) charge(table, late, key_of(i), kStart);
  for (std::uint64_t i = 0; i < 20; ++i) {
    while (charge(table, soon, key_of(i), kStart)) {
    }
  }
  for (std::uint64_t i = 200'000; i < 300'000; ++i) charge(table, soon, key_of(i), kStart);
  for (std::uint64_t i = 0; i < 20; ++i) CHECK_FALSE(charge(table, soon, key_of(i), kStart));
}

TEST_CASE("counters that owe nothing any more make room without loss") {
  CounterTable table(1'024);
  const Rate rate = rate_of(10, 1'000, 10);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    charge(table, rate, key_of(i), Time{kStart.us + static_cast<std::int64_t>(i) * 10'000});
  }
  CHECK(table.evicted_ever() == 0);
}

TEST_CASE("threads that ask for the same counters let in no more than there is") {
  CounterTable table(1'024);
  const Rate rate = rate_of(1, 1'000'000, 1'000);
  PinnedMeter pinned;
  std::atomic<int> let_in{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2'000; ++i) {
        // In another order by each: the locks are taken in one all the same.
        std::array<Asked, 3> asked{Asked{&rate, key_of(1), nullptr}, Asked{&rate, key_of(2), nullptr},
                                   Asked{&rate, key_of(3), &pinned}};
        std::swap(asked[0], asked[static_cast<std::size_t>(t) % 3]);
        std::array<Standing, 3> standings;
        if (table.charge(asked, kStart, standings)) ++let_in;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(let_in == 1'000);
}
