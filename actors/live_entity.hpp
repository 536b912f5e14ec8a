/// One entity in memory: its state and everything between a command and the append of its events, without threads.
///
/// Thread-safety: none; one actor owns it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

struct Effects;

/// How a command ended at its entity.
enum class Verdict : std::uint8_t {
  kDone,       ///< events were ordered
  kUnchanged,  ///< what was asked for already holds
  kRepeated,   ///< the same idempotency key did it before
  kRefused,    ///< a rule forbids it; nothing was written
  kRead,       ///< nothing was asked but to look
};

struct Judgement {
  Verdict verdict = Verdict::kRead;
  std::optional<Error> refusal;
  /// Of the state it was judged at: nobody outside may hear of it before this is durable.
  Position position;
};

/// Deliberate faults, only ever set by the tests that show that the crash tests would notice them.
struct Mutations {
  bool answer_before_durable = false;
  bool forget_obeyed = false;
};

class LiveEntity {
 public:
  LiveEntity(const StreamId& stream, EventLog& log, Mutations mutations)
      : stream_(stream), log_(log), mutations_(mutations) {}
  LiveEntity(const LiveEntity&) = delete;
  LiveEntity& operator=(const LiveEntity&) = delete;
  virtual ~LiveEntity() = default;

  /// Folds what the log holds. Errors: an event or snapshot that this program cannot read.
  virtual Result<void> restore(const LoadedStream& loaded) = 0;

  /// Decides, appends and applies. `command` points to the entity's own Command. An effect at or below the highest
  /// position obeyed, and a keyed command that was done before, change nothing. With `only_at` a command is refused
  /// unless the entity has one of these versions: kPreconditionFailed "version.changed".
  Judgement obey(const void* command, const CommandMeta& meta, const std::vector<Version>* only_at = nullptr);
  /// The same for a timer that fell due and fires now; one that is no longer set is forgotten.
  Judgement fire(const PendingTimer& timer, Time now);
  /// Nothing changes; the state's position.
  [[nodiscard]] Judgement look() const { return {Verdict::kRead, std::nullopt, position_}; }

  /// The entity's own State.
  [[nodiscard]] virtual const void* state() const = 0;
  [[nodiscard]] virtual std::uint32_t state_schema() const = 0;
  [[nodiscard]] const StreamId& stream() const { return stream_; }
  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] Position position() const { return position_; }
  /// Set once another writer was seen on the stream: what is in memory is not to be trusted any more.
  [[nodiscard]] bool broken() const { return broken_; }

  [[nodiscard]] Version snapshot_version() const { return snapshot_version_; }
  /// Whether it is time for another one: after `every` events, and the later the larger the last one was, so that what
  /// snapshots cost is shared by the events between them.
  [[nodiscard]] bool wants_snapshot(std::uint64_t every) const;
  /// The state as text; counts as the latest snapshot.
  Snapshot take_snapshot();

 protected:
  struct Timer {
    std::string name;
    Time due;
  };

  /// Decides and keeps the events until `apply_decided` or the next decision.
  virtual Result<std::vector<NewEvent>> decide(const void* command, std::vector<Timer>& timers) = 0;
  virtual void apply_decided() = 0;
  virtual Result<std::vector<NewEvent>> decide_timer(const PendingTimer& timer, Time now,
                                                     std::vector<Timer>& timers) = 0;
  [[nodiscard]] virtual std::string encode_snapshot() const = 0;

  /// What every entity remembers of a record besides its state.
  void follow(const EventRecord& record);
  static void change_timers(std::vector<Timer>& timers, const TimerChange& change);
  static void note_timer_effects(const Effects& effects, std::vector<Timer>& timers, NewEvent& event);

  Judgement append(std::vector<NewEvent> events, std::vector<Timer> timers, const CommandMeta& meta);
  [[nodiscard]] Judgement refuse(Error error) const;

  StreamId stream_;
  EventLog& log_;
  Mutations mutations_;
  Version version_;
  Position position_;
  Position obeyed_;  ///< the highest position of this log whose effect was obeyed
  std::vector<Timer> timers_;
  Version snapshot_version_;
  std::size_t snapshot_bytes_ = 0;
  bool broken_ = false;
};

/// The entity that a stream's kind names; null for a kind this program does not know.
std::unique_ptr<LiveEntity> make_live_entity(const StreamId& stream, EventLog& log, Mutations mutations);

/// The version of the state's shape of a stream's kind; 0 for an unknown kind.
std::uint32_t state_schema_of(const StreamId& stream);

/// What a stored event asks for. Errors: an event that this program cannot read.
Result<Effects> effects_of(const EventRecord& record);

}  // namespace souk
