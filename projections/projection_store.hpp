/// The file of one projection: its rows, and in the same transactions its checkpoint and the events it parked.
///
/// Thread-safety: one thread at a time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "eventstore/record.hpp"
#include "projections/follower_target.hpp"
#include "projections/projection.hpp"
#include "projections/running_hash.hpp"
#include "projections/sqlite.hpp"

namespace souk {

/// Which log the positions of a checkpoint are meant in.
struct LogIdentity {
  Id128 log_id;
  std::uint32_t epoch = 0;

  friend bool operator==(const LogIdentity&, const LogIdentity&) = default;
};

class ProjectionStore {
 public:
  /// For the mutation control of the crash test only: a checkpoint outside the transaction must be found out.
  enum class CheckpointWrite : std::uint8_t { kWithRows, kBeforeRows };

  struct OpenOptions {
    std::string path;
    bool rebuild = false;  ///< one that cannot be used is dropped and made anew, instead of being refused
    /// It is made from the beginning in one go: nothing waits for the disk before `settle`. After a power cut it is of
    /// no use.
    bool building = false;
    bool keeps_other_schema = false;  ///< a file of another schema is an error, instead of being dropped
    bool complete_at_head = false;    ///< it is not complete before it holds what the log holds now
    CheckpointWrite checkpoint_write = CheckpointWrite::kWithRows;
  };

  /// Opens or makes the file. One of another schema is dropped and made anew.
  /// Errors: kInternal "projection.other_schema", "projection.foreign_log", "projection.other_epoch",
  /// "projection.ahead_of_log", "projection.unreadable", each with what to do; those of SQLite.
  static Result<ProjectionStore> open(const OpenOptions& options, Projection& projection, const LogIdentity& log,
                                      Position head);

  /// Where the next batch begins; what was committed last.
  [[nodiscard]] Position checkpoint() const { return checkpoint_; }
  /// The head of the log when the file was made, or later: see OpenOptions.
  [[nodiscard]] Position complete_at() const { return complete_at_; }
  [[nodiscard]] bool is_parked(const StreamId& stream) const { return parked_streams_.contains(stream); }
  [[nodiscard]] std::size_t parked_count() const { return parked_count_; }

  using Taken = FollowerTarget::Taken;
  /// Applies the records and moves the checkpoint to `upto`, in one transaction. A record whose stream is parked is
  /// parked in it, and so is, if the policy says so, one that the projection fails on; else all ends before that one.
  /// On an Error nothing has happened.
  Result<Taken> apply_batch(Projection& projection, const std::vector<RecordPtr>& records, Position upto,
                            OnPoison policy, Time now);

  /// Reads the checkpoint again after a failed batch, for a failed commit leaves it open what the file holds.
  Result<void> reload();

  /// The earliest events parked, in the order of the log.
  Result<std::vector<ParkedEvent>> parked(std::size_t limit);
  using Retried = FollowerTarget::Retried;
  /// As FollowerTarget::retry_parked; at least one event is tried.
  Result<Retried> retry_parked(Projection& projection, EventLog& log, Position from, std::chrono::milliseconds turn);

  /// Those that only readers need; a file that was not opened to build has them.
  Result<void> create_indexes(Projection& projection) { return projection.create_indexes(db_); }
  /// What was built without waiting for the disk is on the disk now, and is waited for from now on.
  Result<void> settle();
  /// Whether there is such a file and it was either not made to be built or has been settled.
  static bool is_settled(const std::string& path);

  /// Besides, tells somebody else of each row that changes.
  void observe(std::function<void(const sqlite::RowChange&)> tell) { counting_->tell = std::move(tell); }
  /// Of all rows at the checkpoint.
  [[nodiscard]] const TableHash& hash() const { return hash_; }

 private:
  explicit ProjectionStore(sqlite::Database db) : db_(std::move(db)) {}

  static Result<ProjectionStore> open_once(const OpenOptions& options, Projection& projection, const LogIdentity& log,
                                           Position head);
  Result<void> create_or_check(const OpenOptions& options, Projection& projection, const LogIdentity& log,
                               Position head);
  Result<void> create(const OpenOptions& options, Projection& projection, const LogIdentity& log, Position head);
  Result<void> check(const std::string& path, Projection& projection, const LogIdentity& log, Position head);
  Result<void> apply_unguarded(Projection& projection, const std::vector<RecordPtr>& records, Position upto);
  Result<Taken> apply_one_by_one(Projection& projection, const std::vector<RecordPtr>& records, Position upto,
                                 OnPoison policy, Time now);
  struct ParkedStream {
    Position first;
    StreamId stream;
  };
  /// The streams with parked events and none before `from`, the earliest event first.
  Result<std::vector<ParkedStream>> parked_streams(Position from);
  /// Where the earliest parked events of a stream stand, in order.
  Result<std::vector<Position>> parked_positions(const StreamId& stream, std::size_t limit);
  using Deadline = std::chrono::steady_clock::time_point;
  Result<std::size_t> retry_stream(Projection& projection, EventLog& log, const StreamId& stream, Deadline end);
  /// Applies parked records of one stream in one transaction, up to the first that still fails. Returns how many
  /// left the car park.
  Result<std::size_t> retry(Projection& projection, const StreamId& stream, const std::vector<RecordPtr>& records,
                            Deadline end);
  /// While a file is built it says so: before `settle` it may not survive a power cut.
  Result<void> mark_settled(bool is_settled);
  /// Copies all of the write-ahead log into the file, and waits for the disk.
  Result<void> checkpoint_fully();
  Result<sqlite::Transaction> begin();
  /// With checkpoint and hash.
  Result<void> commit(sqlite::Transaction& transaction, Position upto);
  Result<std::optional<Error>> apply_in_savepoint(Projection& projection, const EventRecord& record);
  /// As a position stands in the file.
  static std::int64_t stored(Position position);
  static Position position_from(std::int64_t value);
  Result<void> park(const ParkedEvent& event);
  Result<void> write_checkpoint(Position upto);
  /// Counts the changes of rows from now on.
  Result<void> watch_rows();
  Result<std::size_t> count_parked();

  sqlite::Database db_;
  Position checkpoint_;
  Position hash_kept_;  ///< where the hash was kept last
  TableHash hash_;
  Position complete_at_;
  std::unordered_set<StreamId> parked_streams_;
  std::size_t parked_count_ = 0;
  CheckpointWrite checkpoint_write_ = CheckpointWrite::kWithRows;
  /// Counts while rows change: as large as `hash_` at the beginning of each batch. Shared with the hook of `db_`.
  struct Counting {
    RunningHash running;
    TableHash sum;
    std::function<void(const sqlite::RowChange&)> tell;
  };
  std::unique_ptr<Counting> counting_;
};

}  // namespace souk
