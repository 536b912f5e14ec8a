#include "actors/durability_gate.hpp"

#include <algorithm>

namespace souk {

void DurabilityGate::run_inline(std::vector<Release> releases) {
  for (auto& release : releases) release();
}

DurabilityGate::DurabilityGate(EventLog& log, Runner runner, bool answer_early)
    : log_(log), runner_(std::move(runner)), answer_early_(answer_early) {
  log_.add_listener(this);
  // Only now: a report between reading the head and listening would be missed.
  const std::scoped_lock lock(mutex_);
  durable_ = std::max(durable_, log_.head(Visibility::kDurable));
}

DurabilityGate::~DurabilityGate() {
  close();
}

void DurabilityGate::close() {
  log_.remove_listener(this);
  std::vector<Held> dropped;
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  dropped.swap(heap_);
}

void DurabilityGate::hold(Position position, Release release) {
  {
    const std::scoped_lock lock(mutex_);
    if (position > durable_ && !answer_early_) {
      if (closed_) return;
      heap_.push_back({position, held_ever_++, std::move(release)});
      std::ranges::push_heap(heap_, later);
      return;
    }
  }
  std::vector<Release> one;
  one.push_back(std::move(release));
  runner_(std::move(one));
}

std::size_t DurabilityGate::size() const {
  const std::scoped_lock lock(mutex_);
  return heap_.size();
}

void DurabilityGate::durable(Position position) {
  std::vector<Release> due;
  {
    const std::scoped_lock lock(mutex_);
    durable_ = std::max(durable_, position);
    while (!heap_.empty() && heap_.front().position <= durable_) {
      std::ranges::pop_heap(heap_, later);
      due.push_back(std::move(heap_.back().release));
      heap_.pop_back();
    }
  }
  if (!due.empty()) runner_(std::move(due));
}

}  // namespace souk
