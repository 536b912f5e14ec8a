#include "projections/projection_store.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <utility>

namespace souk {

namespace {

/// Of the tables of the store itself; a file of another format is made anew.
constexpr std::int64_t kFileFormat = 2;
constexpr std::string_view kOtherSchema = "projection.other_schema";

constexpr const char* kStoreTables =
    "PRAGMA user_version=2;"
    "CREATE TABLE souk_checkpoint ("
    "  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), projection TEXT NOT NULL, schema INTEGER NOT NULL,"
    "  log_id BLOB NOT NULL, epoch INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,"
    "  complete_at INTEGER NOT NULL);"
    "CREATE TABLE souk_hashes (position INTEGER PRIMARY KEY, hash BLOB NOT NULL);"
    "CREATE TABLE souk_parked ("
    "  position INTEGER PRIMARY KEY, stream TEXT NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL,"
    "  detail TEXT NOT NULL, parked_at INTEGER NOT NULL);"
    "CREATE INDEX souk_parked_by_stream ON souk_parked (stream, position);";

/// How far apart the places are at which the hash is kept: a share of the way so far, so that there are about a
/// thousand of them in a log of ten million events, the closest ones at its beginning.
bool is_hash_due(Position kept, Position upto) {
  return upto.value - kept.value >= std::max<std::uint64_t>(16, upto.value / 128);
}

tl::unexpected<Error> unusable(std::string_view reason, const std::string& what) {
  return fail(ErrorCode::kInternal, reason,
              what +
                  "; rebuild it: delete the file, or start with the setting projections.rebuild, and it is made anew "
                  "from the log");
}

/// Whether the event is to blame, and not the file, the disk, the memory or a peer.
bool is_poison(const Error& error) {
  return error.code != ErrorCode::kUnavailable && error.reason != "sqlite.corrupt";
}

Result<void> apply_guarded(Projection& projection, sqlite::Database& db, const EventRecord& record) {
  try {
    return projection.apply(db, record);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kUnavailable, "projection.out_of_memory");
  } catch (const std::exception& exception) {
    return fail(ErrorCode::kInternal, "projection.exception", exception.what());
  }
}

}  // namespace

Result<ProjectionStore> ProjectionStore::open(const OpenOptions& options, Projection& projection,
                                              const LogIdentity& log, Position head) {
  auto store = open_once(options, projection, log, head);
  if (store) return store;
  const bool is_ours_to_drop = store.error().reason == kOtherSchema && !options.keeps_other_schema;
  if (!is_ours_to_drop && !(options.rebuild && store.error().reason.starts_with("projection."))) return store;
  try {
    sqlite::remove_database(options.path);
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorCode::kUnavailable, "sqlite.cannot_open", error.what());
  }
  return open_once(options, projection, log, head);
}

Result<ProjectionStore> ProjectionStore::open_once(const OpenOptions& options, Projection& projection,
                                                   const LogIdentity& log, Position head) {
  const std::string& path = options.path;
  using Mode = sqlite::Database::Mode;
  auto db = sqlite::Database::open(path, options.building ? Mode::kBuilder : Mode::kWriter);
  if (!db) {
    if (db.error().reason == "sqlite.corrupt")
      return unusable("projection.unreadable", path + ": " + db.error().detail);
    return tl::unexpected<Error>(std::move(db.error()));
  }
  ProjectionStore store(std::move(*db));
  store.checkpoint_write_ = options.checkpoint_write;
  auto ready = store.create_or_check(options, projection, log, head);
  if (ready) ready = store.watch_rows();
  if (ready) ready = store.reload();
  if (ready && !options.building) ready = projection.create_indexes(store.db_);
  if (!ready) {
    if (ready.error().reason == "sqlite.corrupt") {
      return unusable("projection.unreadable", path + ": " + ready.error().detail);
    }
    return tl::unexpected<Error>(std::move(ready.error()));
  }
  return store;
}

Result<void> ProjectionStore::create_or_check(const OpenOptions& options, Projection& projection,
                                              const LogIdentity& log, Position head) {
  bool is_new = false;
  {
    auto tables = db_.query("SELECT count(*) FROM sqlite_master");
    if (!tables) return tl::unexpected<Error>(std::move(tables.error()));
    auto row = tables->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    is_new = tables->integer(0) == 0;
  }
  if (is_new) return create(options, projection, log, head);
  auto done = check(options.path, projection, log, head);
  if (!done || !options.complete_at_head) return done;
  return db_.execute("UPDATE souk_checkpoint SET complete_at = max(complete_at, ?)", stored(head));
}

