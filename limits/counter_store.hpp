/// Where counters are kept that several nodes share: charges several of them at once, all or none.
///
/// Thread-safety: any thread.
#pragma once

#include <functional>
#include <string_view>
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
/// Errors: kUnavailable "limits.store_away": it may have charged them or not. Of several that fail of one cause all but
/// one say "limits.store_away_with_another", which says nothing more of the store.
using Standings = Result<std::vector<Standing>>;
using StandingsThen = std::function<void(Standings)>;

inline constexpr std::string_view kAway = "limits.store_away";
inline constexpr std::string_view kAwayWithAnother = "limits.store_away_with_another";

class CounterStore {
 public:
  static constexpr std::size_t kChargesMax = 16;

  CounterStore() = default;
  CounterStore(const CounterStore&) = delete;
  CounterStore& operator=(const CounterStore&) = delete;
  virtual ~CounterStore() = default;

  /// `then` is called once: before this returns, or on a thread of the store's, where it must not block.
  virtual void charge(std::vector<Charge> charges, StandingsThen then) = 0;
  /// Whether it is known that it could not be asked now.
  [[nodiscard]] virtual bool is_away() const { return false; }
};

}  // namespace souk::limits
