/// The log of events, the only truth: appending to streams, reading streams and the log, and what is indexed by it.
///
/// `append` executes ahead of durability: it checks, assigns positions and enqueues under one lock, and returns at
/// once ("ordered"); one committer writes what is waiting as one synced batch and then reports `durable`. All events
/// reach disk as a prefix of one order. Nothing that leaves the process may be based on an event that is not durable.
///
/// Thread-safety: every function may be called from any thread. `load`, `read`, `snapshot` and `due_timers` may read
/// the disk and so must not be called from an actor.
/// Durability: a failed write or sync ends the process (fatal.hpp); it is never retried.
/// Implementations: rocks_event_log.hpp (disk), memory_event_log.hpp (tests and simulation); one conformance suite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "eventstore/fatal.hpp"
#include "eventstore/record.hpp"

namespace souk {

struct NewEvent {
  std::string type;
  std::uint16_t schema = 1;
  std::string payload;  ///< JSON
  std::vector<TimerChange> timers;
  bool effect_free = false;  ///< as in EventRecord
};

struct AppendRequest {
  StreamId stream;
  Version expected;              ///< the stream's version that the decision was made on
  std::vector<NewEvent> events;  ///< at least one; all are written or none
  CommandMeta meta;
};

/// Where an append landed.
struct Appended {
  Position first;
  Position last;
  Version version;  ///< of the stream, after the append
  Time recorded_at;
};

/// The stream was not at the expected version: load it again and decide anew.
struct Conflict {
  Version current;
};

/// An entity's state at some durable version, kept to shorten loading. Losing one costs time only.
struct Snapshot {
  Version version;
  Position position;         ///< of the event with that version
  std::uint32_t schema = 0;  ///< of the state; another one than the program's is ignored
  std::string state;         ///< opaque to the log
};

/// What is needed to rebuild an entity.
struct LoadedStream {
  std::optional<Snapshot> snapshot;
  std::vector<RecordPtr> records;  ///< those behind the snapshot, in order
};

struct PendingTimer {
  StreamId stream;
  std::string name;
  Time due;
  Position set_by;

  friend bool operator==(const PendingTimer&, const PendingTimer&) = default;
};

/// What became of a command that carried an idempotency key.
struct KnownCommand {
  StreamId stream;
  Position position;  ///< of its last event
  Fingerprint fingerprint{};
  Time recorded_at;
};

enum class Visibility : std::uint8_t {
  kDurable,  ///< what has reached the disk: for everything that leaves the process
  kOrdered,  ///< also what is still on its way: for effects that stay in this log
};

/// One batch that was written and synced.
struct CommitFigures {
  std::uint64_t appends = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t took_us = 0;  ///< write and sync
};

/// Told of progress. Called on the appending or the committing thread, under no lock of the log, in order of time
/// for `durable`; must return quickly and must not write to the log.
class LogListener {
 public:
  LogListener() = default;
  LogListener(const LogListener&) = delete;
  LogListener& operator=(const LogListener&) = delete;
  virtual ~LogListener() = default;

  /// Something was enqueued; `read(…, kOrdered)` has it. Calls may be late or out of order: read the heads.
  virtual void ordered() {}
  /// Everything up to and including `position` is on disk.
  virtual void durable(Position position) { (void)position; }
  /// What it took, for operators. In the order of the commits, on the committing thread.
  virtual void committed(const CommitFigures& figures) { (void)figures; }
};

/// Figures for operators.
struct LogStats {
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t commit_us_total = 0;  ///< write and sync
  std::uint64_t queue_length = 0;     ///< appends waiting now
  std::uint64_t snapshots_ignored = 0;
};

class EventLog {
 public:
  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  virtual ~EventLog() = default;

  // --- writing

  /// Orders the events behind everything ordered before. The record time is taken here and never goes back.
  [[nodiscard]] virtual tl::expected<Appended, Conflict> append(AppendRequest request) = 0;
  /// Removes a timer that fired without any event to show for it. Durable with some later commit; losing it fires
  /// the timer again.
  virtual void forget_timer(const PendingTimer& timer) = 0;
  /// Keeps a consumer's place. It is written behind everything ordered before, with the next commit or within a
  /// second.
  virtual void set_checkpoint(std::string_view consumer, Position position) = 0;
  /// Keeps a snapshot if its version is durable, else drops it. May block.
  virtual void save_snapshot(const StreamId& stream, Snapshot snapshot) = 0;

  // --- reading

  /// The durable events of a stream behind its snapshot, if there is a usable one of `state_schema`; a stream
  /// without events is empty, not an error.
  [[nodiscard]] virtual Result<LoadedStream> load(const StreamId& stream, std::uint32_t state_schema) = 0;
  /// At most `limit` durable events of a stream behind `after`.
  [[nodiscard]] virtual Result<std::vector<RecordPtr>> read_stream(const StreamId& stream, Version after,
                                                                   std::size_t limit) = 0;
  /// At most `limit` events behind `after`, in order and without gaps. Records not yet durable have no hash.
  [[nodiscard]] virtual Result<std::vector<RecordPtr>> read(Position after, std::size_t limit,
                                                            Visibility visibility) = 0;
  /// The same from memory alone, with what is ordered but not durable; none when that far back is not kept in memory.
  /// An actor may call it.
  [[nodiscard]] virtual std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) = 0;
  [[nodiscard]] virtual Position head(Visibility visibility) const = 0;

  /// Also finds commands that are ordered but not durable. Only those with a key and not older than the retention.
  /// Reads memory and, rarely, the disk's cache; an actor may call it.
  [[nodiscard]] virtual std::optional<KnownCommand> find_command(const CommandId& id) = 0;
  /// At most `limit` durable timers with due ≤ `until`, the earliest first.
  [[nodiscard]] virtual std::vector<PendingTimer> due_timers(Time until, std::size_t limit) = 0;
  /// The durable or waiting checkpoint; position 0 where there is none.
  [[nodiscard]] virtual Position checkpoint(std::string_view consumer) const = 0;

  // --- about

  /// Random, made with the log, the same in its backups.
  [[nodiscard]] virtual Id128 log_id() const = 0;
  /// Raised by restore and salvage, after which positions may mean other events.
  [[nodiscard]] virtual std::uint32_t epoch() const = 0;
  [[nodiscard]] virtual LogStats stats() const = 0;

  /// A listener must outlive the log or be removed first; removal waits for calls under way.
  virtual void add_listener(LogListener* listener) = 0;
  virtual void remove_listener(LogListener* listener) = 0;
};

}  // namespace souk
