#include "projections/read_model.hpp"

#include <algorithm>
#include <utility>

namespace souk {

Result<std::unique_ptr<ReadModel>> ReadModel::open(const Follower& follower) {
  auto db = sqlite::Database::open(follower.path(), sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  return std::unique_ptr<ReadModel>(new ReadModel(follower, std::move(*db)));
}

Result<Position> ReadModel::read(FunctionRef<Result<void>(sqlite::Database&)> body) {
  const std::lock_guard lock(mutex_);
  // The follower moves past events of no interest without writing. What it has reported before the transaction begins
  // is in the file, so the later of the two places is where the rows stand.
  const Position reported = follower_.position();
  auto transaction = sqlite::Transaction::begin(db_, sqlite::Transaction::Kind::kRead);
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  Position written;
  {
    auto query = db_.query("SELECT position FROM souk_checkpoint");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    written = Position{static_cast<std::uint64_t>(query->integer(0))};
  }
  auto done = body(db_);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return std::max(reported, written);
}

}  // namespace souk
