/// Reading a projection's file beside its follower: one read transaction at a time, and the position it saw.
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

class ReadModel {
 public:
  /// The follower's file must have been opened by the follower, which must outlive this.
  static Result<std::unique_ptr<ReadModel>> open(const Follower& follower);

  /// Runs `body` within one read transaction. Returns the position up to which it saw every event, and none behind
  /// it that changes a row.
  Result<Position> read(FunctionRef<Result<void>(sqlite::Database&)> body);

 private:
  ReadModel(const Follower& follower, sqlite::Database db) : follower_(follower), db_(std::move(db)) {}

  const Follower& follower_;
  std::mutex mutex_;
  sqlite::Database db_;
};

}  // namespace souk
