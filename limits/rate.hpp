/// So many requests in a period, with a burst: the generic cell rate algorithm in whole numbers.
///
/// A meter remembers one moment, at which all that was let in will have been paid for at the rate (the theoretical
/// arrival time). What lies between now and then is the debt; a request is let in if the debt with its own cost is no
/// more than a burst. Debt is counted in parts of a microsecond of which there are as many as requests in the period,
/// so that the cost of one request is a whole number for every rate, and nothing is ever rounded.
///
/// Warm-up: the cost is three times as high when cold and falls to once as the meter has been busy for the warm-up
/// time; time in which nothing was owed takes from it as much as busy time gives. A cost that lies between is rounded
/// up to a part.
///
/// It knows no clock: times come in, and may be any. One that goes back costs a caller at most what a full burst does.
/// Thread-safety: values; none of their own.
/// Source: ITU-T I.371, annex A (GCRA); the cold factor of three as in Guava's SmoothWarmingUp.
#pragma once

#include <cstdint>

#include "engine/base/time.hpp"
#include "engine/limits/rule_parts.hpp"

namespace souk::limits {

struct Rate {
  /// No burst costs more, so that all numbers are exact in Lua too, which counts in doubles.
  static constexpr std::int64_t kDebtMax = kBurstCostMax;
  static constexpr std::int64_t kColdFactor = 3;
  static constexpr std::int64_t kNodesMax = 1'000;
  static constexpr std::int64_t kSteps = 1'024;  ///< between once and twice the cost of a request

  std::int64_t parts = 1;     ///< of a microsecond
  std::int64_t cost = 0;      ///< of a warm request, in parts
  std::int64_t capacity = 0;  ///< the cost of a burst, in parts
  std::int64_t wait_max_us = 0;
  std::int64_t warm_up_us = 0;

  /// Of a rule that is valid and has one.
  static Rate of(const Rule& rule);
  /// What one of `nodes`, 1 to kNodesMax, may let in by itself: its share of the rate exactly, of the burst at least
  /// one.
  [[nodiscard]] Rate share(std::int64_t nodes) const;

  friend bool operator==(const Rate&, const Rate&) = default;
};

/// Never charged: no debt, and cold.
struct Meter {
  static constexpr std::int64_t kNever = -(std::int64_t{1} << 62);

  std::int64_t paid_at_us = kNever;
  std::int64_t warm_us = 0;  ///< for how long it will have been busy by then
  std::uint32_t part = 0;    ///< of the microsecond behind `paid_at_us`

  friend bool operator==(const Meter&, const Meter&) = default;
};

/// A meter at a moment, before a request.
struct Standing {
  std::int64_t debt = 0;
  std::int64_t cost = 0;
  std::int64_t warm_us = 0;

  friend bool operator==(const Standing&, const Standing&) = default;
};

enum class Outcome : std::uint8_t { kAllowed, kWait, kRefused };

struct Reading {
  Outcome outcome = Outcome::kAllowed;
  std::int64_t remaining = 0;  ///< requests that would be let in at once after this one
  Duration reset;              ///< until all of the burst is there again
  Duration wait;               ///< of kWait: how long until it may begin
  Duration retry_after;        ///< of kRefused: when the same request would not be refused

  friend bool operator==(const Reading&, const Reading&) = default;
};

/// A meter that owes more than it can, because its clock went back, is brought back to what it can.
[[nodiscard]] Standing stand(const Rate& rate, Meter& meter, Time now);
/// What becomes of a request; the meter is not charged by it.
[[nodiscard]] Reading judge(const Rate& rate, const Standing& standing);
/// The meter once the request is let in, or told to wait.
[[nodiscard]] Meter charge(const Rate& rate, const Standing& standing, Time now);
/// A meter that was charged for a request that another rule refused: without what is still owed of that charge. What
/// time has paid of it is lost. `standing` and `charged` are what it was charged with.
[[nodiscard]] Meter give_back(const Rate& rate, Meter meter, const Standing& standing, Time charged, Time now);

}  // namespace souk::limits
