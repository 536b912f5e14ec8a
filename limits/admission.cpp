#include "limits/admission.hpp"

#include <algorithm>
#include <utility>

namespace souk::limits {
namespace {

/// What stands in the queue beyond the target is to be gone in so many intervals.
constexpr double kDrainIntervals = 5.0;
constexpr double kDrainLeast = 0.05;
/// How the line moves back: from a little below what was served, by so much of what was reached each interval.
constexpr double kBelowCapacity = 0.98;
constexpr double kStepUp = 0.02;
/// What a server can do is no less than this part of what was reached: an interval in which less was served had a
/// stall.
constexpr double kLeastCapacity = 0.1;
/// So that a line can always move.
constexpr double kLeastBudget = 1.0;
/// What was reached is forgotten by as much each interval.
constexpr double kForget = 0.99;

/// SplitMix64's mixing: the order of users is nothing that users can know.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

Admission::Admitted& Admission::Admitted::operator=(Admitted&& other) noexcept {
  if (this == &other) return *this;
  leave();
  admission_ = std::exchange(other.admission_, nullptr);
  since_ = other.since_;
  return *this;
}

void Admission::Admitted::begun(Time now) {
  if (admission_ == nullptr) return;
  admission_->waited(now - since_);
  Admission& admission = *admission_;
  served();
  admission.look(now);
}

void Admission::Admitted::served() {
  if (admission_ == nullptr) return;
  admission_->served_.fetch_add(1, std::memory_order_relaxed);
  leave();
}

void Admission::Admitted::leave() {
  if (admission_ == nullptr) return;
  admission_->waiting_.fetch_sub(1, std::memory_order_relaxed);
  admission_ = nullptr;
}

std::optional<Admission::Admitted> Admission::admit(Priority priority, std::uint64_t user, Time now) {
  look(now);
  const std::uint64_t place = place_of(priority, user, now);
  asked_[static_cast<std::size_t>(place >> kBinShift)].fetch_add(1, std::memory_order_relaxed);
  const bool is_let_in =
      priority == Priority::kAlways || (place < line_.load(std::memory_order_relaxed) && has_room(priority));
  if (!is_let_in) {
    shed_ever_[static_cast<std::size_t>(priority)].fetch_add(1, std::memory_order_relaxed);
    return std::nullopt;
  }
  admitted_ever_.fetch_add(1, std::memory_order_relaxed);
  if (waiting_.fetch_add(1, std::memory_order_relaxed) == 0) {
    waiting_since_us_.store(now.us, std::memory_order_relaxed);
  }
  return Admitted(this, now);
}

std::uint64_t Admission::place_of(Priority priority, std::uint64_t user, Time now) const {
  const auto order = static_cast<std::uint64_t>(now.us / std::max<std::int64_t>(1, options_.order_for.us));
  const std::uint64_t within = mix(user + order * 0x9E3779B97F4A7C15ULL) >> 32;
  return std::uint64_t{static_cast<std::uint8_t>(priority)} << 32 | within;
}

/// The least important find half of the room, each class before them a sixth more.
bool Admission::has_room(Priority priority) const {
  const std::int64_t behind = static_cast<std::int64_t>(priority) - static_cast<std::int64_t>(Priority::kMoney);
  const std::int64_t room = room_.load(std::memory_order_relaxed) * (6 - behind) / 6;
  return waiting_.load(std::memory_order_relaxed) < room;
}

void Admission::waited(Duration delay) {
  std::int64_t least = least_us_.load(std::memory_order_relaxed);
  while (delay.us < least && !least_us_.compare_exchange_weak(least, delay.us, std::memory_order_relaxed)) {
  }
}

void Admission::look(Time now) {
  const std::int64_t began_us = interval_began_us_.load(std::memory_order_relaxed);
  if (began_us != INT64_MIN && now.us - began_us < options_.interval.us && now.us >= began_us) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || interval_began_us_.load(std::memory_order_relaxed) != began_us) return;
  interval_began_us_.store(now.us, std::memory_order_relaxed);
  if (began_us != INT64_MIN && now.us > began_us) judge(now, now.us - began_us);
}

std::int64_t Admission::take_least(Time now, std::int64_t elapsed_us) {
  const std::int64_t least_us = least_us_.exchange(kNoDelay, std::memory_order_relaxed);
  if (least_us != kNoDelay) return least_us;
  // Nothing was begun: either nothing waits, or it has waited since it came.
  if (waiting_.load(std::memory_order_relaxed) <= 0) return 0;
  const std::int64_t since_us = now.us - waiting_since_us_.load(std::memory_order_relaxed);
  return std::clamp<std::int64_t>(since_us, 0, elapsed_us);
}

void Admission::judge(Time now, std::int64_t elapsed_us) {
  // As if the interval had been as long as intended: a quiet shop looks seldom.
  const double scale = static_cast<double>(options_.interval.us) / static_cast<double>(elapsed_us);
  std::array<double, kBins> asked{};
  double asked_together = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    asked[i] = scale * asked_[i].exchange(0, std::memory_order_relaxed);
    asked_together += asked[i];
  }
  const double served = scale * static_cast<double>(served_.exchange(0, std::memory_order_relaxed));
  best_ = std::max(served, best_ * kForget);
  const double room = best_ * static_cast<double>(options_.delay_max.us) / static_cast<double>(options_.interval.us);
  room_.store(std::clamp(static_cast<std::int64_t>(room), options_.waiting_min, options_.waiting_max),
              std::memory_order_relaxed);

