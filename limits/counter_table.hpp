/// The counters of a node, in memory of a fixed size: however many addresses ask, it does not grow.
///
/// Slots stand in groups of eight. A counter that finds its group full takes the place of the one that will have paid
/// first: one that owes nothing any more, if there is one, is no loss; else who had it is given a fresh burst, no more.
/// Who owes most keeps its place, so a flood of new addresses does not wash out those that ask too much. Counters whose
/// full burst takes more than five minutes to pay find place in one half of a group only: they owe for long, and would
/// else leave those that are soon paid one place to throw each other out of. Counters that must not be lost (a route's)
/// are kept by their rule and only charged here.
///
/// Thread-safety: any thread. A charge takes the locks of its counters' shards, in one order, and no other.
/// Limits: 32 bytes a counter; 16 counters a charge.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "engine/base/id.hpp"
#include "limits/rate.hpp"

namespace souk::limits {

/// A counter that is kept elsewhere, guarded by the shard of its key.
struct PinnedMeter {
  Meter meter;
};

struct Asked {
  const Rate* rate = nullptr;
  Id128 key;
  PinnedMeter* pinned = nullptr;  ///< none: in the table
};

class CounterTable {
 public:
  static constexpr std::size_t kAskedMax = 16;

  /// At least so many, rounded up to a power of two.
  explicit CounterTable(std::size_t counters);

  /// Charges all of them if none refuses, or none. `standings` are as they were before, one for each that is asked.
  bool charge(std::span<const Asked> asked, Time now, std::span<Standing> standings);
  /// Takes back what is still owed of a charge, as far as the counters are still there.
  void give_back(std::span<const Asked> asked, std::span<const Standing> standings, Time charged, Time now);

  [[nodiscard]] std::size_t capacity() const { return group_count_ * kWays; }
  /// Of addresses; pages that no counter was put into are not there yet.
  [[nodiscard]] std::size_t bytes() const { return group_count_ * sizeof(Group); }
  /// Counters that lost their place while they owed something.
  [[nodiscard]] std::uint64_t evicted_ever() const { return evicted_ever_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kWaysOfSlow = 4;

  /// The keys share one line of the cache, so that a search touches no other.
  struct alignas(64) Group {
    std::array<std::uint64_t, kWays> keys{};  ///< 0: free
    std::array<Meter, kWays> meters{};
  };
  struct alignas(64) Shard {
    std::mutex mutex;
  };
  struct Free {
    void operator()(void* memory) const;
  };
  class Locked;

  [[nodiscard]] Group& group_of(const Id128& key) { return groups_[key.low & (group_count_ - 1)]; }
  [[nodiscard]] Meter* find(const Asked& asked);
  void put(const Asked& asked, const Meter& meter, Time now);

  std::size_t group_count_;
  std::unique_ptr<void, Free> memory_;
  Group* groups_;
  std::unique_ptr<std::array<Shard, kShards>> shards_ = std::make_unique<std::array<Shard, kShards>>();
  std::atomic<std::uint64_t> evicted_ever_{0};
};

}  // namespace souk::limits
