/// One thing an entity is asked to do, on its way from the asker through the directory to the entity's actor.
///
/// Ownership: shared along the way, run by one actor. A task ends exactly once, by its own callback.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/live_entity.hpp"
#include "engine/base/clock.hpp"
#include "engine/entities.hpp"

namespace souk {

class EntityTask {
 public:
  EntityTask() = default;
  EntityTask(const EntityTask&) = delete;
  EntityTask& operator=(const EntityTask&) = delete;
  virtual ~EntityTask() = default;

  /// What is left to do after a run.
  enum class Left : std::uint8_t { kNothing, kWatching };

  /// Runs on the entity's actor. `kWatching`: call `recheck` after each change of the entity.
  virtual Left run(LiveEntity& entity) = 0;
  virtual Left recheck(LiveEntity& entity) {
    (void)entity;
    return Left::kNothing;
  }
  /// Ends a task that could not be run or fell over; does nothing to one that has ended. Never called for one that
  /// must not be shed.
  virtual void fail(const Error& error) = 0;
  /// Effects and timers stand in the log: they wait as long as it takes, where a request is refused.
  [[nodiscard]] virtual bool must_not_be_shed() const { return false; }
  /// A request is not begun after this moment.
  [[nodiscard]] virtual std::optional<Time> deadline() const { return std::nullopt; }
};

using TaskPtr = std::shared_ptr<EntityTask>;

/// An effect of the event at `meta.causation`, or the answer to a call.
class EffectTask final : public EntityTask {
 public:
  EffectTask(AnyCommand command, CommandMeta meta, std::function<void()> done)
      : command_(std::move(command)), meta_(std::move(meta)), done_(std::move(done)) {}

  Left run(LiveEntity& entity) override;
  void fail(const Error& error) override;
  [[nodiscard]] bool must_not_be_shed() const override { return true; }

 private:
  AnyCommand command_;
  CommandMeta meta_;
  std::function<void()> done_;  ///< called once what came of it is ordered
};

class TimerTask final : public EntityTask {
 public:
  using Done = std::function<void(Position)>;

  /// The clock says when it fires; it must outlive the task.
  TimerTask(PendingTimer timer, Clock& clock, Done done)
      : timer_(std::move(timer)), clock_(clock), done_(std::move(done)) {}

  Left run(LiveEntity& entity) override;
  void fail(const Error& error) override;
  [[nodiscard]] bool must_not_be_shed() const override { return true; }

 private:
  PendingTimer timer_;
  Clock& clock_;
  Done done_;  ///< called with the position of what came of it
};

}  // namespace souk
