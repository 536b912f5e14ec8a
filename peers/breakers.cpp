#include "peers/breakers.hpp"

#include <algorithm>

namespace souk {

void Breakers::add(std::string name, CircuitBreaker& breaker) {
  const std::scoped_lock lock(mutex_);
  breakers_.push_back({std::move(name), &breaker});
}

std::vector<BreakerStatus> Breakers::all(Time now) const {
  const std::scoped_lock lock(mutex_);
  std::vector<BreakerStatus> out;
  for (const auto& one : breakers_) out.push_back(status(one, now));
  return out;
}

std::optional<BreakerStatus> Breakers::find(std::string_view name, Time now) const {
  for (auto& one : all(now)) {
    if (one.name == name) return std::move(one);
  }
  return std::nullopt;
}

bool Breakers::force(std::string_view name, BreakerForce force, Time now) {
  CircuitBreaker* breaker = find(name);
  if (breaker == nullptr) return false;
  switch (force) {
    case BreakerForce::kNone: breaker->release(now); break;
    case BreakerForce::kOpen: breaker->force_open(now); break;
    case BreakerForce::kClosed: breaker->force_closed(now); break;
  }
  return true;
}

CircuitBreaker* Breakers::find(std::string_view name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(breakers_, name, &Named::name);
  return found == breakers_.end() ? nullptr : found->breaker;
}

BreakerStatus Breakers::status(const Named& one, Time now) {
  return {one.name, one.breaker->state(now), one.breaker->is_forced(), one.breaker->opened_ever(),
          one.breaker->refused_ever()};
}

}  // namespace souk
