/// Where counters are kept that several nodes share: charges several of them at once, all or none.
///
/// Thread-safety: any thread.
#pragma once

#include <functional>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "limits/rate.hpp"

namespace souk::limits {

struct Charge {
  Id128 key;
  Rate rate;
};

/// How each counter stood before. All were charged unless one of them judges it refused (rate.hpp).
/// Errors: kUnavailable "limits.store_away": it may have charged them or not.
using Standings = Result<std::vector<Standing>>;
using StandingsThen = std::function<void(Standings)>;

class CounterStore {
 public:
  static constexpr std::size_t kChargesMax = 16;

  CounterStore() = default;
  CounterStore(const CounterStore&) = delete;
  CounterStore& operator=(const CounterStore&) = delete;
  virtual ~CounterStore() = default;

  /// `then` is called once: before this returns, or on a thread of the store's, where it must not block.
  virtual void charge(std::vector<Charge> charges, StandingsThen then) = 0;
};

}  // namespace souk::limits
