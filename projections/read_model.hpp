/// Reading a projection's file beside its follower: one read transaction at a time, and the position it saw. Between
/// two reads it moves over to another file when the follower has; also when nobody reads, for a file that was removed
/// takes its place on the disk until everybody has closed it.
///
/// Thread-safety: every function may be called from any thread; reads of one ReadModel follow each other.
/// Reads touch the disk's cache, rarely the disk: fine on a gateway's thread, not in an actor.
#pragma once

#include <memory>
#include <mutex>

#include "engine/base/json_reader.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "projections/follower.hpp"
#include "projections/sqlite.hpp"

namespace souk {

class ReadModel final : Follower::Reader {
 public:
  /// The follower's file must have been opened by the follower, which must outlive this.
  static Result<std::unique_ptr<ReadModel>> open(const Follower& follower);

  ~ReadModel() override { follower_.remove_reader(*this); }
  ReadModel(const ReadModel&) = delete;
  ReadModel& operator=(const ReadModel&) = delete;

  /// Runs `body` within one read transaction. Returns the position up to which it saw every event, and none behind
  /// it that changes a row.
  Result<Position> read(FunctionRef<Result<void>(sqlite::Database&)> body);

  /// Within `body`: of the file that is read; a later file has a greater one.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  ReadModel(const Follower& follower, std::uint64_t generation, sqlite::Database db)
      : follower_(follower), generation_(generation), db_(std::move(db)) {
    follower_.add_reader(*this);
  }
  void moved() override;
  /// With the mutex held.
  Result<Position> read_current(FunctionRef<Result<void>(sqlite::Database&)> body);
  /// Moves over to the file that the follower feeds now. Returns what the follower has reported of it.
  Result<Position> open_current();

  const Follower& follower_;
  std::mutex mutex_;
  std::uint64_t generation_;
  sqlite::Database db_;
};

}  // namespace souk
