/// When something shall happen later: an interface, so that a test owns the time.
#pragma once

#include <functional>

#include "engine/base/time.hpp"

namespace souk {

/// Thread-safety: every function from any thread.
class Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  /// For measuring spans: never goes back, and says nothing about the time of day.
  [[nodiscard]] virtual Time now() = 0;
  /// Runs `task` on the scheduler's own thread once `delay` has passed. It must not block. Dropped at the end.
  virtual void after(Duration delay, std::function<void()> task) = 0;
};

}  // namespace souk
