#include "projections/read_model.hpp"

#include <algorithm>
#include <utility>

#include "projections/follower.hpp"

namespace souk {

namespace {

/// A file that was fed a moment ago may be gone by now, if it was exchanged twice in that time.
constexpr int kOpeningsMax = 3;

}  // namespace

Result<std::unique_ptr<ReadModel>> ReadModel::open(const Follower& follower) {
  const auto place = follower.place();
  auto db = sqlite::Database::open(place.path, sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  return std::unique_ptr<ReadModel>(new ReadModel(follower, place.generation, std::move(*db)));
}

Result<Position> ReadModel::open_current() {
  for (int opening = 1;; ++opening) {
    auto place = follower_.place();
    if (place.generation == generation_) return place.position;
    auto db = sqlite::Database::open(place.path, sqlite::Database::Mode::kReader);
    if (!db && opening == kOpeningsMax) return tl::unexpected<Error>(std::move(db.error()));
    if (!db) continue;
    db_ = std::move(*db);
    generation_ = place.generation;
    return place.position;
  }
}

Result<Position> ReadModel::read(FunctionRef<Result<void>(sqlite::Database&)> body) {
  const std::lock_guard lock(mutex_);
  // The follower moves past events of no interest without writing. What it has reported before the transaction begins
  // is in the file, so the later of the two places is where the rows stand.
  const auto reported = open_current();
  if (!reported) return reported;
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
  return std::max(*reported, written);
}

}  // namespace souk
