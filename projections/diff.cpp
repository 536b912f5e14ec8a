#include "projections/diff.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "projections/projection_store.hpp"

namespace souk {

namespace {

constexpr std::size_t kBatch = 5'000;

struct KeptHash {
  Position position;
  TableHash hash;
};

/// How a file says it stands.
struct Head {
  LogIdentity log;
  std::uint32_t schema = 0;
  Position position;
  TableHash hash;
  std::vector<KeptHash> kept;
};

Position position_from(std::int64_t value) {
  return Position{static_cast<std::uint64_t>(value)};
}

Result<Head> read_head(sqlite::Database& db) {
  Head head;
  auto query = db.query("SELECT schema, log_id, epoch, position, hash FROM main.souk_checkpoint");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  head.schema = static_cast<std::uint32_t>(query->integer(0));
  head.log = {query->id(1), static_cast<std::uint32_t>(query->integer(2))};
  head.position = position_from(query->integer(3));
  head.hash = TableHash::from_bytes(query->text(4));
  auto kept = db.query("SELECT position, hash FROM main.souk_hashes ORDER BY position");
  if (!kept) return tl::unexpected<Error>(std::move(kept.error()));
  for (;;) {
    row = kept->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return head;
    head.kept.push_back({position_from(kept->integer(0)), TableHash::from_bytes(kept->text(1))});
  }
}

/// Says at which event it is.
class Watched final : public Projection {
 public:
  explicit Watched(std::unique_ptr<Projection> projection) : projection_(std::move(projection)) {}

  std::string_view name() const override { return projection_->name(); }
  std::uint32_t schema() const override { return projection_->schema(); }
  std::vector<std::string_view> kinds() const override { return projection_->kinds(); }
  Result<void> create_tables(sqlite::Database& db) override { return projection_->create_tables(db); }
  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    at = record.position;
    return projection_->apply(db, record);
  }

  Position at;

 private:
  std::unique_ptr<Projection> projection_;
};

/// The other file, as it grows.
class Rebuilt {
 public:
  static Result<Rebuilt> open(const std::string& path, const MakeProjection& make, const LogIdentity& log,
                              Position head) {
    sqlite::remove_database(path);
    auto projection = std::make_unique<Watched>(make());
    ProjectionStore::OpenOptions options;
    options.path = path;
    options.building = true;
    auto store = ProjectionStore::open(options, *projection, log, head);
    if (!store) return tl::unexpected<Error>(std::move(store.error()));
    return Rebuilt(std::move(projection), std::move(*store));
  }

  Result<void> grow(Position upto, const ReadLog& read_log) {
    while (store_.checkpoint() < upto) {
      const auto missing = upto.value - store_.checkpoint().value;
      const auto taken = take_next(store_, *projection_, read_log, std::min<std::size_t>(kBatch, missing));
      if (!taken) return tl::unexpected<Error>(taken.error());
      if (!*taken) return fail(ErrorCode::kInternal, "projection.log_ends", "the log ends before the file does");
    }
    return {};
  }

  [[nodiscard]] const TableHash& hash() const { return store_.hash(); }
  [[nodiscard]] Position event() const { return projection_->at; }
  void observe(std::function<void(const sqlite::RowChange&)> tell) { store_.observe(std::move(tell)); }

 private:
  Rebuilt(std::unique_ptr<Watched> projection, ProjectionStore store)
      : projection_(std::move(projection)), store_(std::move(store)) {}

