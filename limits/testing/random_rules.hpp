/// Rules and requests by chance, and a limit counted the slow way, for properties.
#pragma once

#include <algorithm>

#include "engine/testing/random.hpp"
#include "limits/rate.hpp"

namespace souk::limits::testing {

/// Rates from very slow to very fast, with every extra as likely as not.
inline Rule random_rate(souk::testing::Random& random) {
  Rule rule;
  rule.id = "random";
  rule.requests = random.one_in(3) ? random.between(1, 5) : random.between(1, 2'000);
  rule.period_ms = random.one_in(2) ? random.between(1, 50) : random.between(1, 100'000);
  rule.burst = random.one_in(2) ? random.between(1, 4) : random.between(1, 50);
  if (random.one_in(2)) rule.warm_up_ms = random.between(1, 20'000);
  if (random.one_in(2)) rule.wait_max_ms = random.between(1, 10'000);
  return rule;
}

/// How long to the next request: often none at all, mostly about what the rate allows, now and then much longer.
inline Duration random_pause(souk::testing::Random& random, const Rule& rule) {
  const std::int64_t each_us = rule.period_ms * 1'000 / rule.requests;
  if (random.one_in(3)) return {};
  if (random.one_in(20)) return {random.between(0, 3 * rule.period_ms * 1'000)};
  return {random.between(0, 2 * each_us + 1)};
}

/// A bucket that leaks, in numbers that cannot overflow: level and cost in parts of a microsecond, as the rule is
/// written and not reduced.
class LeakyBucket {
 public:
  explicit LeakyBucket(const Rule& rule)
      : rule_(rule), each_(Wide{rule.period_ms} * 1'000), burst_(rule.burst == 0 ? rule.requests : rule.burst) {}

  bool ask(Time now) {
    level_ = std::max<Wide>(0, level_ - Wide{now.us - last_.us} * rule_.requests);
    last_ = now;
    const bool fits = level_ + each_ <= each_ * burst_ + Wide{rule_.wait_max_ms} * 1'000 * rule_.requests;
    if (fits) level_ += each_;
    return fits;
  }
  /// How long the last one that was let in has to wait.
  [[nodiscard]] std::int64_t wait_us() const {
    const Wide over = level_ - each_ * burst_;
    return over <= 0 ? 0 : static_cast<std::int64_t>((over + rule_.requests - 1) / rule_.requests);
  }
  [[nodiscard]] std::int64_t remaining() const {
    return static_cast<std::int64_t>(std::max<Wide>(0, each_ * burst_ - level_) / each_);
  }

 private:
  __extension__ using Wide = __int128;

  Rule rule_;
  Wide each_;
  Wide burst_;
  Wide level_ = 0;
  Time last_;
};

}  // namespace souk::limits::testing
