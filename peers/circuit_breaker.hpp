/// Stops asking a peer that does not answer, and finds out by single probes when it does again.
///
/// Closed until too many calls in a row, or too large a share of the latest, failed; then open for a while, in which no
/// call is admitted; then one probe decides. It knows no clock: times come in.
/// Thread-safety: every function from any thread.
/// Source: M. Nygard, "Release It!", circuit breaker.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "engine/base/time.hpp"

namespace souk {

class CircuitBreaker {
 public:
  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  struct Options {
    int failures_in_row_max = 5;
    int failures_percent_max = 50;  ///< of the calls of one window, if there are `calls_min`
    int calls_min = 20;
    Duration window = Duration::seconds(30);
    Duration open_for = Duration::seconds(10);
  };

  /// A call that was admitted. What it reports counts only until the breaker next changes.
  struct Ticket {
    std::uint64_t generation = 0;
  };

  explicit CircuitBreaker(Options options) : options_(options) {}

  /// Nothing: the call must not be made. Who has a ticket reports exactly once.
  std::optional<Ticket> admit(Time now);
  void report(Ticket ticket, bool succeeded, Time now);
  /// Instead: the call was not made after all, which says nothing of the peer.
  void give_back(Ticket ticket);

  [[nodiscard]] State state(Time now) const;
  [[nodiscard]] std::uint64_t opened_ever() const;
  [[nodiscard]] std::uint64_t refused_ever() const;

 private:
  void become(State state, Time now);

  const Options options_;
  mutable std::mutex mutex_;
  State state_ = State::kClosed;
  std::uint64_t generation_ = 0;
  Time since_;  ///< when it became what it is, or when the window began
  bool probing_ = false;
  int in_row_ = 0;
  int calls_ = 0;
  int failures_ = 0;
  std::uint64_t opened_ever_ = 0;
  std::uint64_t refused_ever_ = 0;
};

}  // namespace souk