  std::unique_ptr<Watched> projection_;
  ProjectionStore store_;
};

std::string quoted(const sqlite::Value& value) {
  switch (value.type) {
    case sqlite::Value::Type::kNull: return "NULL";
    case sqlite::Value::Type::kInteger: return std::to_string(value.integer);
    case sqlite::Value::Type::kReal: return "a number";
    case sqlite::Value::Type::kText: return "'" + std::string(value.bytes) + "'";
    case sqlite::Value::Type::kBlob: break;
  }
  std::string out = "x'";
  for (const char byte : value.bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return out + "'";
}

/// A table with the places of the columns that its key is made of; none: its rowid is the key.
struct Keyed {
  std::string table;
  std::vector<std::string> names;
  std::vector<int> columns;
};

Result<Keyed> key_of(sqlite::Database& db, const RunningHash::Table& table) {
  Keyed keyed{table.name, {}, {}};
  if (table.has_rowids) return keyed;
  auto query = db.query("SELECT name, cid FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table.name);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return keyed;
    keyed.names.emplace_back(query->text(0));
    keyed.columns.push_back(static_cast<int>(query->integer(1)));
  }
}

template <class ValueAt>
std::string key_text(const Keyed& keyed, std::int64_t rowid, const ValueAt& value_at) {
  if (keyed.columns.empty()) return std::to_string(rowid);
  std::string text;
  for (const int column : keyed.columns) text += (text.empty() ? "" : ", ") + quoted(value_at(column));
  return text;
}

/// Rows that are in one of the files only, the least key first; a row that is not the same in both comes twice.
std::string sql_of(const Keyed& keyed) {
  const std::string columns = keyed.columns.empty() ? "rowid AS souk_key, *" : "0 AS souk_key, *";
  const auto rows = [&](const std::string& schema) {
    return "SELECT " + columns + " FROM " + schema + ".\"" + keyed.table + "\"";
  };
  std::string order = "souk_key";
  for (const auto& name : keyed.names) order += ", \"" + name + "\"";
  return "SELECT 1 AS souk_side, * FROM (" + rows("main") + " EXCEPT " + rows("rebuilt") +
         ") UNION ALL SELECT 0, * FROM (" + rows("rebuilt") + " EXCEPT " + rows("main") + ") ORDER BY " + order +
         ", souk_side LIMIT 2";
}

Result<std::optional<RowDifference>> first_in(sqlite::Database& db, const Keyed& keyed) {
  auto query = db.query(sql_of(keyed));
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  std::optional<RowDifference> found;
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return found;
    const auto value_at = [&](int column) { return query->value(column + 2); };
    const auto key = key_text(keyed, query->integer(1), value_at);
    if (!found) found = RowDifference{keyed.table, key, {}, {}, {}};
    if (found->key != key) return found;
    std::string text;
    for (int column = 0; column + 2 < query->columns(); ++column) {
      text +=
          (text.empty() ? "" : ", ") + std::string(query->column_name(column + 2)) + " = " + quoted(value_at(column));
    }
    (query->integer(0) == 1 ? found->in_file : found->rebuilt) = std::move(text);
  }
}

/// The events that change one row, as they are taken in again.
Result<std::set<Position>> events_of(const RowDifference& row, const Keyed& keyed, Rebuilt rebuilt, Position upto,
                                     const ReadLog& read_log) {
  std::set<Position> events;
  rebuilt.observe([&](const sqlite::RowChange& change) {
    if (change.table != row.table) return;
    const bool touches =
        (change.has_before &&
         key_text(keyed, change.rowid_before, [&](int column) { return change.before(column); }) == row.key) ||
        (change.has_after &&
         key_text(keyed, change.rowid_after, [&](int column) { return change.after(column); }) == row.key);
    if (touches) events.insert(rebuilt.event());
  });
  auto grown = rebuilt.grow(upto, read_log);
  if (!grown) return tl::unexpected<Error>(std::move(grown.error()));
  return events;
}

/// Grows the other file and compares the hashes on the way.
Result<void> compare_hashes(Rebuilt& rebuilt, const Head& head, const ReadLog& read_log, DiffReport& report) {
  for (const auto& kept : head.kept) {
    auto grown = rebuilt.grow(kept.position, read_log);
    if (!grown) return grown;
    if (rebuilt.hash() == kept.hash) {
      if (!report.part_at) report.agree_at = kept.position;
    } else if (!report.part_at) {
      report.part_at = kept.position;
    }
  }
  auto grown = rebuilt.grow(head.position, read_log);
  if (!grown) return grown;
  if (rebuilt.hash() == head.hash) {
    if (!report.part_at) report.agree_at = head.position;
  } else if (!report.part_at) {
    report.part_at = head.position;
  }
  return {};
}

/// For another file as large as this one.
Result<void> check_room_for(const std::string& scratch, const std::string& file) {
  return check_room_in(std::filesystem::path(scratch).parent_path().string(), bytes_of_file(file) + kBuildLogBytes);
}

Result<void> find_row(sqlite::Database& db, const std::string& scratch, const MakeProjection& make, const Head& head,
                      const ReadLog& read_log, DiffReport& report) {
  auto running = RunningHash::open(db);
  if (!running) return tl::unexpected<Error>(std::move(running.error()));
  auto rows = running->of_rows(db);
  if (!rows) return tl::unexpected<Error>(std::move(rows.error()));
  report.changed_outside = !(*rows == head.hash);
  for (const auto& table : running->tables()) {
    auto keyed = key_of(db, table);
    if (!keyed) return tl::unexpected<Error>(std::move(keyed.error()));
    auto row = first_in(db, *keyed);
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) continue;
    auto room = check_room_for(scratch, scratch);
    if (!room) return room;
    auto again = Rebuilt::open(scratch + ".again", make, head.log, head.position);
    if (!again) return tl::unexpected<Error>(std::move(again.error()));
    auto events = events_of(**row, *keyed, std::move(*again), head.position, read_log);
    if (!events) return tl::unexpected<Error>(std::move(events.error()));
    // Where the hashes part within what came after they agreed, the first event there that wrote the row.
    const auto behind = events->upper_bound(report.agree_at);
    if (report.part_at && behind != events->end()) {
      (*row)->event = *behind;
    } else if (!events->empty()) {
      (*row)->event = *events->rbegin();
    }
    report.first = std::move(**row);
    return {};
  }
  return {};
}

}  // namespace

