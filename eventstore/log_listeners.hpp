/// The listeners of a log: told without any lock of the log held; removal waits for calls under way.
#pragma once

#include <algorithm>
#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "eventstore/event_log.hpp"

namespace souk {

/// Thread-safety: all functions, but a listener must not add or remove from within its call.
class LogListeners {
 public:
  void add(LogListener* listener) {
    assert(listener != nullptr);
    const std::unique_lock lock(mutex_);
    listeners_.push_back(listener);
  }
  void remove(LogListener* listener) {
    const std::unique_lock lock(mutex_);
    std::erase(listeners_, listener);
  }
  void tell_ordered() {
    const std::shared_lock lock(mutex_);
    for (auto* listener : listeners_) listener->ordered();
  }
  void tell_durable(Position position) {
    const std::shared_lock lock(mutex_);
    for (auto* listener : listeners_) listener->durable(position);
  }
  void tell_committed(const CommitFigures& figures) {
    const std::shared_lock lock(mutex_);
    for (auto* listener : listeners_) listener->committed(figures);
  }

 private:
  std::shared_mutex mutex_;
  std::vector<LogListener*> listeners_;
};

}  // namespace souk
