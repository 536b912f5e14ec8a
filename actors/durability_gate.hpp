/// Holds back what may be done only once a position is durable: answers to clients, leaving memory, snapshots.
///
/// Thread-safety: `hold` from any thread. Releases of one gate are handed to its runner in batches, one batch at a
/// time per durable report, on the committing thread, or on the caller's thread when the position is durable already.
/// Within a batch they come by position, and those of one position in the order in which they were held.
#pragma once

#include <functional>
#include <mutex>
#include <tuple>
#include <vector>

#include "eventstore/event_log.hpp"

namespace souk {

class DurabilityGate final : public LogListener {
 public:
  using Release = std::function<void()>;
  using Runner = std::function<void(std::vector<Release>)>;

  /// Runs releases at once, where they become due.
  static void run_inline(std::vector<Release> releases);

  /// `answer_early` breaks the promise on purpose: it exists for the test that shows that the crash tests would
  /// notice.
  explicit DurabilityGate(EventLog& log, Runner runner = run_inline, bool answer_early = false);
  ~DurabilityGate() override;

  /// Hands `release` to the runner as soon as everything up to `position` is durable. Position 0 always is.
  void hold(Position position, Release release);

  /// Drops what is held and listens no more; waits for releases under way. Not to be called by a release.
  void close();

  /// How many releases are held.
  [[nodiscard]] std::size_t size() const;

  void durable(Position position) override;

 private:
  struct Held {
    Position position;
    std::uint64_t order = 0;  ///< among those of one position
    Release release;
  };
  static bool later(const Held& a, const Held& b) {
    return std::tie(a.position, a.order) > std::tie(b.position, b.order);
  }

  EventLog& log_;
  Runner runner_;
  bool answer_early_;
  mutable std::mutex mutex_;
  Position durable_;
  std::vector<Held> heap_;  ///< the earliest position on top
  std::uint64_t held_ever_ = 0;
  bool closed_ = false;
};

}  // namespace souk
