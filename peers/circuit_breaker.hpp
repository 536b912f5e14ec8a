/// Stops asking a peer that does not answer, or too slowly, and finds out by a few probes when it does again.
///
/// Closed until too many calls in a row failed, or too large a share of the latest failed or was slow; then open for a
/// while, in which no call is admitted; then so many probes decide: all of them well, and it is closed. The latest are
/// those of a window that moves on by tenths. An operator may force it open or closed, which then nothing changes but
/// the operator. Probes of which nothing is heard for as long as it stays open are given up, and others decide. It
/// knows no clock: times come in, and when they go back it is open for no longer than from then on. Thread-safety:
/// every function from any thread. Source: M. Nygard, "Release It!", circuit breaker; slow calls as in resilience4j.
#pragma once

#include <array>
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
    Duration slow_after = {};   ///< a call that took longer is slow, even if it succeeded; 0: none is
    int slow_percent_max = 50;  ///< of the calls of one window, if there are `calls_min`
    int probes = 1;             ///< at once, while it is half open; all have to be well
  };

  /// A call that was admitted. What it reports counts only until the breaker next changes.
  struct Ticket {
    std::uint64_t generation = 0;
    Time admitted = {};
  };

  explicit CircuitBreaker(Options options) : options_(options) {}

  /// Nothing: the call must not be made. Who has a ticket reports exactly once.
  std::optional<Ticket> admit(Time now);
  void report(Ticket ticket, bool succeeded, Time now);
  /// Instead: the call was not made after all, which says nothing of the peer.
  void give_back(Ticket ticket);

  /// Open: no call is admitted. Closed: every one is, whatever comes of it.
  void force_open(Time now);
  void force_closed(Time now);
  /// Takes the force away. What was forced open is half open: the peer shows how it is.
  void release(Time now);

  [[nodiscard]] State state(Time now) const;
  [[nodiscard]] bool is_forced() const;
  [[nodiscard]] std::uint64_t opened_ever() const;
  [[nodiscard]] std::uint64_t refused_ever() const;

 private:
  static constexpr std::int64_t kSlices = 10;

  struct Slice {
    std::int64_t number = 0;  ///< since the beginning of time
    int calls = 0;
    int failures = 0;
    int slow = 0;
  };

  /// What time alone changes.
  void pass(Time now);
  void become(State state, Time now);
  [[nodiscard]] bool is_slow(Ticket ticket, Time now) const;
  /// Those of the window, with what is reported now among them.
  Slice count(bool succeeded, bool slow, Time now);

  const Options options_;
  mutable std::mutex mutex_;
  State state_ = State::kClosed;
  bool is_forced_ = false;
  std::uint64_t generation_ = 0;
  Time since_;  ///< when it became what it is; half open: when a probe was last sent or heard of
  int probes_out_ = 0;
  int probes_well_ = 0;
  int in_row_ = 0;
  std::array<Slice, kSlices> slices_;
  std::uint64_t opened_ever_ = 0;
  std::uint64_t refused_ever_ = 0;
};

}  // namespace souk