Result<void> ProjectionStore::create(const OpenOptions& options, Projection& projection, const LogIdentity& log,
                                     Position head) {
  auto transaction = sqlite::Transaction::begin(db_, sqlite::Transaction::Kind::kWrite);
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  auto done = db_.run(kStoreTables);
  if (done && options.building) done = mark_settled(false);
  if (done) done = projection.create_tables(db_);
  if (done) done = watch_rows();
  if (done) {
    auto hash = counting_->running.of_rows(db_);
    if (!hash) return tl::unexpected<Error>(std::move(hash.error()));
    done = db_.execute("INSERT INTO souk_checkpoint VALUES (1, ?, ?, ?, ?, 0, ?, ?)", projection.name(),
                       std::int64_t{projection.schema()}, log.log_id, std::int64_t{log.epoch},
                       sqlite::Blob{hash->bytes()}, stored(head));
  }
  if (done) done = transaction->commit();
  return done;
}

Result<void> ProjectionStore::check(const std::string& path, Projection& projection, const LogIdentity& log,
                                    Position head) {
  {
    auto format = db_.query("PRAGMA user_version");
    if (!format) return tl::unexpected<Error>(std::move(format.error()));
    auto row = format->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (format->integer(0) != kFileFormat) return fail(ErrorCode::kInternal, kOtherSchema);
  }
  auto query = db_.query("SELECT projection, schema, log_id, epoch, position FROM souk_checkpoint");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  if (!*row || query->text(0) != projection.name()) {
    return unusable("projection.unreadable", path + " is no file of the projection " + std::string(projection.name()));
  }
  if (query->id(2) != log.log_id) return unusable("projection.foreign_log", path + " was made from another log");
  if (query->integer(3) != std::int64_t{log.epoch}) {
    return unusable("projection.other_epoch", path + " was made from epoch " + std::to_string(query->integer(3)) +
                                                  " of the log, which is in epoch " + std::to_string(log.epoch));
  }
  if (query->integer(1) != std::int64_t{projection.schema()}) return fail(ErrorCode::kInternal, kOtherSchema);
  const Position position = position_from(query->integer(4));
  if (position > head) {
    return unusable("projection.ahead_of_log", path + " has events up to " + std::to_string(position.value) +
                                                   ", but the log ends at " + std::to_string(head.value));
  }
  return {};
}

Result<void> ProjectionStore::watch_rows() {
  auto running = RunningHash::open(db_);
  if (!running) return tl::unexpected<Error>(std::move(running.error()));
  counting_ = std::make_unique<Counting>(Counting{std::move(*running), {}, {}});
  db_.observe([counting = counting_.get()](const sqlite::RowChange& change) {
    counting->sum += counting->running.of(change);
    if (counting->tell) counting->tell(change);
  });
  return {};
}

Result<void> ProjectionStore::reload() {
  auto query = db_.query(
      "SELECT position, hash, complete_at, (SELECT COALESCE(max(position), 0) FROM souk_hashes) FROM souk_checkpoint");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  const Position checkpoint = position_from(query->integer(0));
  const auto hash = TableHash::from_bytes(query->text(1));
  const Position hash_kept = position_from(query->integer(3));
  // Set once, for others read it meanwhile.
  if (complete_at_ == Position{}) complete_at_ = position_from(query->integer(2));
  auto streams = parked_streams(Position{});
  if (!streams) return tl::unexpected<Error>(std::move(streams.error()));
  auto count = count_parked();
  if (!count) return tl::unexpected<Error>(std::move(count.error()));
  checkpoint_ = checkpoint;
  hash_ = hash;
  hash_kept_ = hash_kept;
  parked_streams_.clear();
  for (auto& parked : *streams) parked_streams_.insert(std::move(parked.stream));
  parked_count_ = *count;
  return {};
}

