/// The circuit breakers of a process by their names, for those who look at them and force them.
///
/// A force is this process's and ends with it.
/// Thread-safety: any thread; a breaker is added before it is asked for, and must outlive the last question.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"
#include "peers/circuit_breaker.hpp"

namespace souk {

enum class BreakerForce : std::uint8_t { kNone, kOpen, kClosed };

struct BreakerStatus {
  std::string name;
  CircuitBreaker::State state = CircuitBreaker::State::kClosed;
  bool is_forced = false;
  std::uint64_t opened = 0;   ///< ever
  std::uint64_t refused = 0;  ///< calls that were not made, ever
};

class Breakers {
 public:
  void add(std::string name, CircuitBreaker& breaker);

  /// In the order added.
  [[nodiscard]] std::vector<BreakerStatus> all(Time now) const;
  [[nodiscard]] std::optional<BreakerStatus> find(std::string_view name, Time now) const;
  /// False: there is none of this name.
  bool force(std::string_view name, BreakerForce force, Time now);

 private:
  struct Named {
    std::string name;
    CircuitBreaker* breaker;
  };
  [[nodiscard]] CircuitBreaker* find(std::string_view name) const;
  static BreakerStatus status(const Named& one, Time now);

  mutable std::mutex mutex_;
  std::vector<Named> breakers_;
};

}  // namespace souk

template <>
struct souk::EnumNames<souk::CircuitBreaker::State> {
  static constexpr std::array<std::string_view, 3> values = {"closed", "open", "half_open"};
};
template <>
struct souk::EnumNames<souk::BreakerForce> {
  static constexpr std::array<std::string_view, 3> values = {"none", "open", "closed"};
};
