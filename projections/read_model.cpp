#include "projections/read_model.hpp"

#include <algorithm>
#include <utility>

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

void ReadModel::moved() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  // Whoever reads just now looks when it has done so. A file that cannot be opened is for the next read to report.
  if (lock.owns_lock()) (void)open_current();
}

Result<Position> ReadModel::read(FunctionRef<Result<void>(sqlite::Database&)> body) {
  std::unique_lock lock(mutex_);
  auto position = read_current(body);
  const auto read = generation_;
  lock.unlock();
  if (follower_.generation() != read) moved();
  return position;
}

Result<Position> ReadModel::read_current(FunctionRef<Result<void>(sqlite::Database&)> body) {
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
