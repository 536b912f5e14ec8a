/// Where the order of the log is made: versions are checked, positions and times assigned, and appends queued for the
/// committer, all under one lock and without touching the disk.
///
/// Thread-safety: all functions; `take` and `committed` belong to the committer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "eventstore/recent_records.hpp"
#include "eventstore/stream_heads.hpp"

namespace souk {

/// One append on its way to the disk.
struct PendingAppend {
  std::vector<std::shared_ptr<EventRecord>> records;
  std::string stored;  ///< of each record its bytes and room for its hash
};

struct PendingCheckpoint {
  std::string consumer;
  Position position;
  Position behind;  ///< may be written only with or after the record at this position
};

/// What the committer writes as one batch.
struct CommitWork {
  std::vector<PendingAppend> appends;
  std::vector<PendingCheckpoint> checkpoints;
  std::vector<PendingTimer> forgotten;

  [[nodiscard]] bool empty() const { return appends.empty() && checkpoints.empty() && forgotten.empty(); }
};

/// Looks up the version of a stream of which nothing is on its way.
class DurableVersions {
 public:
  DurableVersions() = default;
  DurableVersions(const DurableVersions&) = delete;
  DurableVersions& operator=(const DurableVersions&) = delete;
  virtual ~DurableVersions() = default;

  /// `expected` is a guess that makes the look-up cheap where it is right.
  virtual Version durable_version(const StreamId& stream, Version expected) = 0;
};

struct SequencerOptions {
  std::size_t batch_appends_max = 256;
  std::size_t batch_bytes_max = std::size_t{4} * 1024 * 1024;
  std::size_t recent_records_max = 65'536;
  std::size_t recent_bytes_max = std::size_t{64} * 1024 * 1024;
  std::size_t stream_heads_max = 65'536;
  /// How long a checkpoint waits for events to be written with.
  std::chrono::milliseconds checkpoint_delay{1'000};
};

class Sequencer {
 public:
  struct Start {
    std::uint32_t epoch = 1;
    Position head;
    Time last_time;
    std::map<std::string, Position, std::less<>> checkpoints;
  };
  Sequencer(SequencerOptions options, Start start, Clock& clock, DurableVersions& versions);

  tl::expected<Appended, Conflict> append(AppendRequest request);
  void forget_timer(const PendingTimer& timer);
  void set_checkpoint(std::string_view consumer, Position position);
  [[nodiscard]] Position checkpoint(std::string_view consumer) const;

  [[nodiscard]] Position ordered() const { return {ordered_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Position durable() const { return {durable_.load(std::memory_order_acquire)}; }
  [[nodiscard]] std::uint64_t queue_length() const { return queued_.load(std::memory_order_relaxed); }
  /// Of a command that is ordered but not durable.
  [[nodiscard]] std::optional<KnownCommand> find_in_flight(const CommandId& id) const;
  /// Records behind `after` and up to `until` that are in memory. Nothing where the first of them is only on disk;
  /// `recent_from` then says where memory begins.
  [[nodiscard]] std::vector<RecordPtr> read_recent(Position after, Position until, std::size_t limit,
                                                   Position& recent_from) const;
  [[nodiscard]] RecordPtr find_recent(Position position) const;

  /// Waits for something to write, and takes at most one batch of it. Empty: the log is closing and all is written.
  CommitWork take();
  /// All up to `durable` is on disk.
  void committed(Position durable, const std::vector<PendingAppend>& appends);
  /// `take` no longer waits.
  void close();

 private:
  Version& head_of(std::unique_lock<std::mutex>& lock, const StreamId& stream, Version expected);
  void note_side_write();
  [[nodiscard]] bool has_work() const;
  void take_appends(CommitWork& work);

  const SequencerOptions options_;
  const std::uint32_t epoch_;
  Clock& clock_;
  DurableVersions& versions_;

  std::atomic<std::uint64_t> ordered_;
  std::atomic<std::uint64_t> durable_;
  std::atomic<std::uint64_t> queued_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  Time last_time_;
  StreamHeads heads_;
  RecentRecords recent_;
  std::unordered_map<CommandId, KnownCommand> in_flight_;
  std::map<std::string, Position, std::less<>> checkpoints_;
  std::deque<PendingAppend> queue_;
  std::vector<PendingCheckpoint> new_checkpoints_;
  std::vector<PendingTimer> forgotten_;
  std::chrono::steady_clock::time_point side_writes_due_;
  bool committer_waits_ = false;
  bool closing_ = false;
};

}  // namespace souk