Result<FollowerTarget::Taken> ProjectionStore::apply_batch(Projection& projection,
                                                           const std::vector<RecordPtr>& records, Position upto,
                                                           OnPoison policy, Time now) {
  if (checkpoint_write_ == CheckpointWrite::kBeforeRows) {
    auto written = write_checkpoint(upto);
    if (!written) return tl::unexpected<Error>(std::move(written.error()));
  }
  // Savepoints cost as much as small changes do, so the first attempt goes without: nearly all batches are sound.
  bool is_sound = true;
  if (!parked_streams_.empty()) {
    for (const auto& record : records) is_sound = is_sound && !is_parked(record->stream);
  }
  if (is_sound) {
    auto applied = apply_unguarded(projection, records, upto);
    if (applied) return Taken{upto, records.size(), true, {}, {}};
    if (!is_poison(applied.error())) return tl::unexpected<Error>(std::move(applied.error()));
  }
  return apply_one_by_one(projection, records, upto, policy, now);
}

Result<void> ProjectionStore::apply_unguarded(Projection& projection, const std::vector<RecordPtr>& records,
                                              Position upto) {
  auto transaction = begin();
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  for (const auto& record : records) {
    auto applied = apply_guarded(projection, db_, *record);
    if (!applied) return applied;
  }
  return commit(*transaction, upto);
}

Result<FollowerTarget::Taken> ProjectionStore::apply_one_by_one(Projection& projection,
                                                                const std::vector<RecordPtr>& records, Position upto,
                                                                OnPoison policy, Time now) {
  auto transaction = begin();
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  auto streams = parked_streams_;
  Taken taken{upto, 0, true, {}, {}};
  for (const auto& record : records) {
    ParkedEvent event{record->position, record->stream, record->type, {}, {}, now};
    if (streams.contains(record->stream)) {
      event.reason = "projection.behind_parked";
    } else {
      auto failure = apply_in_savepoint(projection, *record);
      if (!failure) return tl::unexpected<Error>(std::move(failure.error()));
      if (!*failure) {
        ++taken.applied;
        continue;
      }
      event.reason = std::move((*failure)->reason);
      event.detail = std::move((*failure)->detail);
      if (policy != OnPoison::kPark) {
        taken.upto = Position{record->position.value - 1};
        taken.poison = std::move(event);
        break;
      }
      streams.insert(record->stream);
    }
    auto parked = park(event);
    if (!parked) return tl::unexpected<Error>(std::move(parked.error()));
    taken.parked.push_back(std::move(event));
  }
  taken.upto = std::max(taken.upto, checkpoint_);
  auto done = commit(*transaction, taken.upto);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  parked_streams_ = std::move(streams);
  parked_count_ += taken.parked.size();
  return taken;
}

Result<sqlite::Transaction> ProjectionStore::begin() {
  counting_->sum = hash_;
  return sqlite::Transaction::begin(db_, sqlite::Transaction::Kind::kWrite);
}

Result<void> ProjectionStore::commit(sqlite::Transaction& transaction, Position upto) {
  const bool keeps_hash = is_hash_due(hash_kept_, upto);
  auto done = write_checkpoint(upto);
  if (done && keeps_hash) {
    done = db_.execute("INSERT OR REPLACE INTO souk_hashes VALUES (?, ?)", stored(upto),
                       sqlite::Blob{counting_->sum.bytes()});
  }
  if (done) done = transaction.commit();
  if (!done) return done;
  checkpoint_ = upto;
  hash_ = counting_->sum;
  if (keeps_hash) hash_kept_ = upto;
  return done;
}

/// An Error: the transaction is of no use any more. An Error as value: the event alone failed and left nothing.
Result<std::optional<Error>> ProjectionStore::apply_in_savepoint(Projection& projection, const EventRecord& record) {
  const auto before = counting_->sum;
  auto begun = db_.execute("SAVEPOINT one_event");
  if (!begun) return tl::unexpected<Error>(std::move(begun.error()));
  auto applied = apply_guarded(projection, db_, record);
  if (!applied) {
    if (!is_poison(applied.error()) || !db_.in_transaction()) return tl::unexpected<Error>(std::move(applied.error()));
    auto undone = db_.execute("ROLLBACK TO one_event");
    if (!undone) return tl::unexpected<Error>(std::move(undone.error()));
    counting_->sum = before;
  }
  auto released = db_.execute("RELEASE one_event");
  if (!released) return tl::unexpected<Error>(std::move(released.error()));
  if (applied) return std::optional<Error>{};
  return std::optional<Error>{std::move(applied.error())};
}

Result<void> ProjectionStore::write_checkpoint(Position upto) {
  return db_.execute("UPDATE souk_checkpoint SET position = ?, hash = ?", stored(upto),
                     sqlite::Blob{counting_->sum.bytes()});
}

}  // namespace souk
