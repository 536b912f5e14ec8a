/// The file of one projection: its rows, and in the same transactions its checkpoint and the events it parked.
///
/// Thread-safety: one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "eventstore/record.hpp"
#include "projections/projection.hpp"
#include "projections/sqlite.hpp"

namespace souk {

/// An event that its projection could not take in, or that came later in the stream of such a one.
struct ParkedEvent {
  Position position;
  StreamId stream;
  std::string type;
  std::string reason;  ///< of the Error; "projection.behind_parked" for the later ones
  std::string detail;
  Time parked_at;
};

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

  /// Opens or makes the file. One of another schema is dropped and made anew, and so is, if `rebuild` says so, one
  /// that cannot be used.
  /// Errors: kInternal "projection.foreign_log", "projection.other_epoch", "projection.ahead_of_log",
  /// "projection.unreadable", each with what to do; those of SQLite.
  static Result<ProjectionStore> open(const std::string& path, Projection& projection, const LogIdentity& log,
                                      Position head, bool rebuild);

  /// Where the next batch begins; what was committed last.
  [[nodiscard]] Position checkpoint() const { return checkpoint_; }
  [[nodiscard]] bool was_rebuilt() const { return rebuilt_; }
  [[nodiscard]] bool is_parked(const StreamId& stream) const { return parked_streams_.contains(stream); }
  [[nodiscard]] std::size_t parked_count() const { return parked_count_; }

  /// Applies the records and moves the checkpoint to `upto`, in one transaction. A record whose stream is parked, or
  /// which the projection fails on, is parked in it. Returns what was newly parked.
  /// On an Error nothing has happened.
  Result<std::vector<ParkedEvent>> apply_batch(Projection& projection, const std::vector<RecordPtr>& records,
                                               Position upto, Time now);

  /// Reads the checkpoint again after a failed batch, for a failed commit leaves it open what the file holds.
  Result<void> reload();

  /// The earliest events parked, in the order of the log.
  Result<std::vector<ParkedEvent>> parked(std::size_t limit);
  /// The streams with parked events, the earliest event first.
  Result<std::vector<StreamId>> parked_streams();
  /// Where the earliest parked events of a stream stand, in order.
  Result<std::vector<Position>> parked_positions(const StreamId& stream, std::size_t limit);
  /// Applies parked records of one stream in one transaction, up to the first that still fails. Returns how many
  /// left the car park.
  Result<std::size_t> retry(Projection& projection, const StreamId& stream, const std::vector<RecordPtr>& records);

  void set_checkpoint_write(CheckpointWrite how) { checkpoint_write_ = how; }

 private:
  explicit ProjectionStore(sqlite::Database db) : db_(std::move(db)) {}

  static Result<ProjectionStore> open_once(const std::string& path, Projection& projection, const LogIdentity& log,
                                           Position head);
  Result<void> create_or_check(const std::string& path, Projection& projection, const LogIdentity& log, Position head);
  Result<void> create(Projection& projection, const LogIdentity& log);
  Result<void> check(const std::string& path, Projection& projection, const LogIdentity& log, Position head);
  Result<void> apply_unguarded(Projection& projection, const std::vector<RecordPtr>& records, Position upto);
  Result<std::vector<ParkedEvent>> apply_one_by_one(Projection& projection, const std::vector<RecordPtr>& records,
                                                    Position upto, Time now);
  Result<std::optional<Error>> apply_in_savepoint(Projection& projection, const EventRecord& record);
  Result<void> park(const ParkedEvent& event);
  Result<void> write_checkpoint(Position upto);
  Result<std::size_t> count_parked();

  sqlite::Database db_;
  Position checkpoint_;
  bool rebuilt_ = false;
  std::unordered_set<StreamId> parked_streams_;
  std::size_t parked_count_ = 0;
  CheckpointWrite checkpoint_write_ = CheckpointWrite::kWithRows;
};

}  // namespace souk
