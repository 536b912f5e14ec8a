#include "peers/circuit_breaker.hpp"

#include <algorithm>

namespace souk {

std::optional<CircuitBreaker::Ticket> CircuitBreaker::admit(Time now) {
  const std::scoped_lock lock(mutex_);
  pass(now);
  if (state_ == State::kOpen || (state_ == State::kHalfOpen && probes_out_ + probes_well_ >= options_.probes)) {
    ++refused_ever_;
    return std::nullopt;
  }
  if (state_ == State::kHalfOpen) {
    ++probes_out_;
    since_ = now;
  }
  return Ticket{generation_, now};
}

void CircuitBreaker::report(Ticket ticket, bool succeeded, Time now) {
  const std::scoped_lock lock(mutex_);
  if (is_forced_ || ticket.generation != generation_) return;
  const bool slow = is_slow(ticket, now);
  if (state_ == State::kHalfOpen) {
    --probes_out_;
    since_ = now;
    if (!succeeded || slow) {
      become(State::kOpen, now);
    } else if (++probes_well_ >= options_.probes) {
      become(State::kClosed, now);
    }
    return;
  }
  in_row_ = succeeded ? 0 : in_row_ + 1;
  const Slice latest = count(succeeded, slow, now);
  const auto is_too_many = [&](int these, int percent_max) {
    return these > 0 && latest.calls >= options_.calls_min && these * 100LL >= latest.calls * std::int64_t{percent_max};
  };
  const bool too_many_failed = !succeeded && is_too_many(latest.failures, options_.failures_percent_max);
  const bool too_many_slow = slow && is_too_many(latest.slow, options_.slow_percent_max);
  if (in_row_ >= options_.failures_in_row_max || too_many_failed || too_many_slow) become(State::kOpen, now);
}

void CircuitBreaker::force_open(Time now) {
  const std::scoped_lock lock(mutex_);
  if (state_ != State::kOpen) become(State::kOpen, now);
  is_forced_ = true;
}

void CircuitBreaker::force_closed(Time now) {
  const std::scoped_lock lock(mutex_);
  become(State::kClosed, now);
  is_forced_ = true;
}

void CircuitBreaker::release(Time now) {
  const std::scoped_lock lock(mutex_);
  if (!is_forced_) return;
  is_forced_ = false;
  become(state_ == State::kOpen ? State::kHalfOpen : State::kClosed, now);
}

void CircuitBreaker::give_back(Ticket ticket) {
  const std::scoped_lock lock(mutex_);
  if (state_ == State::kHalfOpen && ticket.generation == generation_) --probes_out_;
}

void CircuitBreaker::pass(Time now) {
  since_ = std::min(since_, now);
  const bool is_waited_for = state_ == State::kOpen || (state_ == State::kHalfOpen && probes_out_ > 0);
  if (is_waited_for && !is_forced_ && now - since_ >= options_.open_for) become(State::kHalfOpen, now);
}

void CircuitBreaker::become(State state, Time now) {
  state_ = state;
  since_ = now;
  ++generation_;
  probes_out_ = probes_well_ = 0;
  in_row_ = 0;
  slices_ = {};
  if (state == State::kOpen) ++opened_ever_;
}

bool CircuitBreaker::is_slow(Ticket ticket, Time now) const {
  return options_.slow_after.us > 0 && now - ticket.admitted > options_.slow_after;
}

CircuitBreaker::Slice CircuitBreaker::count(bool succeeded, bool slow, Time now) {
  const std::int64_t number = now.us / std::max<std::int64_t>(1, options_.window.us / kSlices);
  Slice& own = slices_[static_cast<std::size_t>((number % kSlices + kSlices) % kSlices)];
  if (own.number != number) own = {.number = number};
  ++own.calls;
  own.failures += succeeded ? 0 : 1;
  own.slow += slow ? 1 : 0;
  Slice all;
  for (const Slice& slice : slices_) {
    if (slice.number + kSlices <= number || slice.number > number) continue;
    all.calls += slice.calls;
    all.failures += slice.failures;
    all.slow += slice.slow;
  }
  return all;
}

CircuitBreaker::State CircuitBreaker::state(Time now) const {
  const std::scoped_lock lock(mutex_);
  const bool may_be_probed = state_ == State::kOpen && !is_forced_ && now - since_ >= options_.open_for;
  return may_be_probed ? State::kHalfOpen : state_;
}

bool CircuitBreaker::is_forced() const {
  const std::scoped_lock lock(mutex_);
  return is_forced_;
}

std::uint64_t CircuitBreaker::opened_ever() const {
  const std::scoped_lock lock(mutex_);
  return opened_ever_;
}

std::uint64_t CircuitBreaker::refused_ever() const {
  const std::scoped_lock lock(mutex_);
  return refused_ever_;
}

}  // namespace souk
