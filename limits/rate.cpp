#include "limits/rate.hpp"

#include <algorithm>
#include <numeric>

namespace souk::limits {
namespace {

/// Far enough from the ends that no sum below overflows.
constexpr std::int64_t kMomentMax = std::int64_t{1} << 60;

std::int64_t moment(Time now) {
  return std::clamp(now.us, -kMomentMax, kMomentMax);
}

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// A burst of one must be able to pay for a cold request.
std::int64_t room(const Rate& rate, std::int64_t cost) {
  return std::max(rate.capacity, cost);
}

/// What a meter owes at most, unless its clock went back.
std::int64_t debt_max(const Rate& rate) {
  const std::int64_t cold = rate.warm_up_us > 0 ? rate.cost * Rate::kColdFactor : rate.cost;
  return room(rate, cold) + rate.wait_max_us * rate.parts;
}

std::int64_t cost_of(const Rate& rate, std::int64_t warm_us) {
  if (rate.warm_up_us == 0) return rate.cost;
  const std::int64_t steps =
      Rate::kSteps * Rate::kColdFactor * rate.warm_up_us / (rate.warm_up_us + (Rate::kColdFactor - 1) * warm_us);
  return divide_up(rate.cost * steps, Rate::kSteps);
}

}  // namespace

Rate Rate::of(const Rule& rule) {
  const auto [parts, cost] = parts_of(rule);
  Rate rate;
  rate.parts = parts;
  rate.cost = cost;
  rate.capacity = (rule.burst == 0 ? rule.requests : rule.burst) * cost;
  rate.wait_max_us = rule.wait_max_ms * 1'000;
  rate.warm_up_us = rule.warm_up_ms * 1'000;
  return rate;
}

Rate Rate::share(std::int64_t nodes) const {
  const std::int64_t common = std::gcd(parts, nodes);
  Rate own = *this;
  own.parts = parts / common;
  own.cost = cost * (nodes / common);
  own.capacity = std::max<std::int64_t>(1, capacity / cost / nodes) * own.cost;
  return own;
}

Standing stand(const Rate& rate, Meter& meter, Time now) {
  const std::int64_t most = debt_max(rate);
  std::int64_t ahead_us = meter.paid_at_us - moment(now);
  if (ahead_us > most / rate.parts) {
    ahead_us = most / rate.parts;
    meter.paid_at_us = moment(now) + ahead_us;
    meter.part = static_cast<std::uint32_t>(most % rate.parts);
  }
  Standing standing;
  if (ahead_us >= 0) standing.debt = std::min(ahead_us * rate.parts + meter.part, most);
  if (rate.warm_up_us > 0) {
    const std::int64_t by_then_us = ahead_us < 0 ? std::min(meter.warm_us, rate.warm_up_us) + ahead_us  // idle since
                                                 : meter.warm_us - ahead_us;
    standing.warm_us = std::clamp<std::int64_t>(by_then_us, 0, rate.warm_up_us);
  }
  standing.cost = cost_of(rate, standing.warm_us);
  return standing;
}

Reading judge(const Rate& rate, const Standing& standing) {
  const std::int64_t after = standing.debt + standing.cost;
  const std::int64_t over = after - room(rate, standing.cost);
  Reading reading;
  reading.reset = Duration{divide_up(after, rate.parts)};
  if (over <= 0) {
    reading.remaining = -over / standing.cost;
    return reading;
  }
  const std::int64_t wait_us = divide_up(over, rate.parts);
  if (wait_us <= rate.wait_max_us) {
    reading.outcome = Outcome::kWait;
    reading.wait = Duration{wait_us};
    return reading;
  }
  reading.outcome = Outcome::kRefused;
  reading.reset = Duration{divide_up(standing.debt, rate.parts)};
  reading.retry_after = Duration{wait_us - rate.wait_max_us};
  return reading;
}

Meter charge(const Rate& rate, const Standing& standing, Time now) {
  const std::int64_t debt = standing.debt + standing.cost;
  Meter meter;
  meter.paid_at_us = moment(now) + debt / rate.parts;
  meter.part = static_cast<std::uint32_t>(debt % rate.parts);
  if (rate.warm_up_us > 0) meter.warm_us = standing.warm_us + debt / rate.parts;
  return meter;
}

Meter give_back(const Rate& rate, Meter meter, const Standing& standing, Time charged, Time now) {
  // Its own comes after all that was owed before it.
  const std::int64_t debt = standing.debt + standing.cost;
  const std::int64_t since_us = std::clamp<std::int64_t>(moment(now) - moment(charged), 0, debt / rate.parts + 1);
  const std::int64_t owed = std::clamp<std::int64_t>(debt - since_us * rate.parts, 0, standing.cost);
  std::int64_t part = static_cast<std::int64_t>(meter.part) - owed % rate.parts;
  std::int64_t whole_us = owed / rate.parts;
  if (part < 0) {
    part += rate.parts;
    ++whole_us;
  }
  meter.paid_at_us -= whole_us;
  meter.part = static_cast<std::uint32_t>(part);
  if (rate.warm_up_us > 0) meter.warm_us = std::max<std::int64_t>(0, meter.warm_us - whole_us);
  return meter;
}

}  // namespace souk::limits
