#include "actors/entity_directory.hpp"

#include <caf/all.hpp>
#include <list>
#include <mutex>
#include <unordered_map>

#include "actors/entity_actor.hpp"
#include "actors/messages.hpp"

namespace souk {
namespace {

/// For one that comes. More than one, so that the budget is reached again after some could not leave; bounded, so
/// that a budget full of entities that cannot leave costs little.
constexpr std::size_t kAskedToLeaveMax = 4;

}  // namespace

struct EntityDirectory::Impl final : EntityHome {
  struct Entry {
    caf::actor actor;
    bool leaving = false;
    std::deque<TaskPtr> held;             ///< what came while it leaves
    std::list<StreamId>::iterator place;  ///< in `staying`, unless it leaves
    Time last_used;
  };

  Impl(caf::actor_system& actor_system, EventLog& log, Clock& clock_in, DurabilityGate& gate, WorkerPool& pool,
       const DirectoryOptions& directory_options, FaultReport report)
      : system(actor_system),
        clock(clock_in),
        options(directory_options),
        report_fault(std::move(report)),
        services{*this, log, clock_in, gate, pool, options.snapshot_every, options.stash_max, options.mutations} {}

  void post(const StreamId& stream, TaskPtr task) {
    if (enqueue(stream, task)) return;
    try {
      task->fail({ErrorCode::kUnavailable, "entity.busy", "too many requests wait for this entity"});
    } catch (...) {
      fault(stream, "an asker threw when it was refused");
    }
  }

  /// With the lock held: anon_send only enqueues, so the order of calls is the order in the mailbox. False when too
  /// many are held.
  bool enqueue(const StreamId& stream, const TaskPtr& task) {
    const std::scoped_lock lock(mutex);
    if (stopped) return true;
    const auto [found, is_new] = entries.try_emplace(stream);
    Entry& entry = found->second;
    entry.last_used = clock.now();
    if (entry.leaving) {
      if (entry.held.size() >= options.stash_max && !task->must_not_be_shed()) return false;
      entry.held.push_back(task);
      return true;
    }
    if (is_new) {
      entry.place = staying.insert(staying.begin(), stream);
      entry.actor = system.spawn<EntityActor, caf::lazy_init>(stream, services);
    } else {
      staying.splice(staying.begin(), staying, entry.place);
    }
    caf::anon_send(entry.actor, RunTask{task});
    if (is_new) make_room(kAskedToLeaveMax);
    return true;
  }

  /// Asks the longest unused, at most so many, to leave until what stays fits the budget.
  void make_room(std::size_t asked_max) {
    for (; staying.size() > options.live_entities_max && asked_max > 0; --asked_max) {
      ask_to_leave(entries.at(staying.back()));
    }
  }

  void ask_to_leave(Entry& entry) {
    entry.leaving = true;
    staying.erase(entry.place);
    caf::anon_send(entry.actor, LeaveMemory{});
  }

  void sweep() {
    const std::scoped_lock lock(mutex);
    const Time now = clock.now();
    while (!staying.empty()) {
      Entry& entry = entries.at(staying.back());
      if (now - entry.last_used < options.idle_max) break;
      ask_to_leave(entry);
    }
    // Those that could not leave when they were asked may be able to now.
    make_room(staying.size());
  }

  void left(const StreamId& stream, std::deque<TaskPtr> unfinished) override {
    const std::scoped_lock lock(mutex);
    ++counts.passivated;
    const auto found = entries.find(stream);
    if (found == entries.end()) return;
    Entry& entry = found->second;
    if (unfinished.empty() && entry.held.empty()) {
      entries.erase(found);
      return;
    }
    entry.actor = system.spawn<EntityActor, caf::lazy_init>(stream, services);
    for (auto& task : unfinished) caf::anon_send(entry.actor, RunTask{std::move(task)});
    keep(stream, entry);
  }

  void stays(const StreamId& stream) override {
    const std::scoped_lock lock(mutex);
    const auto found = entries.find(stream);
    if (found != entries.end() && found->second.leaving) keep(stream, found->second);
  }

  /// It counts as used, else the same entity would be asked to leave again and again while others could.
  void keep(const StreamId& stream, Entry& entry) {
    entry.leaving = false;
    entry.last_used = clock.now();
    entry.place = staying.insert(staying.begin(), stream);
    for (auto& task : entry.held) caf::anon_send(entry.actor, RunTask{std::move(task)});
    entry.held.clear();
  }

  void wants_to_leave(const StreamId& stream) override {
    const std::scoped_lock lock(mutex);
    const auto found = entries.find(stream);
    if (found != entries.end() && !found->second.leaving) ask_to_leave(found->second);
  }

  void fault(const StreamId& stream, const std::string& what) override {
    {
      const std::scoped_lock lock(mutex);
      ++counts.faults;
    }
    report_fault(stream, what);
  }

  void loaded() override {
    const std::scoped_lock lock(mutex);
    ++counts.loaded;
  }

  void stop() {
    std::unordered_map<StreamId, Entry> ended;
    const std::scoped_lock lock(mutex);
    stopped = true;
    ended.swap(entries);
    staying.clear();
    for (auto& [stream, entry] : ended) caf::anon_send_exit(entry.actor, caf::exit_reason::user_shutdown);
  }

  caf::actor_system& system;
  Clock& clock;
  DirectoryOptions options;
  FaultReport report_fault;
  EntityServices services;
  mutable std::mutex mutex;
  std::unordered_map<StreamId, Entry> entries;
  std::list<StreamId> staying;  ///< those not asked to leave, the most recently used first
  bool stopped = false;
  DirectoryStats counts;
};

EntityDirectory::EntityDirectory(caf::actor_system& system, EventLog& log, Clock& clock, DurabilityGate& gate,
                                 WorkerPool& pool, DirectoryOptions options, FaultReport report_fault)
    : impl_(std::make_unique<Impl>(system, log, clock, gate, pool, options, std::move(report_fault))) {}

EntityDirectory::~EntityDirectory() = default;

void EntityDirectory::post(const StreamId& stream, TaskPtr task) {
  impl_->post(stream, std::move(task));
}
void EntityDirectory::sweep() {
  impl_->sweep();
}
void EntityDirectory::stop() {
  impl_->stop();
}

DirectoryStats EntityDirectory::stats() const {
  const std::scoped_lock lock(impl_->mutex);
  DirectoryStats stats = impl_->counts;
  stats.live = impl_->entries.size();
  return stats;
}

}  // namespace souk
