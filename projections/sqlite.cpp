#include "projections/sqlite.hpp"

// Debian's library has it; the header shows it to those who ask.
#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <filesystem>
#include <unordered_map>
#include <utility>

namespace souk::sqlite {

namespace {

/// How long a statement waits for another program that has the file, such as an analyst's tool.
constexpr int kBusyTimeoutMs = 250;

constexpr const char* kWriterSetup =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    // Copying the write-ahead log back syncs: seldom, for the disk has the log of events to sync as well.
    "PRAGMA wal_autocheckpoint=4000;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-16384;"
    "PRAGMA temp_store=MEMORY;";
constexpr const char* kBuilderSetup =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=OFF;"
    "PRAGMA wal_autocheckpoint=16000;"
    "PRAGMA secure_delete=OFF;"
    "PRAGMA cache_size=-32768;"
    "PRAGMA temp_store=MEMORY;";
// What lies in the file is read where the system has it, instead of being copied into a cache of its own.
constexpr const char* kReaderSetup = "PRAGMA query_only=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=1073741824;";

/// SQLite counts the memory that it uses under one lock of the process, at each allocation; nobody asks. It can be told
/// so only before any file is opened.
[[maybe_unused]] const int kMemoryIsNotCounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

const char* setup_of(Database::Mode mode) {
  switch (mode) {
    case Database::Mode::kWriter: return kWriterSetup;
    case Database::Mode::kBuilder: return kBuilderSetup;
    case Database::Mode::kReader: return kReaderSetup;
  }
  return kReaderSetup;
}

/// A whole number in a column of real ones is stored as an integer, and shown as the one or the other.
Value real(double number) {
  constexpr double kExactMax = 9'007'199'254'740'992.0;
  if (number == std::floor(number) && std::abs(number) <= kExactMax) {
    return {Value::Type::kInteger, static_cast<std::int64_t>(number), {}};
  }
  return {Value::Type::kReal, std::bit_cast<std::int64_t>(number), {}};
}

Value value_of(sqlite3_value* value) {
  const auto bytes = [&] {
    // The pointer first: asking for it may convert the value, and the length is that of what came of it.
    const auto* begin = static_cast<const char*>(sqlite3_value_blob(value));
    return std::string_view(begin, begin == nullptr ? 0 : static_cast<std::size_t>(sqlite3_value_bytes(value)));
  };
  switch (value == nullptr ? SQLITE_NULL : sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return {Value::Type::kInteger, sqlite3_value_int64(value), {}};
    case SQLITE_FLOAT: return real(sqlite3_value_double(value));
    case SQLITE_TEXT: return {Value::Type::kText, 0, bytes()};
    case SQLITE_BLOB: return {Value::Type::kBlob, 0, bytes()};
    default: return {};
  }
}

std::array<char, 16> bytes_of(const Id128& id) {
  std::array<char, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(id.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<char>(id.low >> (56 - 8 * i));
  }
  return bytes;
}

tl::unexpected<Error> failed(sqlite3* db, int code, std::string_view during) {
  std::string detail = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  detail.append(", during: ").append(during);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(ErrorCode::kUnavailable, "sqlite.busy", std::move(detail));
    case SQLITE_FULL: return fail(ErrorCode::kUnavailable, "sqlite.full", std::move(detail));
    case SQLITE_IOERR:
    case SQLITE_NOMEM: return fail(ErrorCode::kUnavailable, "sqlite.io", std::move(detail));
    // A write-ahead log that another process has is in the way for as long as that process has it.
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return fail(ErrorCode::kUnavailable, "sqlite.cannot_open", std::move(detail));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(ErrorCode::kInternal, "sqlite.corrupt", std::move(detail));
    case SQLITE_CONSTRAINT: return fail(ErrorCode::kInternal, "sqlite.constraint", std::move(detail));
    default: return fail(ErrorCode::kInternal, "sqlite.failed", std::move(detail));
  }
}

}  // namespace

bool is_transient(const Error& error) {
  return error.code == ErrorCode::kUnavailable && error.reason.starts_with("sqlite.");
}

struct CachedStatement {
  explicit CachedStatement(sqlite3* database, std::string_view text) : db(database), sql(text) {}
  CachedStatement(const CachedStatement&) = delete;
  CachedStatement& operator=(const CachedStatement&) = delete;
  ~CachedStatement() { sqlite3_finalize(handle); }

  sqlite3* db;
  std::string sql;
  sqlite3_stmt* handle = nullptr;
  bool in_use = false;
};

struct Connection {
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    statements.clear();
    sqlite3_close(handle);
  }

  static void changing(void* self, sqlite3* handle, int operation, const char* database, const char* table,
                       sqlite3_int64 rowid_before, sqlite3_int64 rowid_after) {
    if (std::string_view(database) != "main") return;
    RowChange change;
    change.table = table;
    change.has_before = operation != SQLITE_INSERT;
    change.has_after = operation != SQLITE_DELETE;
    change.columns = sqlite3_preupdate_count(handle);
    change.rowid_before = rowid_before;
    change.rowid_after = rowid_after;
    change.handle_ = handle;
    static_cast<Connection*>(self)->tell(change);
  }

  sqlite3* handle = nullptr;
  std::function<void(const RowChange&)> tell;
  std::shared_ptr<void> companion;
  /// The keys are views of the statements' own text.
  std::unordered_map<std::string_view, std::unique_ptr<CachedStatement>> statements;
};

// --- Query

