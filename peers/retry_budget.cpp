#include "peers/retry_budget.hpp"

#include <algorithm>

namespace souk {

RetryBudget::RetryBudget(Options options) : options_(options), saved_(options.reserve * kRetry) {}

void RetryBudget::requested() {
  const std::scoped_lock lock(mutex_);
  earn(options_.percent * (kRetry / 100));
}

bool RetryBudget::take(Time now) {
  const std::scoped_lock lock(mutex_);
  if (now > earned_until_) {
    // No longer than fills the reserve at once: nothing overflows.
    const std::int64_t us = std::min((now - earned_until_).us, options_.reserve * kRetry);
    earn(us * options_.per_second_min);
    earned_until_ = now;
  }
  if (saved_ < kRetry) return false;
  saved_ -= kRetry;
  return true;
}

void RetryBudget::earn(std::int64_t parts) {
  saved_ = std::min(saved_ + parts, options_.reserve * kRetry);
}

}  // namespace souk
