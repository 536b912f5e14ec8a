/// Which entities live in memory, and the one door to each: tasks go in here, whether their entity is there or not.
///
/// An entity is brought to life by its first task and leaves when it was idle or when there are more than the budget,
/// the longest unused first. While one leaves (which it does only when all it enqueued is durable), its tasks are held
/// here and given to its successor in their order.
/// Thread-safety: every function from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "actors/entity_task.hpp"
#include "actors/worker_pool.hpp"
#include "engine/base/clock.hpp"

namespace caf {
class actor_system;
}

namespace souk {

class DurabilityGate;

/// A sentence for the operator, with its stream.
using FaultReport = std::function<void(const StreamId& stream, const std::string& what)>;

struct DirectoryOptions {
  std::size_t live_entities_max = 100'000;  ///< the budget; exceeded only while entities cannot leave yet
  Duration idle_max = Duration::seconds(300);
  std::uint64_t snapshot_every = 200;  ///< events
  std::size_t stash_max = 1'000;       ///< requests held for one entity that is being loaded or leaves
  Mutations mutations;
};

struct DirectoryStats {
  std::size_t live = 0;
  std::uint64_t loaded = 0;
  std::uint64_t passivated = 0;
  std::uint64_t faults = 0;
};

class EntityDirectory {
 public:
  EntityDirectory(caf::actor_system& system, EventLog& log, Clock& clock, DurabilityGate& gate, WorkerPool& pool,
                  DirectoryOptions options, FaultReport report_fault);
  EntityDirectory(const EntityDirectory&) = delete;
  EntityDirectory& operator=(const EntityDirectory&) = delete;
  ~EntityDirectory();

  /// Hands the task to the entity's actor, in the order of the calls.
  void post(const StreamId& stream, TaskPtr task);

  /// Asks entities unused for longer than the limit, and those beyond the budget, to leave.
  void sweep();

  /// Ends all actors; tasks that come later or were held are dropped.
  void stop();

  [[nodiscard]] DirectoryStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
