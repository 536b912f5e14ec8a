#include "peers/circuit_breaker.hpp"

namespace souk {

std::optional<CircuitBreaker::Ticket> CircuitBreaker::admit(Time now) {
  const std::scoped_lock lock(mutex_);
  if (state_ == State::kOpen && now - since_ >= options_.open_for) become(State::kHalfOpen, now);
  if (state_ == State::kOpen || (state_ == State::kHalfOpen && probing_)) {
    ++refused_ever_;
    return std::nullopt;
  }
  if (state_ == State::kHalfOpen) probing_ = true;
  return Ticket{generation_};
}

void CircuitBreaker::report(Ticket ticket, bool succeeded, Time now) {
  const std::scoped_lock lock(mutex_);
  if (ticket.generation != generation_) return;
  if (state_ == State::kHalfOpen) {
    become(succeeded ? State::kClosed : State::kOpen, now);
    return;
  }
  if (now - since_ > options_.window) {
    since_ = now;
    calls_ = failures_ = 0;
  }
  ++calls_;
  in_row_ = succeeded ? 0 : in_row_ + 1;
  if (succeeded) return;
  ++failures_;
  const bool too_many = calls_ >= options_.calls_min && failures_ * 100 >= calls_ * options_.failures_percent_max;
  if (in_row_ >= options_.failures_in_row_max || too_many) become(State::kOpen, now);
}

void CircuitBreaker::give_back(Ticket ticket) {
  const std::scoped_lock lock(mutex_);
  if (ticket.generation == generation_) probing_ = false;
}

void CircuitBreaker::become(State state, Time now) {
  state_ = state;
  since_ = now;
  ++generation_;
  probing_ = false;
  in_row_ = calls_ = failures_ = 0;
  if (state == State::kOpen) ++opened_ever_;
}

CircuitBreaker::State CircuitBreaker::state(Time now) const {
  const std::scoped_lock lock(mutex_);
  return state_ == State::kOpen && now - since_ >= options_.open_for ? State::kHalfOpen : state_;
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