  const std::int64_t least_us = take_least(now, elapsed_us);
  const bool is_overloaded =
      least_us > options_.target.us && waiting_.load(std::memory_order_relaxed) >= options_.waiting_harmless;
  last_least_us_.store(least_us, std::memory_order_relaxed);
  is_overloaded_.store(is_overloaded, std::memory_order_relaxed);

  if (is_overloaded) {
    const double too_long =
        static_cast<double>(least_us - options_.target.us) / static_cast<double>(options_.interval.us);
    capacity_ = std::max(served, best_ * kLeastCapacity);
    budget_ = served * std::max(kDrainLeast, 1.0 - too_long / kDrainIntervals);
  } else if (line_.load(std::memory_order_relaxed) == kEnd) {
    return;
  } else if (asked_together <= best_) {
    line_.store(kEnd, std::memory_order_relaxed);
    return;
  } else {
    budget_ = std::max({budget_ + kStepUp * std::max(budget_, best_), capacity_ * kBelowCapacity, kLeastBudget});
  }
  line_.store(std::max(std::uint64_t{1} << 32, line_for(budget_, asked)), std::memory_order_relaxed);
}

std::uint64_t Admission::line_for(double wanted, const std::array<double, kBins>& asked) const {
  for (std::size_t i = 0; i < kBins; ++i) {
    if (asked[i] > wanted) {
      const double part = wanted / asked[i] * static_cast<double>(std::uint64_t{1} << kBinShift);
      return (static_cast<std::uint64_t>(i) << kBinShift) + static_cast<std::uint64_t>(part);
    }
    wanted -= asked[i];
  }
  return kEnd;
}

Admission::Figures Admission::figures() const {
  Figures figures;
  figures.admitted_ever = admitted_ever_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < kClasses; ++i) figures.shed_ever[i] = shed_ever_[i].load(std::memory_order_relaxed);
  figures.waiting = waiting_.load(std::memory_order_relaxed);
  figures.delay = Duration{last_least_us_.load(std::memory_order_relaxed)};
  figures.is_overloaded = is_overloaded_.load(std::memory_order_relaxed);
  const std::uint64_t line = line_.load(std::memory_order_relaxed);
  figures.is_shedding = line != kEnd;
  if (figures.is_shedding) figures.line = static_cast<Priority>(line >> 32);
  return figures;
}

}  // namespace souk::limits
