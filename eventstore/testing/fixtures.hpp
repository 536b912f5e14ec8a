/// What the event store's tests and benchmarks share: a clock set by hand, and requests that need no domain.
#pragma once

#include <atomic>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"

namespace souk::testing {

/// Stands still until it is told. Thread-safety: all functions.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start = {1'700'000'000'000'000}) : us_(start.us) {}

  Time now() override { return {us_.load(std::memory_order_relaxed)}; }
  void set(Time time) { us_.store(time.us, std::memory_order_relaxed); }
  void advance(Duration by) { us_.fetch_add(by.us, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> us_;
};

inline StreamId stream(std::uint64_t number) {
  return {"cart", Id128{0, number}};
}
inline CommandId command_id(std::uint64_t number) {
  return {Id128{1, number}};
}

/// `count` events for `stream` at `expected`; with a number the command carries an idempotency key.
inline AppendRequest request(const StreamId& stream, std::uint64_t expected, std::size_t count,
                             std::uint64_t command = 0) {
  AppendRequest out{stream, {expected}, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto quantity = std::to_string(expected + i + 1);
    out.events.push_back({"cart.item_added", 1, R"({"quantity":)" + quantity + "}", {}});
  }
  out.meta.principal = "account:1";
  out.meta.correlation = "request-1";
  if (command != 0) {
    out.meta.command_id = command_id(command);
    out.meta.has_key = true;
    out.meta.fingerprint[0] = static_cast<std::uint8_t>(command);
  }
  return out;
}

}  // namespace souk::testing
