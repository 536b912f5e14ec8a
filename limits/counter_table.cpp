#include "limits/counter_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdlib>
#include <new>

namespace souk::limits {
namespace {

/// A key of 0 means a free slot. The other half of an id chooses the group, so few keys are told apart by this half
/// alone.
std::uint64_t mark_of(const Id128& key) {
  return key.high == 0 ? 1 : key.high;
}

bool is_slow(const Rate& rate) {
  constexpr Duration kSoon = Duration::minutes(5);
  return rate.capacity > kSoon.us * rate.parts;
}

}  // namespace

/// All shards of a charge, locked from the lowest to the highest. A group belongs to one shard as a whole.
class CounterTable::Locked {
 public:
  Locked(std::array<Shard, kShards>& shards, std::span<const Asked> asked) : shards_(shards) {
    for (const Asked& one : asked) set_ |= std::uint64_t{1} << (one.key.low % kShards);
    each([](Shard& shard) { shard.mutex.lock(); });
  }
  ~Locked() {
    each([](Shard& shard) { shard.mutex.unlock(); });
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  template <class Do>
  void each(const Do& act) {
    for (std::uint64_t left = set_; left != 0; left &= left - 1) {
      act(shards_[static_cast<std::size_t>(std::countr_zero(left))]);
    }
  }

  std::array<Shard, kShards>& shards_;
  std::uint64_t set_ = 0;
};

void CounterTable::Free::operator()(void* memory) const {
  std::free(memory);
}

/// Zeros from the system are free slots, and cost nothing until they are used.
CounterTable::CounterTable(std::size_t counters)
    : group_count_(std::bit_ceil(std::max<std::size_t>(counters, kShards * kWays) / kWays)),
      memory_(std::calloc(group_count_ + 1, sizeof(Group))) {
  if (memory_ == nullptr) throw std::bad_alloc();
  void* first = memory_.get();
  std::size_t room = (group_count_ + 1) * sizeof(Group);
  groups_ = static_cast<Group*>(std::align(alignof(Group), group_count_ * sizeof(Group), first, room));
}

Meter* CounterTable::find(const Asked& asked) {
  if (asked.pinned != nullptr) return &asked.pinned->meter;
  Group& group = group_of(asked.key);
  const std::uint64_t mark = mark_of(asked.key);
  for (std::size_t i = 0; i < kWays; ++i) {
    if (group.keys[i] == mark) return &group.meters[i];
  }
  return nullptr;
}

void CounterTable::put(const Asked& asked, const Meter& meter, Time now) {
  Group& group = group_of(asked.key);
  const std::size_t ways = is_slow(*asked.rate) ? kWaysOfSlow : kWays;
  std::size_t place = 0;
  for (std::size_t i = 0; i < ways; ++i) {
    if (group.keys[i] == 0) {
      place = i;
      break;
    }
    if (group.meters[i].paid_at_us < group.meters[place].paid_at_us) place = i;
  }
  if (group.keys[place] != 0 && group.meters[place].paid_at_us > now.us) {
    evicted_ever_.fetch_add(1, std::memory_order_relaxed);
  }
  group.keys[place] = mark_of(asked.key);
  group.meters[place] = meter;
}

bool CounterTable::charge(std::span<const Asked> asked, Time now, std::span<Standing> standings) {
  assert(asked.size() <= kAskedMax && standings.size() >= asked.size());
  std::array<Meter*, kAskedMax> meters{};
  const Locked locked(*shards_, asked);
  bool is_refused = false;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    meters[i] = find(asked[i]);
    Meter fresh;
    standings[i] = stand(*asked[i].rate, meters[i] == nullptr ? fresh : *meters[i], now);
    is_refused = is_refused || judge(*asked[i].rate, standings[i]).outcome == Outcome::kRefused;
  }
  if (is_refused) return false;
  // Those that have a place first: a new one may take it from them.
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (meters[i] != nullptr) *meters[i] = limits::charge(*asked[i].rate, standings[i], now);
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (meters[i] == nullptr) put(asked[i], limits::charge(*asked[i].rate, standings[i], now), now);
  }
  return true;
}

void CounterTable::give_back(std::span<const Asked> asked, std::span<const Standing> standings, Time charged,
                             Time now) {
  const Locked locked(*shards_, asked);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (Meter* meter = find(asked[i])) *meter = limits::give_back(*asked[i].rate, *meter, standings[i], charged, now);
  }
}

}  // namespace souk::limits
