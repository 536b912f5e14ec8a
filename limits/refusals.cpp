#include "limits/refusals.hpp"

#include <algorithm>

namespace souk::limits {

void Refusals::remember(const Id128& key, const Reading& refused, Time now) {
  const std::scoped_lock lock(mutexes_[key.low % kShards]);
  slots_[key.low % kSlots] = {key, now, refused};
}

std::optional<Reading> Refusals::find(const Id128& key, Time now) const {
  const std::scoped_lock lock(mutexes_[key.low % kShards]);
  const Slot& slot = slots_[key.low % kSlots];
  const Duration since = now - slot.said;
  if (slot.key != key || since.us < 0 || since >= std::min(slot.refused.retry_after, kLongest)) return std::nullopt;
  Reading reading = slot.refused;
  reading.retry_after.us -= since.us;
  reading.reset.us = std::max<std::int64_t>(0, reading.reset.us - since.us);
  return reading;
}

}  // namespace souk::limits
