#include <utility>

#include "projections/projection_store.hpp"

namespace souk {

/// In the header of the file.
Result<void> ProjectionStore::mark_settled(bool is_settled) {
  return db_.run(is_settled ? "PRAGMA application_id=0" : "PRAGMA application_id=1");
}

Result<void> ProjectionStore::settle() {
  auto done = db_.run("PRAGMA synchronous=FULL");
  // Also where the mark is there: a checkpoint that finds nothing in the write-ahead log does not wait for the disk.
  if (done) done = mark_settled(false);
  if (done) done = checkpoint_fully();
  // So the mark goes when everything else is on the disk.
  if (done) done = mark_settled(true);
  if (done) done = db_.become_writer();
  return done;
}

Result<void> ProjectionStore::checkpoint_fully() {
  auto query = db_.query("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  if (query->integer(0) == 0) return {};
  return fail(ErrorCode::kUnavailable, "sqlite.busy", "somebody reads what is built, so it cannot be settled");
}

bool ProjectionStore::is_settled(const std::string& path) {
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kReader);
  if (!db) return false;
  auto query = db->query("PRAGMA application_id");
  if (!query) return false;
  const auto row = query->step();
  return row && *row && query->integer(0) == 0;
}

}  // namespace souk