Query::Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_->handle);
  statement_->in_use = false;
}

// Binding fails only for an index the statement does not have, or for a gigabyte of text.
void Query::bind(int index, std::int64_t value) {
  [[maybe_unused]] const int code = sqlite3_bind_int64(statement_->handle, index + 1, value);
  assert(code == SQLITE_OK);
}
void Query::bind(int index, std::string_view text) {
  [[maybe_unused]] const int code =
      sqlite3_bind_text64(statement_->handle, index + 1, text.data() == nullptr ? "" : text.data(), text.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  assert(code == SQLITE_OK);
}
void Query::bind(int index, Blob blob) {
  [[maybe_unused]] const int code =
      sqlite3_bind_blob64(statement_->handle, index + 1, blob.bytes.data() == nullptr ? "" : blob.bytes.data(),
                          blob.bytes.size(), SQLITE_TRANSIENT);
  assert(code == SQLITE_OK);
}
void Query::bind(int index, const Id128& id) {
  const auto bytes = bytes_of(id);
  bind(index, Blob{{bytes.data(), bytes.size()}});
}
void Query::bind(int index, std::nullptr_t /*null*/) {
  [[maybe_unused]] const int code = sqlite3_bind_null(statement_->handle, index + 1);
  assert(code == SQLITE_OK);
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_->handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failed(statement_->db, code, statement_->sql);
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_->handle, column) == SQLITE_NULL;
}
std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_->handle, column);
}
std::string_view Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_->handle, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle, column))};
}
Id128 Query::id(int column) const {
  const auto bytes = text(column);
  if (bytes.size() != 16) return {};
  return Id128::from_bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()));
}

Value Query::value(int column) const {
  // An unprotected value may be read only by functions of columns, so it is read as what it is.
  switch (sqlite3_column_type(statement_->handle, column)) {
    case SQLITE_INTEGER: return {Value::Type::kInteger, integer(column), {}};
    case SQLITE_FLOAT: return real(sqlite3_column_double(statement_->handle, column));
    case SQLITE_TEXT: return {Value::Type::kText, 0, text(column)};
    case SQLITE_BLOB: return {Value::Type::kBlob, 0, text(column)};
    default: return {};
  }
}
int Query::columns() const {
  return sqlite3_column_count(statement_->handle);
}
std::string_view Query::column_name(int column) const {
  return sqlite3_column_name(statement_->handle, column);
}

// --- RowChange

Value RowChange::before(int column) const {
  sqlite3_value* value = nullptr;
  sqlite3_preupdate_old(static_cast<sqlite3*>(handle_), column, &value);
  return value_of(value);
}
Value RowChange::after(int column) const {
  sqlite3_value* value = nullptr;
  sqlite3_preupdate_new(static_cast<sqlite3*>(handle_), column, &value);
  return value_of(value);
}

// --- Database

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, Mode mode) {
  auto connection = std::make_unique<Connection>();
  const int flags =
      SQLITE_OPEN_NOMUTEX | (mode == Mode::kReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle, flags, nullptr);
  if (code != SQLITE_OK) return failed(connection->handle, code, "opening " + path);
  sqlite3_extended_result_codes(connection->handle, 1);
  sqlite3_busy_timeout(connection->handle, kBusyTimeoutMs);
  Database database(std::move(connection));
  auto ready = database.run(setup_of(mode));
  if (!ready) return tl::unexpected<Error>(std::move(ready.error()));
  return database;
}

Result<void> Database::run(const char* sql) {
  const int code = sqlite3_exec(connection_->handle, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(connection_->handle, code, sql);
  return {};
}

Result<Query> Database::prepare(std::string_view sql) {
  auto found = connection_->statements.find(sql);
  if (found == connection_->statements.end()) {
    auto statement = std::make_unique<CachedStatement>(connection_->handle, sql);
    const int code = sqlite3_prepare_v3(connection_->handle, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement->handle, nullptr);
    if (code != SQLITE_OK) return failed(connection_->handle, code, sql);
    const std::string_view key = statement->sql;
    found = connection_->statements.emplace(key, std::move(statement)).first;
  }
  CachedStatement& statement = *found->second;
  assert(!statement.in_use && "a Query is used while an earlier one with the same text lives");
  statement.in_use = true;
  return Query(&statement);
}

Result<void> Database::finish(Query& query) {
  for (;;) {
    auto row = query.step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
  }
}

Result<void> Database::become_writer() {
  return run(kWriterSetup);
}

void Database::observe(std::function<void(const RowChange&)> tell) {
  connection_->tell = std::move(tell);
  sqlite3_preupdate_hook(connection_->handle, connection_->tell ? &Connection::changing : nullptr, connection_.get());
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(connection_->handle);
}
bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_->handle) == 0;
}

sqlite3* Database::native() const {
  return connection_->handle;
}
std::shared_ptr<void>& Database::companion() {
  return connection_->companion;
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

// --- Transaction

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  auto begun = kind == Kind::kWrite ? database.execute("BEGIN IMMEDIATE") : database.execute("BEGIN");
  if (!begun) return tl::unexpected<Error>(std::move(begun.error()));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // SQLite has already rolled back by itself after some failures, such as a full disk. A rollback that fails leaves
  // nothing to be done about it: the next BEGIN reports it.
  if (database_ != nullptr && database_->in_transaction()) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  auto committed = database_->execute("COMMIT");
  if (committed) database_ = nullptr;
  return committed;
}

}  // namespace souk::sqlite
