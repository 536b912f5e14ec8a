/// How many retries there may be: a share of the requests, so that a peer in trouble is not asked several times as much
/// as one in health.
///
/// Each request earns part of a retry, and so does time, so that who asks seldom may try again too. What is earned is
/// kept up to a reserve, which is full at first. Whole numbers: nothing is rounded.
/// Thread-safety: every function from any thread.
/// Source: Google, "Site Reliability Engineering", ch. 22 (retry budgets); Finagle's RetryBudget.
#pragma once

#include <cstdint>
#include <mutex>

#include "engine/base/time.hpp"

namespace souk {

class RetryBudget {
 public:
  struct Options {
    int percent = 20;        ///< retries for 100 requests
    int per_second_min = 1;  ///< besides, however few requests there are
    int reserve = 100;       ///< retries that may be saved up
  };

  explicit RetryBudget(Options options);

  /// A request that is no retry.
  void requested();
  /// False: there must be no retry now.
  bool take(Time now);

 private:
  static constexpr std::int64_t kRetry = 1'000'000;

  void earn(std::int64_t parts);

  const Options options_;
  std::mutex mutex_;
  std::int64_t saved_;  ///< in millionths of a retry
  Time earned_until_;
};

}  // namespace souk
