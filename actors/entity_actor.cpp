#include "actors/entity_actor.hpp"

#include <caf/all.hpp>

#include "actors/messages.hpp"

namespace souk {
namespace {

/// So that an entity that cannot be loaded, or falls over the same task again and again, does not take a whole core.
constexpr auto kRetryDelay = std::chrono::milliseconds(200);

}  // namespace

EntityActor::EntityActor(caf::actor_config& config, const StreamId& stream, const EntityServices& services)
    : caf::event_based_actor(config), stream_(stream), services_(services) {}

caf::behavior EntityActor::make_behavior() {
  load();
  return {
      [this](RunTask& message) { take(std::move(message.task)); },
      [this](EntityLoaded& message) { became(message); },
      [this](LoadAgain) { load(); },
      [this](LeaveMemory) { leave(); },
  };
}

void EntityActor::load() {
  loading_ = true;
  // A weak address: a load that comes back to an actor already gone is dropped.
  services_.pool.submit([stream = stream_, services = services_, self = caf::actor_cast<caf::actor_addr>(this)] {
    EntityLoaded message{std::make_shared<std::unique_ptr<LiveEntity>>(), nullptr};
    auto made = make_live_entity(stream, services.log, services.mutations);
    Result<void> restored;
    if (!made) {
      restored = fail(ErrorCode::kInternal, "entity.unknown_kind", "no entity is called " + std::string(stream.kind()));
    } else if (auto stored = services.log.load(stream, made->state_schema()); !stored) {
      restored = tl::unexpected<Error>(std::move(stored.error()));
    } else {
      restored = made->restore(*stored);
    }
    if (restored) {
      *message.entity = std::move(made);
    } else {
      message.error = std::make_shared<Error>(std::move(restored.error()));
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
    task->fail({ErrorCode::kUnavailable, "entity.busy", "too many requests wait for this entity"});
    return;
  }
  stash_.push_back(std::move(task));
}

void EntityActor::became(EntityLoaded& loaded) {
  loading_ = false;
  if (loaded.error) {
    services_.home.fault(stream_, "cannot be loaded: " + loaded.error->reason + ": " + loaded.error->detail);
    // Requests are told; what stands in the log waits for an operator to mend it.
    std::deque<TaskPtr> kept;
    for (auto& task : stash_) {
      if (task->must_not_be_shed()) {
        kept.push_back(std::move(task));
      } else {
        task->fail({ErrorCode::kInternal, "entity.unreadable", "what is stored cannot be read"});
      }
    }
    stash_ = std::move(kept);
    delayed_send(this, kRetryDelay, LoadAgain{});
    return;
  }
  services_.home.loaded();
  entity_ = std::move(*loaded.entity);
  while (!stash_.empty() && !fallen_) {
    TaskPtr task = std::move(stash_.front());
    stash_.pop_front();
    run(std::move(task));
  }
}

void EntityActor::run(TaskPtr task) {
  if (const auto deadline = task->deadline(); deadline && services_.clock.now() > *deadline) {
    task->fail({ErrorCode::kUnavailable, "request.deadline", "it waited too long; nothing was done"});
    return;
  }
  const Version before = entity_->version();
  try {
    if (task->run(*entity_) == EntityTask::Left::kWatching) watchers_.push_back(task);
    if (entity_->broken()) {
      if (task->must_not_be_shed()) stash_.push_front(std::move(task));
      fall("somebody else wrote to the stream");
      return;
    }
    if (entity_->version() != before) {
      recheck_watchers();
      maybe_snapshot();
    }
  } catch (const std::exception& error) {
    if (task->must_not_be_shed()) {
      stash_.push_front(std::move(task));
    } else {
      task->fail({ErrorCode::kInternal, "entity.fault", "an internal error; the outcome is not known"});
    }
    fall(error.what());
  }
}

void EntityActor::recheck_watchers() {
  std::erase_if(watchers_,
                [&](const TaskPtr& task) { return task->recheck(*entity_) == EntityTask::Left::kNothing; });
}

void EntityActor::maybe_snapshot() {
  if (entity_->version().value - entity_->snapshot_version().value < services_.snapshot_every) return;
  auto snapshot = std::make_shared<Snapshot>(entity_->take_snapshot());
  const Position position = snapshot->position;
  services_.gate.hold(position, [stream = stream_, snapshot, &log = services_.log, &pool = services_.pool] {
    pool.submit([stream, snapshot, &log] { log.save_snapshot(stream, std::move(*snapshot)); });
  });
}

void EntityActor::leave() {
  if (loading_ || (entity_ && !fallen_ && !watchers_.empty())) {
    // Watchers whose asker has gone end here; the others keep the entity in memory.
    if (entity_) recheck_watchers();
    if (loading_ || !watchers_.empty()) {
      services_.home.stays(stream_);
      return;
    }
  }
  if (fallen_ && !rested_) {
    rested_ = true;
    delayed_send(this, kRetryDelay, LeaveMemory{});
    return;
  }
  const Position position = entity_ ? entity_->position() : Position{};
  if (position > services_.log.head(Visibility::kDurable)) {
    services_.gate.hold(position, [self = caf::actor_cast<caf::actor_addr>(this)] {
      if (auto actor = caf::actor_cast<caf::actor>(self)) caf::anon_send(actor, LeaveMemory{});
    });
    return;
  }
  for (auto& watcher : watchers_) {
    watcher->fail({ErrorCode::kInternal, "entity.fault", "an internal error; the outcome is not known"});
  }
  watchers_.clear();
  services_.home.left(stream_, std::move(stash_));
  quit();
}

void EntityActor::fall(const std::string& what) {
  fallen_ = true;
  services_.home.fault(stream_, what);
  services_.home.wants_to_leave(stream_);
}

}  // namespace souk