Result<bool> take_next(ProjectionStore& store, Projection& projection, const ReadLog& read_log, std::size_t limit) {
  auto records = read_log(store.checkpoint(), limit);
  if (!records) return tl::unexpected<Error>(std::move(records.error()));
  if (records->empty()) return false;
  const Position end = records->back()->position;
  const auto kinds = projection.kinds();
  std::erase_if(*records, [&](const RecordPtr& record) {
    return !kinds.empty() && std::ranges::find(kinds, record->stream.kind()) == kinds.end();
  });
  auto taken = store.apply_batch(projection, *records, end, OnPoison::kPark, Time{});
  if (!taken) return tl::unexpected<Error>(std::move(taken.error()));
  return true;
}

Result<DiffReport> diff_projection(const std::string& path, const std::string& scratch, const MakeProjection& make,
                                   const ReadLog& read_log) {
  struct Removed {
    const std::string& scratch;
    ~Removed() {
      sqlite::remove_database(scratch);
      sqlite::remove_database(scratch + ".again");
    }
  } removed{scratch};
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  auto first = read_head(*db);
  if (!first) return tl::unexpected<Error>(std::move(first.error()));
  if (first->schema != make()->schema()) {
    return fail(ErrorCode::kInternal, "projection.other_schema", path + " is of another program");
  }
  auto room = check_room_for(scratch, path);
  if (!room) return tl::unexpected<Error>(std::move(room.error()));
  auto rebuilt = Rebuilt::open(scratch, make, first->log, first->position);
  if (!rebuilt) return tl::unexpected<Error>(std::move(rebuilt.error()));
  auto attached = db->execute("ATTACH ? AS rebuilt", scratch);
  if (!attached) return tl::unexpected<Error>(std::move(attached.error()));
  auto transaction = sqlite::Transaction::begin(*db, sqlite::Transaction::Kind::kRead);
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  auto head = read_head(*db);
  if (!head) return tl::unexpected<Error>(std::move(head.error()));

  DiffReport report;
  report.position = head->position;
  auto done = compare_hashes(*rebuilt, *head, read_log, report);
  if (done) done = find_row(*db, scratch, make, *head, read_log, report);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return report;
}

}  // namespace souk
