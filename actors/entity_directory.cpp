#include "actors/entity_directory.hpp"

#include <caf/all.hpp>
#include <list>
#include <mutex>
#include <unordered_map>

#include "actors/entity_actor.hpp"
#include "actors/messages.hpp"

namespace souk {

struct EntityDirectory::Impl final : EntityHome {
  struct Entry {
    caf::actor actor;
    bool leaving = false;
    std::deque<TaskPtr> held;  ///< what came while it leaves
    std::list<StreamId>::iterator place;
    Time last_used;
  };

  Impl(caf::actor_system& actor_system, EventLog& log, Clock& clock_in, DurabilityGate& gate, WorkerPool& pool,
       const DirectoryOptions& directory_options, FaultReport report)
      : system(actor_system),
        clock(clock_in),
        options(directory_options),
        report_fault(std::move(report)),
        services{*this, log, clock_in, gate, pool, options.snapshot_every, options.stash_max, options.mutations} {}

  /// With the lock held: anon_send only enqueues, so the order of calls is the order in the mailbox.
  void post(const StreamId& stream, TaskPtr task) {
    const std::scoped_lock lock(mutex);
    if (stopped) return;
    const auto [found, is_new] = entries.try_emplace(stream);
    Entry& entry = found->second;
    if (is_new) {
      entry.place = order.insert(order.begin(), stream);
      entry.actor = system.spawn<EntityActor, caf::lazy_init>(stream, services);
    } else {
      order.splice(order.begin(), order, entry.place);
    }
    entry.last_used = clock.now();
    if (entry.leaving) {
      entry.held.push_back(std::move(task));
    } else {
      caf::anon_send(entry.actor, RunTask{std::move(task)});
    }
    if (is_new) make_room();
  }

  /// Asks the longest unused to leave until what stays fits the budget.
  void make_room() {
    auto candidate = order.end();
    while (entries.size() - leaving_count > options.live_entities_max && candidate != order.begin()) {
      --candidate;
      Entry& entry = entries.at(*candidate);
      if (!entry.leaving) ask_to_leave(entry);
    }
  }

  void ask_to_leave(Entry& entry) {
    entry.leaving = true;
    ++leaving_count;
    caf::anon_send(entry.actor, LeaveMemory{});
  }

  void sweep() {
    const std::scoped_lock lock(mutex);
    const Time now = clock.now();
    for (auto candidate = order.end(); candidate != order.begin();) {
      --candidate;
      Entry& entry = entries.at(*candidate);
      if (now - entry.last_used < options.idle_max) break;
      if (!entry.leaving) ask_to_leave(entry);
    }
  }

  void left(const StreamId& stream, std::deque<TaskPtr> unfinished) override {
    const std::scoped_lock lock(mutex);
    ++counts.passivated;
    const auto found = entries.find(stream);
    if (found == entries.end()) return;
    Entry& entry = found->second;
    --leaving_count;
    if (stopped || (unfinished.empty() && entry.held.empty())) {
      order.erase(entry.place);
      entries.erase(found);
      return;
    }
    entry.leaving = false;
    entry.actor = system.spawn<EntityActor, caf::lazy_init>(stream, services);
    for (auto& task : unfinished) caf::anon_send(entry.actor, RunTask{std::move(task)});
    send_held(entry);
  }

  void stays(const StreamId& stream) override {
    const std::scoped_lock lock(mutex);
    const auto found = entries.find(stream);
    if (found == entries.end() || !found->second.leaving) return;
    Entry& entry = found->second;
    entry.leaving = false;
    --leaving_count;
    // It counts as used, else the same entity is asked again and again while others could leave.
    entry.last_used = clock.now();
    order.splice(order.begin(), order, entry.place);
    send_held(entry);
  }

  void wants_to_leave(const StreamId& stream) override {
    const std::scoped_lock lock(mutex);
    const auto found = entries.find(stream);
    if (found != entries.end() && !found->second.leaving) ask_to_leave(found->second);
  }

  static void send_held(Entry& entry) {
    for (auto& task : entry.held) caf::anon_send(entry.actor, RunTask{std::move(task)});
    entry.held.clear();
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
    order.clear();
    leaving_count = 0;
    for (auto& [stream, entry] : ended) caf::anon_send_exit(entry.actor, caf::exit_reason::user_shutdown);
  }

  caf::actor_system& system;
  Clock& clock;
  DirectoryOptions options;
  FaultReport report_fault;
  EntityServices services;
  mutable std::mutex mutex;
  std::unordered_map<StreamId, Entry> entries;
  std::list<StreamId> order;  ///< the most recently used first
  std::size_t leaving_count = 0;
  bool stopped = false;
  DirectoryStats counts;
};

EntityDirectory::EntityDirectory(caf::actor_system& system, EventLog& log, Clock& clock, DurabilityGate& gate,
                                 WorkerPool& pool, DirectoryOptions options, FaultReport report_fault)
    : impl_(std::make_unique<Impl>(system, log, clock, gate, pool, options, std::move(report_fault))) {}

EntityDirectory::~EntityDirectory() = default;

void EntityDirectory::post(const StreamId& stream, TaskPtr task) { impl_->post(stream, std::move(task)); }
void EntityDirectory::sweep() { impl_->sweep(); }
void EntityDirectory::stop() { impl_->stop(); }

DirectoryStats EntityDirectory::stats() const {
  const std::scoped_lock lock(impl_->mutex);
  DirectoryStats stats = impl_->counts;
  stats.live = impl_->entries.size();
  return stats;
}

}  // namespace souk
