/// The live shop: every entity as an actor on one event log, with the effects and timers that events ask for.
///
/// A request goes in by `ask` or `read` and comes back by its callback, on the entity's worker thread and
/// *ahead of durability*: whatever leaves the process because of it must go through a DurabilityGate at the position
/// it was judged at. A callback must not block.
/// Thread-safety: every function from any thread.
/// Errors, beside the rules' own: kUnavailable "entity.busy", "request.deadline" (nothing was done);
/// kUnprocessable "idempotency.key_reused"; kInternal "entity.unreadable", "entity.fault".
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "actors/entity_directory.hpp"
#include "actors/entity_task.hpp"
#include "actors/job_runner.hpp"
#include "actors/message_sender.hpp"
#include "actors/payment_provider.hpp"
#include "engine/base/clock.hpp"
#include "engine/entity.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

/// What an asker learns; `state` lives only during the callback.
template <Entity E>
struct Judged {
  Verdict verdict;
  const Error* refusal;  ///< set exactly if the verdict is kRefused
  const typename E::State& state;
  Version version;
  Position position;
};

template <Entity E>
using Then = std::function<void(const Judged<E>&)>;

/// When an asker has what it waits for. Returns true as well when the asker has gone.
template <Entity E>
using Until = std::function<bool(const typename E::State&)>;

/// How a command is to be obeyed, beside what it says.
template <Entity E>
struct AskOptions {
  std::optional<Time> deadline;                 ///< not begun after it
  std::optional<std::vector<Version>> only_at;  ///< refused unless the entity has one of these versions
  Until<E> until;                               ///< calls back when this holds; none: at once
};

struct HostOptions {
  std::size_t worker_threads = 1;  ///< that run actors
  std::size_t load_threads = 2;    ///< that read the disk
  Duration timer_period = Duration::milliseconds(250);
  DirectoryOptions directory;
  /// Must outlive the host. None: messages to people are dropped.
  MessageSender* messages = nullptr;
  /// Likewise. None: jobs fail, for nobody does their work.
  JobRunner* jobs = nullptr;
  /// Told how long each request had waited when its entity began with it. Must be quick; on the workers. None: not
  /// measured.
  std::function<void(Duration)> on_waited;
  /// Actors run only when the stepper says so, on its thread, on CAF's test coordinator.
  bool deterministic = false;
};

struct HostStats {
  DirectoryStats directory;
  std::size_t effects_under_way = 0;
  std::uint64_t dispatch_position = 0;
  std::uint64_t timers_fired = 0;
};

/// Drives a deterministic host one step at a time. Thread-safety: none.
class HostStepper {
 public:
  HostStepper() = default;
  HostStepper(const HostStepper&) = delete;
  HostStepper& operator=(const HostStepper&) = delete;
  virtual ~HostStepper() = default;

  /// How many actors have something to do.
  [[nodiscard]] virtual std::size_t ready_actors() const = 0;
  /// Lets the actor at `index` (below `ready_actors`) handle what is due.
  virtual void run_actor(std::size_t index) = 0;
  /// Lets the oldest load or other disk work happen; false when there is none.
  virtual bool run_disk_work() = 0;
  /// Moves the actors' own clock; the host's Clock is moved by its owner.
  virtual void advance(Duration duration) = 0;
};

class EntityHost {
 public:
  EntityHost(EventLog& log, Clock& clock, PaymentProviders& providers, HostOptions options, FaultReport report_fault);
  EntityHost(const EntityHost&) = delete;
  EntityHost& operator=(const EntityHost&) = delete;
  /// Stops first.
  ~EntityHost();

  /// Begins to deliver effects and fire timers.
  void start();
  /// Ends all actors. What is under way in the log is taken up by the next start.
  void stop();
  /// True once every effect behind the checkpoint at start and every timer that was due was handed to its entity.
  [[nodiscard]] bool caught_up() const;

  /// Calls back once the command was refused, or was obeyed and the state is what the asker waits for.
  template <Entity E>
  void ask(typename E::Id id, typename E::Command command, CommandMeta meta, AskOptions<E> options, Then<E> then) {
    post(stream_of<E>(id),
         std::make_shared<Ask<E>>(std::move(command), std::move(meta), std::move(options), std::move(then), meter()));
  }

  /// Calls back with the state as it is, or once it is what the asker waits for.
  template <Entity E>
  void read(typename E::Id id, AskOptions<E> options, Then<E> then) {
    post(stream_of<E>(id),
         std::make_shared<Ask<E>>(std::nullopt, CommandMeta{}, std::move(options), std::move(then), meter()));
  }

  void post(const StreamId& stream, TaskPtr task);

  [[nodiscard]] HostStats stats() const;
  /// Null unless the host is deterministic.
  [[nodiscard]] HostStepper* stepper();

 private:
  /// How long a request waits to be begun, if somebody wants to know.
  class WaitMeter {
   public:
    explicit WaitMeter(const std::function<void(Duration)>* told) : told_(told) {
      if (told_ != nullptr) since_ = Clock::now();
    }
    void begun() {
      if (const auto* told = std::exchange(told_, nullptr)) {
        (*told)({std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - since_).count()});
      }
    }

   private:
    using Clock = std::chrono::steady_clock;
    const std::function<void(Duration)>* told_;
    Clock::time_point since_;
  };

  template <Entity E>
  class Ask final : public EntityTask {
   public:
    Ask(std::optional<typename E::Command> command, CommandMeta meta, AskOptions<E> options, Then<E> then,
        WaitMeter meter)
        : command_(std::move(command)),
          meta_(std::move(meta)),
          options_(std::move(options)),
          then_(std::move(then)),
          meter_(meter) {}

    Left run(LiveEntity& entity) override {
      meter_.begun();
      const Judgement judgement =
          command_ ? entity.obey(&*command_, meta_, options_.only_at ? &*options_.only_at : nullptr) : entity.look();
      verdict_ = judgement.verdict;
      if (verdict_ == Verdict::kRefused) {
        tell(entity, &*judgement.refusal, judgement.position);
        return Left::kNothing;
      }
      return check(entity, judgement.position);
    }
    Left recheck(LiveEntity& entity) override { return check(entity, entity.position()); }
    void fail(const Error& error) override {
      static const typename E::State kNothing{};
      end({Verdict::kRefused, &error, kNothing, Version{}, Position{}});
    }
    [[nodiscard]] std::optional<Time> deadline() const override { return options_.deadline; }

   private:
    Left check(LiveEntity& entity, Position position) {
      if (options_.until && !options_.until(*static_cast<const typename E::State*>(entity.state())))
        return Left::kWatching;
      tell(entity, nullptr, position);
      return Left::kNothing;
    }
    void tell(LiveEntity& entity, const Error* refusal, Position position) {
      end({verdict_, refusal, *static_cast<const typename E::State*>(entity.state()), entity.version(), position});
    }
    /// A callback that throws has been told; it is not called again.
    void end(const Judged<E>& judged) {
      if (const auto then = std::exchange(then_, nullptr)) then(judged);
    }

    std::optional<typename E::Command> command_;
    CommandMeta meta_;
    AskOptions<E> options_;
    Then<E> then_;
    WaitMeter meter_;
    Verdict verdict_ = Verdict::kRead;
  };

  [[nodiscard]] WaitMeter meter() const { return WaitMeter(on_waited_ ? &on_waited_ : nullptr); }

  struct Impl;
  const std::function<void(Duration)> on_waited_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
