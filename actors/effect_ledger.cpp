#include "actors/effect_ledger.hpp"

#include <cassert>

namespace souk {

void EffectLedger::seen(Position position, std::size_t effects) {
  const std::scoped_lock lock(mutex_);
  assert(position > seen_);
  seen_ = position;
  if (effects > 0) open_.emplace(position, effects);
}

void EffectLedger::done(Position position) {
  const std::scoped_lock lock(mutex_);
  const auto found = open_.find(position);
  assert(found != open_.end() && "an effect ends once");
  if (--found->second == 0) open_.erase(found);
}

Position EffectLedger::covered() const {
  const std::scoped_lock lock(mutex_);
  return open_.empty() ? seen_ : Position{open_.begin()->first.value - 1};
}

std::size_t EffectLedger::under_way() const {
  const std::scoped_lock lock(mutex_);
  return open_.size();
}

}  // namespace souk
