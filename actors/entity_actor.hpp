/// The CAF actor that hosts one live entity: loads it, runs its tasks in order, saves snapshots, leaves memory.
///
/// A task that throws is our own bug: its asker is told, and the entity starts again from the log.
#pragma once

#include <caf/event_based_actor.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "actors/durability_gate.hpp"
#include "actors/entity_task.hpp"
#include "actors/worker_pool.hpp"
#include "engine/base/clock.hpp"

namespace souk {

/// Messages of an entity's actor; they never leave the process.
struct RunTask {
  TaskPtr task;
};
struct EntityLoaded {
  std::shared_ptr<std::unique_ptr<LiveEntity>> entity;  ///< moved out by the actor; null inside if `error` is set
  std::shared_ptr<Error> error;
};
struct LeaveMemory {};
struct LoadAgain {};

/// How the actor speaks to the directory that owns it.
class EntityHome {
 public:
  EntityHome() = default;
  EntityHome(const EntityHome&) = delete;
  EntityHome& operator=(const EntityHome&) = delete;
  virtual ~EntityHome() = default;

  /// The actor ends now; `unfinished` come before whatever was held.
  virtual void left(const StreamId& stream, std::deque<TaskPtr> unfinished) = 0;
  /// The actor was asked to leave but is still watched.
  virtual void stays(const StreamId& stream) = 0;
  /// The actor wants to be asked to leave, behind what it was sent already.
  virtual void wants_to_leave(const StreamId& stream) = 0;
  virtual void fault(const StreamId& stream, const std::string& what) = 0;
  virtual void loaded() = 0;
};

struct EntityServices {
  EntityHome& home;
  EventLog& log;
  Clock& clock;
  DurabilityGate& gate;
  WorkerPool& pool;
  std::uint64_t snapshot_every;
  std::size_t stash_max;
  Mutations mutations;
};

class EntityActor final : public caf::event_based_actor {
 public:
  EntityActor(caf::actor_config& config, const StreamId& stream, const EntityServices& services);

  caf::behavior make_behavior() override;
  [[nodiscard]] const char* name() const override { return "souk.entity"; }

 private:
  void load();
  void take(TaskPtr task);
  void became(EntityLoaded& loaded);
  void could_not_load(const Error& error);
  void run(TaskPtr task);
  /// Runs it once; false when the entity fell and the task did not end.
  bool run_once(const TaskPtr& task);
  void watch(TaskPtr task);
  void recheck_watchers();
  void leave();
  void fall(const std::string& what);
  void maybe_snapshot();
  [[nodiscard]] bool is_blocked() const;
  void refuse(EntityTask& task, const Error& error);

  StreamId stream_;
  EntityServices services_;
  std::unique_ptr<LiveEntity> entity_;
  bool loading_ = false;
  bool asked_to_leave_ = false;  ///< while loading
  bool will_load_again_ = false;
  std::chrono::milliseconds load_delay_;
  bool fallen_ = false;        ///< waits for the last message before it ends, and runs nothing more
  bool rested_ = false;        ///< has waited a moment after its fall
  std::deque<TaskPtr> stash_;  ///< what came before the entity was loaded, or after it fell
  Position fell_at_;           ///< everything it enqueued before it fell is at or below
  std::vector<TaskPtr> watchers_;
  std::size_t watchers_rechecked_at_;
};

}  // namespace souk
