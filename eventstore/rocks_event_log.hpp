/// The event log on disk: RocksDB behind one committer, with a witness of its head in a file of its own.
///
/// Thread-safety and durability: as EventLog. Closing (the destructor) writes everything that waits; no other call may
/// be under way then.
/// Errors of `open`, all of them refusals that leave the data as it is:
///   kUnavailable "store.locked"          another process has it: stop that one
///   kUnavailable "store.foreign"         not the directory of a log, or files of several logs
///   kUnavailable "store.format_newer"    written by a newer program
///   kUnavailable "store.io"              the disk or its permissions
///   kInternal    "store.head_lost"       acknowledged events are missing at the end: restore a backup
///   kInternal    "store.chain_broken"    a record is missing, changed or elsewhere: restore a backup
///   kInternal    "store.checkpoint_ahead", "store.damaged", "store.record_damaged": likewise
///   kInternal    "store.witness_damaged" the file says how to go on
#pragma once

#include <chrono>
#include <memory>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

struct RocksLogOptions {
  std::string directory;  ///< the log's own; created where it is missing
  FatalHandler on_fatal = die_of;
  Duration idempotency_retention = Duration::minutes(7 * 24 * 60);

  std::size_t batch_appends_max = 256;
  std::size_t batch_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t recent_records_max = 65'536;
  std::size_t recent_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t stream_heads_max = 65'536;
  std::size_t block_cache_bytes = std::size_t{64} * 1024 * 1024;
  std::size_t write_buffer_bytes = std::size_t{32} * 1024 * 1024;  ///< of each family
  std::chrono::milliseconds witness_interval{100};
  std::chrono::milliseconds checkpoint_delay{1'000};

  void* env_for_tests = nullptr;  ///< a rocksdb::Env whose disk fails on demand; must outlive the log
};

/// What `verify` saw.
struct VerifyReport {
  Position head;
  Hash256 head_hash{};
  std::uint64_t streams = 0;
  std::uint64_t timers = 0;
};

class RocksEventLog final : public EventLog {
 public:
  /// Opens, checks and repairs. `clock` must outlive the log and may be asked from any thread.
  static Result<std::unique_ptr<RocksEventLog>> open(RocksLogOptions options, Clock& clock);
  ~RocksEventLog() override;

  /// Checks the whole durable log, and every index against it. Takes as long as reading all of it.
  /// Errors: as `open`, and kInternal "store.index_damaged".
  [[nodiscard]] Result<VerifyReport> verify() const;

  tl::expected<Appended, Conflict> append(AppendRequest request) override;
  void forget_timer(const PendingTimer& timer) override;
  void set_checkpoint(std::string_view consumer, Position position) override;
  void save_snapshot(const StreamId& stream, Snapshot snapshot) override;
  Result<LoadedStream> load(const StreamId& stream, std::uint32_t state_schema) override;
  Result<std::vector<RecordPtr>> read_stream(const StreamId& stream, Version after, std::size_t limit) override;
  Result<std::vector<RecordPtr>> read(Position after, std::size_t limit, Visibility visibility) override;
  std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) override;
  Position head(Visibility visibility) const override;
  std::optional<KnownCommand> find_command(const CommandId& id) override;
  std::vector<PendingTimer> due_timers(Time until, std::size_t limit) override;
  Position checkpoint(std::string_view consumer) const override;
  Id128 log_id() const override;
  std::uint32_t epoch() const override;
  LogStats stats() const override;
  void add_listener(LogListener* listener) override;
  void remove_listener(LogListener* listener) override;

 private:
  struct Parts;
  explicit RocksEventLog(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace souk
