#include "actors/entity_actor.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <utility>

#include "actors/messages.hpp"

namespace souk {
namespace {

/// No state has this schema, so no snapshot is used.
constexpr std::uint32_t kNoSnapshot = 0;

/// So that an entity that cannot be loaded, or falls over the same task again and again, does not take a whole core.
constexpr auto kRetryDelay = std::chrono::milliseconds(200);
constexpr auto kRetryDelayMax = std::chrono::milliseconds(10'000);

/// So many watchers may wait before those whose asker has gone are looked for, without any change of the entity.
constexpr std::size_t kWatchersUnchecked = 16;

Result<std::unique_ptr<LiveEntity>> restore_entity(const StreamId& stream, const EntityServices& services) {
  auto entity = make_live_entity(stream, services.log, services.mutations);
  if (!entity) {
    return fail(ErrorCode::kInternal, "entity.unknown_kind", "no entity is called " + std::string(stream.kind()));
  }
  auto stored = services.log.load(stream, entity->state_schema());
  if (!stored) return tl::unexpected<Error>(std::move(stored.error()));
  auto restored = entity->restore(*stored);
  if (!restored && stored->snapshot) {
    // A snapshot only saves time: without it the log says everything.
    services.home.fault(stream, "its snapshot cannot be read: " + restored.error().detail);
    entity = make_live_entity(stream, services.log, services.mutations);
    stored = services.log.load(stream, kNoSnapshot);
    if (!stored) return tl::unexpected<Error>(std::move(stored.error()));
    restored = entity->restore(*stored);
  }
  if (!restored) return tl::unexpected<Error>(std::move(restored.error()));
  return entity;
}

/// A rule that throws on an event in the log must not take the process with it.
Result<std::unique_ptr<LiveEntity>> load_entity(const StreamId& stream, const EntityServices& services) {
  try {
    return restore_entity(stream, services);
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, "entity.unreadable", error.what());
  }
}

}  // namespace

EntityActor::EntityActor(caf::actor_config& config, const StreamId& stream, const EntityServices& services)
    : caf::event_based_actor(config),
      stream_(stream),
      services_(services),
      load_delay_(kRetryDelay),
      watchers_rechecked_at_(kWatchersUnchecked) {}

caf::behavior EntityActor::make_behavior() {
  load();
  return {
      [this](RunTask& message) { take(std::move(message.task)); },
      [this](EntityLoaded& message) { became(message); },
      [this](LoadAgain) {
        will_load_again_ = false;
        if (!loading_ && !entity_) load();
      },
      [this](LeaveMemory) { leave(); },
  };
}

void EntityActor::load() {
  loading_ = true;
  // A weak address: a load that comes back to an actor already gone is dropped.
  services_.pool.submit([stream = stream_, services = services_, self = caf::actor_cast<caf::actor_addr>(this)] {
    EntityLoaded message{std::make_shared<std::unique_ptr<LiveEntity>>(), nullptr};
    if (auto made = load_entity(stream, services)) {
      *message.entity = std::move(*made);
    } else {
      message.error = std::make_shared<Error>(std::move(made.error()));
    }
    if (auto actor = caf::actor_cast<caf::actor>(self)) caf::anon_send(actor, std::move(message));
  });
}

void EntityActor::take(TaskPtr task) {
  if (entity_ && !fallen_) {
    run(std::move(task));
    return;
  }
  if (stash_.size() >= services_.stash_max && !task->must_not_be_shed()) {
    refuse(*task, {ErrorCode::kUnavailable, "entity.busy", "too many requests wait for this entity"});
    return;
  }
  if (is_blocked() && !task->must_not_be_shed()) {
    refuse(*task, {ErrorCode::kUnavailable, "entity.busy", "it cannot get past what it has to do first"});
    return;
  }
  // An asker does not wait for the next attempt to load what could not be loaded.
  if (!entity_ && !loading_ && !task->must_not_be_shed()) load();
  stash_.push_back(std::move(task));
}

void EntityActor::became(EntityLoaded& loaded) {
  loading_ = false;
  if (loaded.error) {
    could_not_load(*loaded.error);
  } else {
    services_.home.loaded();
    entity_ = std::move(*loaded.entity);
    while (!stash_.empty() && !fallen_) {
      TaskPtr task = std::move(stash_.front());
      stash_.pop_front();
      run(std::move(task));
    }
  }
  if (std::exchange(asked_to_leave_, false)) leave();
}

void EntityActor::could_not_load(const Error& error) {
  services_.home.fault(stream_, "cannot be loaded: " + error.reason + ": " + error.detail);
  // Requests are told; what stands in the log waits for an operator to mend it.
  std::deque<TaskPtr> kept;
  for (auto& task : std::exchange(stash_, {})) {
    if (task->must_not_be_shed()) {
      kept.push_back(std::move(task));
    } else {
      refuse(*task, {ErrorCode::kInternal, "entity.unreadable", "what is stored cannot be read"});
    }
  }
  stash_ = std::move(kept);
  if (std::exchange(will_load_again_, true)) return;
  delayed_send(this, load_delay_, LoadAgain{});
  load_delay_ = std::min(load_delay_ * 2, kRetryDelayMax);
}

void EntityActor::run(TaskPtr task) {
  if (const auto deadline = task->deadline(); deadline && services_.clock.now() > *deadline) {
    refuse(*task, {ErrorCode::kUnavailable, "request.deadline", "it waited too long; nothing was done"});
    return;
  }
  const Version before = entity_->version();
  if (!run_once(task)) {
    if (task->must_not_be_shed()) {
      stash_.push_front(std::move(task));
      for (auto& waiting : std::exchange(stash_, {})) take(std::move(waiting));
    } else {
      refuse(*task, {ErrorCode::kInternal, "entity.fault", "an internal error; the outcome is not known"});
    }
    return;
  }
  if (!fallen_ && entity_->version() != before) {
    recheck_watchers();
    maybe_snapshot();
  }
}

bool EntityActor::run_once(const TaskPtr& task) {
  try {
    const auto left = task->run(*entity_);
    if (entity_->broken()) {
      fall("somebody else wrote to the stream");
      return false;
    }
    if (left == EntityTask::Left::kWatching) watch(task);
    return true;
  } catch (const std::exception& error) {
    fall(error.what());
  } catch (...) {
    fall("something was thrown");
  }
  return false;
}

void EntityActor::watch(TaskPtr task) {
  watchers_.push_back(std::move(task));
  if (watchers_.size() < watchers_rechecked_at_) return;
  recheck_watchers();
  watchers_rechecked_at_ = std::max(kWatchersUnchecked, watchers_.size() * 2);
}

void EntityActor::recheck_watchers() {
  std::vector<TaskPtr> kept;
  for (auto& watcher : std::exchange(watchers_, {})) {
    try {
      if (watcher->recheck(*entity_) == EntityTask::Left::kWatching) kept.push_back(watcher);
    } catch (...) {
      // The entity itself is not at fault: only this one watcher ends.
      services_.home.fault(stream_, "a watcher threw");
      refuse(*watcher, {ErrorCode::kInternal, "entity.fault", "an internal error; the outcome is not known"});
    }
  }
  watchers_ = std::move(kept);
}

void EntityActor::refuse(EntityTask& task, const Error& error) {
  try {
    task.fail(error);
  } catch (...) {
    services_.home.fault(stream_, "an asker threw when it was refused");
  }
}

/// An effect or timer that throws is tried again until it can be obeyed; no asker waits behind it.
bool EntityActor::is_blocked() const {
  return fallen_ && !stash_.empty() && stash_.front()->must_not_be_shed();
}

void EntityActor::maybe_snapshot() {
  if (!entity_->wants_snapshot(services_.snapshot_every)) return;
  std::shared_ptr<Snapshot> snapshot;
  try {
    snapshot = std::make_shared<Snapshot>(entity_->take_snapshot());
  } catch (const std::exception& error) {
    fall(error.what());
    return;
  }
  const Position position = snapshot->position;
  services_.gate.hold(position, [stream = stream_, snapshot, &log = services_.log, &pool = services_.pool] {
    pool.submit([stream, snapshot, &log] { log.save_snapshot(stream, std::move(*snapshot)); });
  });
}

void EntityActor::leave() {
  if (loading_) {
    // First it serves those who wait for it; the directory holds whatever else comes.
    asked_to_leave_ = true;
    return;
  }
  if (entity_ && !fallen_ && !watchers_.empty()) {
    // Watchers whose asker has gone end here; the others keep the entity in memory.
    recheck_watchers();
    if (!watchers_.empty()) {
      services_.home.stays(stream_);
      return;
    }
  }
  if (fallen_ && !rested_) {
    rested_ = true;
    delayed_send(this, kRetryDelay, LeaveMemory{});
    return;
  }
  const Position position = fallen_ ? fell_at_ : entity_ ? entity_->position() : Position{};
  if (position > services_.log.head(Visibility::kDurable)) {
    services_.gate.hold(position, [self = caf::actor_cast<caf::actor_addr>(this)] {
      if (auto actor = caf::actor_cast<caf::actor>(self)) caf::anon_send(actor, LeaveMemory{});
    });
    return;
  }
  for (auto& watcher : std::exchange(watchers_, {})) {
    refuse(*watcher, {ErrorCode::kInternal, "entity.fault", "an internal error; the outcome is not known"});
  }
  services_.home.left(stream_, std::move(stash_));
  quit();
}

void EntityActor::fall(const std::string& what) {
  fallen_ = true;
  // It may have fallen between enqueueing and noting where; another writer's events must be durable as well before a
  // successor can see them.
  fell_at_ = services_.log.head(Visibility::kOrdered);
  services_.home.fault(stream_, what);
  services_.home.wants_to_leave(stream_);
}

}  // namespace souk
