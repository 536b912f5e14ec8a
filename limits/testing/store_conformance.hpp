/// What every store of counters must do: the same cases for each of them.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "limits/counter_store.hpp"
#include "limits/testing/random_rules.hpp"

namespace souk::limits::testing {

/// A store whose clock a test owns.
struct StoreWorld {
  Standings ask(std::vector<Charge> charges) {
    std::promise<Standings> promise;
    store->charge(std::move(charges), [&](Standings said) { promise.set_value(std::move(said)); });
    return promise.get_future().get();
  }
  bool lets_in(const Charge& charge) {
    const auto said = ask({charge});
    REQUIRE(said.has_value());
    return judge(charge.rate, said->front()).outcome != Outcome::kRefused;
  }

  std::shared_ptr<std::atomic<std::int64_t>> now_us =
      std::make_shared<std::atomic<std::int64_t>>(1'764'000'000'000'000);
  std::unique_ptr<CounterStore> store;
};

inline Charge charge_of(std::uint64_t key, const Rule& rule) {
  return {Id128{0xABCDEF, key}, Rate::of(rule)};
}

inline Rule plain_rule(std::int64_t requests, std::int64_t period_ms, std::int64_t burst) {
  Rule rule;
  rule.id = "plain";
  rule.requests = requests;
  rule.period_ms = period_ms;
  rule.burst = burst;
  return rule;
}

/// Questions about several counters at once, against meters of our own, number for number.
inline void counts_as_meters_do(StoreWorld world) {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  std::vector<Rule> rules;
  std::vector<Charge> all;
  std::vector<Meter> meters(10);
  for (std::uint64_t i = 0; i < meters.size(); ++i) {
    rules.push_back(random_rate(random));
    all.push_back(charge_of(i, rules.back()));
  }
  for (int round = 0; round < 3'000; ++round) {
    *world.now_us += random_pause(random, rules[random.below(rules.size())]).us;
    if (random.one_in(200)) *world.now_us -= random.between(0, 400'000'000);
    const Time now{*world.now_us};
    std::vector<std::size_t> chosen;
    std::vector<Charge> charges;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!random.one_in(4)) continue;
      chosen.push_back(i);
      charges.push_back(all[i]);
    }
    if (chosen.empty()) continue;
    const auto said = world.ask(charges);
    REQUIRE(said.has_value());
    REQUIRE(said->size() == chosen.size());
    bool is_refused = false;
    std::vector<Standing> expected;
    for (const auto i : chosen) {
      expected.push_back(stand(all[i].rate, meters[i], now));
      is_refused = is_refused || judge(all[i].rate, expected.back()).outcome == Outcome::kRefused;
    }
    REQUIRE((*said == expected));
    for (std::size_t n = 0; n < chosen.size() && !is_refused; ++n) {
      meters[chosen[n]] = charge(all[chosen[n]].rate, expected[n], now);
    }
  }
}

inline void counts_exactly_at_the_limits(StoreWorld world) {
  Rule widest = plain_rule(999'983, kPeriodMsMax, 1'500);
  widest.wait_max_ms = kWaitMsMax;
  widest.warm_up_ms = kWarmUpMsMax;
  std::uint64_t key = 100;
  for (const auto& rule : {widest, plain_rule(1, kPeriodMsMax, 11), plain_rule(999'983, 1, kRequestsMax),
                           plain_rule(kRequestsMax, kPeriodMsMax, 1)}) {
    const Charge one = charge_of(++key, rule);
    Meter meter;
    for (int i = 0; i < 50; ++i) {
      *world.now_us += i * 777'777;
      const Standing expected = stand(one.rate, meter, Time{*world.now_us});
      const auto said = world.ask({one});
      REQUIRE(said.has_value());
      REQUIRE((said->front() == expected));
      if (judge(one.rate, expected).outcome != Outcome::kRefused) {
        meter = charge(one.rate, expected, Time{*world.now_us});
      }
    }
  }
}

inline void charges_all_or_none(StoreWorld world) {
  const Charge many = charge_of(1, plain_rule(1, 1'000'000, 5));
  const Charge few = charge_of(2, plain_rule(1, 1'000'000, 2));
  for (int i = 0; i < 20; ++i) REQUIRE(world.ask({many, few}).has_value());
  int let_in = 0;
  while (world.lets_in(many)) ++let_in;
  CHECK(let_in == 3);
}

inline void serves_many_callers(StoreWorld world) {
  const Charge one = charge_of(1, plain_rule(1, 1'000'000, 500));
  std::atomic<int> let_in{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 400; ++i) {
        world.store->charge({one}, [&](const Standings& said) {
          if (said && judge(one.rate, said->front()).outcome == Outcome::kAllowed) ++let_in;
          ++answered;
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  while (answered < 1'600) std::this_thread::yield();
  CHECK(let_in == 500);
}

}  // namespace souk::limits::testing
