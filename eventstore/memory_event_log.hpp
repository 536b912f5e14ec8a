/// The event log in memory, for tests and deterministic simulation: the caller decides what becomes durable when, and
/// what a crash leaves behind.
///
/// Keeps the same contract as rocks_event_log.hpp (one conformance suite) and the same chain of hashes.
/// Thread-safety: as EventLog. Durability: that of the process; `crash` hands out what a disk would still hold.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <variant>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "eventstore/log_listeners.hpp"

namespace souk {

struct MemoryLogOptions {
  /// True: whatever is appended is durable, and told to be, before `append` returns. False: `commit_some` and
  /// `commit_all` say when.
  bool auto_commit = true;
  Duration idempotency_retention = Duration::minutes(7 * 24 * 60);
  FatalHandler on_fatal = die_of;
  Id128 log_id{0, 1};
  std::uint32_t epoch = 1;
};

/// What has become durable, always consistent in itself. Copy it freely: records are shared and never change.
struct MemoryDisk {
  using TimerKey = std::pair<StreamId, std::string>;
  struct TimerOrder {
    Time due;
    TimerKey key;
    friend auto operator<=>(const TimerOrder&, const TimerOrder&) = default;
  };
  struct Timer {
    Time due;
    Position set_by;
  };

  std::vector<RecordPtr> records;  ///< the one at position p at index p − 1
  std::unordered_map<StreamId, std::vector<Position>> streams;
  std::map<TimerKey, Timer> timers;
  std::set<TimerOrder> timers_by_due;
  std::unordered_map<CommandId, KnownCommand> commands;
  std::map<std::string, Position, std::less<>> checkpoints;
  std::unordered_map<StreamId, Snapshot> snapshots;

  [[nodiscard]] Position head() const { return {records.size()}; }
};

class MemoryEventLog final : public EventLog {
 public:
  explicit MemoryEventLog(Clock& clock, MemoryLogOptions options = {});
  /// Starts from what a crash left.
  MemoryEventLog(Clock& clock, MemoryDisk disk, MemoryLogOptions options = {});

  // --- for tests: what the disk does

  /// Makes the next `appends` appends durable, all events of each and whatever was written between them, as one
  /// commit, and tells the listeners.
  void commit_some(std::size_t appends);
  /// Also a checkpoint or a forgotten timer behind the last append.
  void commit_all();
  /// Appends not yet durable.
  [[nodiscard]] std::size_t waiting() const;
  /// The next commit fails: the fatal handler is called with `what`, and nothing becomes durable any more.
  void fail_next_commit(std::string what);
  /// The process is gone: the durable prefix, to start another log from. This one commits nothing any more.
  [[nodiscard]] MemoryDisk crash();

  // --- EventLog

  tl::expected<Appended, Conflict> append(AppendRequest request) override;
  void forget_timer(const PendingTimer& timer) override;
  void set_checkpoint(std::string_view consumer, Position position) override;
  void save_snapshot(const StreamId& stream, Snapshot snapshot) override;
  Result<LoadedStream> load(const StreamId& stream, std::uint32_t state_schema) override;
  Result<std::vector<RecordPtr>> read_stream(const StreamId& stream, Version after, std::size_t limit) override;
  Result<std::vector<RecordPtr>> read(Position after, std::size_t limit, Visibility visibility) override;
  std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) override {
    return *read(after, limit, Visibility::kOrdered);
  }
  Position head(Visibility visibility) const override;
  std::optional<KnownCommand> find_command(const CommandId& id) override;
  std::vector<PendingTimer> due_timers(Time until, std::size_t limit) override;
  Position checkpoint(std::string_view consumer) const override;
  Id128 log_id() const override { return options_.log_id; }
  std::uint32_t epoch() const override { return options_.epoch; }
  LogStats stats() const override;
  void add_listener(LogListener* listener) override { listeners_.add(listener); }
  void remove_listener(LogListener* listener) override { listeners_.remove(listener); }

 private:
  using Records = std::vector<std::shared_ptr<EventRecord>>;
  struct NewCheckpoint {
    std::string consumer;
    Position position;
  };
  using Write = std::variant<Records, NewCheckpoint, PendingTimer>;

  void enqueue(Write write);
  void commit(std::size_t appends, bool also_trailing);
  void apply(const Records& records);
  void apply(const NewCheckpoint& checkpoint);
  void apply(const PendingTimer& forgotten);
  void apply_timer(const EventRecord& record, const TimerChange& change);
  std::vector<RecordPtr> durable_stream(const StreamId& stream, Version after, std::size_t limit) const;
  bool is_expired(const KnownCommand& command);

  Clock& clock_;
  const MemoryLogOptions options_;
  LogListeners listeners_;

  /// Held while a commit is made and told, so that listeners hear of durability in order.
  std::mutex commit_mutex_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  MemoryDisk disk_;
  std::deque<Write> queue_;
  std::vector<RecordPtr> in_flight_;  ///< those behind the durable head
  std::unordered_map<StreamId, Version> ordered_versions_;
  std::unordered_map<CommandId, KnownCommand> ordered_commands_;
  std::map<std::string, Position, std::less<>> ordered_checkpoints_;
  Time last_time_;
  LogStats stats_;
  std::optional<std::string> failure_;
  bool is_dead_ = false;
};

}  // namespace souk
