#include "limits/rate.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "limits/testing/random_rules.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;

namespace {

constexpr Time kStart{1'764'000'000'000'000};

Rule rule_of(std::int64_t requests, std::int64_t period_ms, std::int64_t burst) {
  Rule rule;
  rule.id = "test";
  rule.requests = requests;
  rule.period_ms = period_ms;
  rule.burst = burst;
  return rule;
}

/// A meter with its rate, asked at times that a test says.
struct Asker {
  explicit Asker(const Rule& rule) : rate(Rate::of(rule)) {}

  Reading ask(Time now) {
    const Standing standing = stand(rate, meter, now);
    const Reading reading = judge(rate, standing);
    if (reading.outcome != Outcome::kRefused) meter = charge(rate, standing, now);
    return reading;
  }
  bool lets_in(Time now) { return ask(now).outcome == Outcome::kAllowed; }

  Rate rate;
  Meter meter;
};

}  // namespace

TEST_CASE("a burst is let in at once, and then one each time that one is earned") {
  Asker asker(rule_of(10, 1'000, 3));
  CHECK(asker.ask(kStart).remaining == 2);
  CHECK(asker.ask(kStart).remaining == 1);
  CHECK(asker.ask(kStart).remaining == 0);
  const auto refused = asker.ask(kStart);
  CHECK(refused.outcome == Outcome::kRefused);
  CHECK(refused.retry_after == Duration::milliseconds(100));
  CHECK(refused.reset == Duration::milliseconds(300));
  CHECK_FALSE(asker.lets_in(Time{kStart.us + 99'999}));
  CHECK(asker.lets_in(Time{kStart.us + 100'000}));
  CHECK_FALSE(asker.lets_in(Time{kStart.us + 100'000}));
}

TEST_CASE("what is refused is not charged") {
  Asker asker(rule_of(1, 1'000, 1));
  CHECK(asker.lets_in(kStart));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(asker.lets_in(kStart + Duration::milliseconds(i)));
  CHECK(asker.lets_in(kStart + Duration::seconds(1)));
}

TEST_CASE("a rate that is no whole number of microseconds does not drift in a million periods") {
  // With a second one in hand nothing is lost by coming a part of a microsecond late.
  Asker asker(rule_of(3, 1'000, 2));
  std::int64_t let_in = 0;
  std::int64_t at = kStart.us;
  const std::int64_t end = kStart.us + 1'000'000LL * 1'000'000;
  while (at < end) {
    const auto reading = asker.ask(Time{at});
    if (reading.outcome == Outcome::kAllowed) {
      ++let_in;
    } else {
      at += reading.retry_after.us;
    }
  }
  CHECK(let_in == 3'000'000 + 1);
}

TEST_CASE("asking again after `retry_after` is let in, and a microsecond sooner is not") {
  for (const auto& rule :
       {rule_of(3, 1'000, 2), rule_of(7, 10, 1), rule_of(999'983, 1'000, 5), rule_of(1, 86'400'000, 1)}) {
    Asker asker(rule);
    while (asker.lets_in(kStart)) {
    }
    const auto wait = asker.ask(kStart).retry_after;
    CHECK(wait.us > 0);
    CHECK_FALSE(asker.lets_in(Time{kStart.us + wait.us - 1}));
    CHECK(asker.lets_in(kStart + wait));
  }
}

TEST_CASE("it decides as a leaky bucket that counts in 128 bits") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (int round = 0; round < 300; ++round) {
    Rule rule = random_rate(random);
    rule.warm_up_ms = 0;
    Asker asker(rule);
    LeakyBucket bucket(rule);
    Time now = kStart;
    for (int i = 0; i < 300; ++i) {
      now = now + random_pause(random, rule);
      const auto reading = asker.ask(now);
      REQUIRE((reading.outcome != Outcome::kRefused) == bucket.ask(now));
      if (reading.outcome == Outcome::kRefused) continue;
      REQUIRE(reading.wait.us == bucket.wait_us());
      REQUIRE(reading.remaining == bucket.remaining());
    }
  }
}

TEST_CASE("in no stretch of time are more let in than a burst and what is earned in it") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (int round = 0; round < 50; ++round) {
    Rule rule = random_rate(random);
    rule.wait_max_ms = 0;
    Asker asker(rule);
    std::vector<std::int64_t> let_in;
    Time now = kStart;
    for (int i = 0; i < 300; ++i) {
      now = now + random_pause(random, rule);
      if (asker.lets_in(now)) let_in.push_back(now.us);
    }
    for (std::size_t from = 0; from < let_in.size(); ++from) {
      for (std::size_t to = from; to < let_in.size(); ++to) {
        const auto earned = (let_in[to] - let_in[from]) * rule.requests / (rule.period_ms * 1'000);
        REQUIRE(static_cast<std::int64_t>(to - from + 1) <= rule.burst + earned);
      }
    }
  }
}

TEST_CASE("a request that is paced is told to wait for its turn, up to the bound") {
  Rule rule = rule_of(10, 1'000, 1);
  rule.wait_max_ms = 250;
  Asker asker(rule);
  CHECK(asker.lets_in(kStart));
  for (const std::int64_t wait_ms : {100, 200}) {
    const auto reading = asker.ask(kStart);
    CHECK(reading.outcome == Outcome::kWait);
    CHECK(reading.wait == Duration::milliseconds(wait_ms));
  }
  const auto refused = asker.ask(kStart);
  CHECK(refused.outcome == Outcome::kRefused);
  CHECK(refused.retry_after == Duration::milliseconds(50));
  CHECK(asker.ask(kStart + refused.retry_after).wait == Duration::milliseconds(250));
}

TEST_CASE("after idleness a third of the rate is let in, which grows to all of it") {
  Rule rule = rule_of(300, 1'000, 1);
  rule.warm_up_ms = 10'000;
  Asker asker(rule);
  const auto in_second = [&](std::int64_t second) {
    int let_in = 0;
    for (std::int64_t us = 0; us < 1'000'000; us += 100) {
      let_in += asker.lets_in(kStart + Duration{second * 1'000'000 + us}) ? 1 : 0;
    }
    return let_in;
  };
  int before = in_second(0);
  CHECK(before >= 100);
  CHECK(before <= 110);
  for (std::int64_t second = 1; second < 12; ++second) {
    const int now = in_second(second);
    CHECK(now >= before);
    before = now;
  }
  CHECK(before >= 290);
  CHECK(before <= 301);
  CHECK(in_second(40) <= 110);
}

TEST_CASE("a burst of one pays for a cold request") {
  Rule rule = rule_of(1, 1'000, 1);
  rule.warm_up_ms = 5'000;
  Asker asker(rule);
  CHECK(asker.lets_in(kStart));
  CHECK_FALSE(asker.lets_in(kStart + Duration::milliseconds(1'500)));
  CHECK(asker.lets_in(kStart + Duration::seconds(3)));
}

TEST_CASE("a clock that goes back costs no more than a full burst does") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (int round = 0; round < 300; ++round) {
    const Rule rule = random_rate(random);
    Asker asker(rule);
    while (asker.ask(kStart).outcome != Outcome::kRefused) {
    }
    const Duration longest = asker.ask(kStart).reset;
    const Time before{kStart.us - random.between(0, 1'000'000'000'000'000)};
    const auto refused = asker.ask(before);
    CHECK(refused.retry_after <= longest);
    CHECK(asker.ask(before + longest).outcome != Outcome::kRefused);
  }
}

TEST_CASE("no time is too early or too late, and no rule too large") {
  const auto far = std::numeric_limits<std::int64_t>::max();
  const auto first = std::numeric_limits<std::int64_t>::min();
  Rule widest = rule_of(kRequestsMax, kPeriodMsMax, 1);
  widest.wait_max_ms = kWaitMsMax;
  widest.warm_up_ms = kWarmUpMsMax;
  for (const auto& rule : {widest, rule_of(999'983, kPeriodMsMax, 1'500), rule_of(1, kPeriodMsMax, 11),
                           rule_of(999'983, 1, kRequestsMax)}) {
    REQUIRE(validate(rule).has_value());
    Asker asker(rule);
    for (const std::int64_t at : {first, std::int64_t{-1}, std::int64_t{0}, far, first, far, kStart.us}) {
      const auto reading = asker.ask(Time{at});
      CHECK(reading.reset.us >= 0);
      CHECK(reading.remaining >= 0);
      CHECK(reading.retry_after.us >= 0);
    }
  }
}

TEST_CASE("what is given back was never asked for") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (int round = 0; round < 300; ++round) {
    Rule rule = random_rate(random);
    rule.warm_up_ms = 0;
    Asker asker(rule);
    Asker other(rule);
    Time now = kStart;
    for (int i = 0; i < 50; ++i) {
      now = now + random_pause(random, rule);
      REQUIRE(asker.ask(now) == other.ask(now));
      const Standing standing = stand(other.rate, other.meter, now);
      other.meter = charge(other.rate, standing, now);
      other.meter = give_back(other.rate, other.meter, standing, now, now);
    }
  }
}

TEST_CASE("of a charge that is given back late what time has paid is lost, and nobody else's charge with it") {
  const Rate rate = Rate::of(rule_of(1, 1'000, 10));
  const auto charged_at = [&](Meter& meter, std::int64_t ms) {
    const Time now{kStart.us + ms * 1'000};
    const Standing standing = stand(rate, meter, now);
    meter = charge(rate, standing, now);
    return std::pair{standing, now};
  };
  const auto debt_after = [&](std::int64_t second_ms, std::int64_t back_ms) {
    Meter meter;
    const auto [standing, charged] = charged_at(meter, 0);
    charged_at(meter, second_ms);
    const Time now{kStart.us + back_ms * 1'000};
    meter = give_back(rate, meter, standing, charged, now);
    return stand(rate, meter, now).debt / (rate.parts * 1'000);
  };
  CHECK(debt_after(0, 0) == 1'000);
  CHECK(debt_after(0, 400) == 1'000);       // 1,600 owed, of it 600 of the first
  CHECK(debt_after(0, 1'000) == 1'000);     // the first is paid
  CHECK(debt_after(2'000, 2'001) == 999);   // and has nothing to do with the second
  CHECK(debt_after(2'000, -500) == 2'500);  // a clock that went back gives back no more than was charged
}

TEST_CASE("the shares of all nodes are the rate") {
  const Rate rate = Rate::of(rule_of(9, 1'000, 30));
  const Rate share = rate.share(4);
  // 9 a second by 4: a request costs 4/9 s.
  CHECK(share.cost * rate.parts == 4 * rate.cost * share.parts);
  CHECK(share.capacity == 7 * share.cost);
  CHECK(rate.share(100).capacity == rate.share(100).cost);
  CHECK(rate.share(1) == rate);
}

TEST_CASE("the share of the most nodes of the slowest rate is no more than there are numbers") {
  Rule rule = rule_of(1, kPeriodMsMax, 1);
  rule.warm_up_ms = kWarmUpMsMax;
  const Rate share = Rate::of(rule).share(Rate::kNodesMax);
  Meter meter;
  const Standing standing = stand(share, meter, kStart);
  CHECK(standing.cost == 3 * kPeriodMsMax * 1'000 * Rate::kNodesMax);
  CHECK(judge(share, standing).outcome == Outcome::kAllowed);
  meter = charge(share, standing, kStart);
  CHECK(judge(share, stand(share, meter, kStart)).outcome == Outcome::kRefused);
}
