/// A small wrapper over SQLite: a connection with its statements, typed binding and stepping, transactions.
///
/// Thread-safety: a Database and what comes from it belong to one thread at a time.
/// Errors: kUnavailable "sqlite.busy", "sqlite.full", "sqlite.io", "sqlite.cannot_open" may pass (see
/// `is_transient`); kInternal "sqlite.corrupt", "sqlite.constraint", "sqlite.failed" do not. The detail has SQLite's
/// own sentence and the statement.
/// Durability: the write-ahead log with synchronous=NORMAL. A power cut may lose the last transactions, never part of
/// one; whatever is stored here can be made again from the log of events.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"

struct sqlite3;

namespace souk::sqlite {

class Database;
struct Connection;       // sqlite.cpp
struct CachedStatement;  // sqlite.cpp

/// Whether waiting and trying again can help.
[[nodiscard]] bool is_transient(const Error& error);

/// Bytes that are stored as a blob, where a string_view is stored as text.
struct Blob {
  std::string_view bytes;
};

/// What a column holds.
struct Value {
  enum class Type : std::uint8_t { kNull, kInteger, kReal, kText, kBlob };

  Type type = Type::kNull;
  std::int64_t integer = 0;  ///< of a real number: its bits
  std::string_view bytes;    ///< of a text or a blob

  friend bool operator==(const Value&, const Value&) = default;
};

/// One use of a prepared statement. The statement goes back to its connection, reset, when the Query is destroyed;
/// the connection must outlive it. Parameters and columns count from 0. Bound values are copied.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void bind(int index, const Id128& id);  ///< a blob of 16 bytes, in the order of the ids
  void bind(int index, std::nullptr_t null);
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      bind(index, nullptr);
    }
  }

  /// True: there is a row, and the columns can be read until the next step.
  Result<bool> step();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  ///< also of a blob; valid until the next step
  [[nodiscard]] Id128 id(int column) const;               ///< zero if it is no blob of 16 bytes
  [[nodiscard]] Value value(int column) const;            ///< valid until the next step
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view column_name(int column) const;

 private:
  friend class Database;
  explicit Query(CachedStatement* statement) : statement_(statement) {}

  CachedStatement* statement_;
};

/// One row that is being inserted, updated or deleted. What it returns is valid within the call that it was given to.
class RowChange {
 public:
  std::string_view table;
  bool has_before = false;  ///< false: an insert
  bool has_after = false;   ///< false: a delete
  int columns = 0;
  std::int64_t rowid_before = 0;  ///< says nothing of a table without rowids
  std::int64_t rowid_after = 0;

  [[nodiscard]] Value before(int column) const;
  [[nodiscard]] Value after(int column) const;

 private:
  friend struct Connection;
  void* handle_ = nullptr;
};

class Database {
 public:
  enum class Mode : std::uint8_t {
    kWriter,   ///< creates the file where there is none
    kBuilder,  ///< the same, and nothing waits for the disk: after a power cut the file may be of no use
    kReader,   ///< reads only; the file must be there
  };

  static Result<Database> open(const std::string& path, Mode mode);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Runs one or more statements without parameters or rows, unprepared: for schemas and transactions.
  Result<void> run(const char* sql);

  /// Prepares (once for each text) and binds.
  template <class... Values>
  Result<Query> query(std::string_view sql, const Values&... values) {
    auto query = prepare(sql);
    if (query) {
      [[maybe_unused]] int index = 0;
      (query->bind(index++, values), ...);
    }
    return query;
  }

  /// A statement whose rows, if any, are of no interest.
  template <class... Values>
  Result<void> execute(std::string_view sql, const Values&... values) {
    auto prepared = query(sql, values...);
    if (!prepared) return tl::unexpected<Error>(std::move(prepared.error()));
    return finish(*prepared);
  }

  /// `tell` is told of each row that this connection changes, before it is changed; also of those that REPLACE deletes.
  void observe(std::function<void(const RowChange&)> tell);

  /// What was opened to build works as a writer from now on.
  Result<void> become_writer();

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;

  /// The connection itself, for what is not wrapped here.
  [[nodiscard]] sqlite3* native() const;
  /// What such a user keeps with the connection; it ends after it.
  [[nodiscard]] std::shared_ptr<void>& companion();

 private:
  explicit Database(std::unique_ptr<Connection> connection);
  Result<Query> prepare(std::string_view sql);
  static Result<void> finish(Query& query);

  std::unique_ptr<Connection> connection_;
};

/// The file and what SQLite keeps beside it. Throws std::filesystem::filesystem_error.
void remove_database(const std::string& path);

/// Rolls back when it is destroyed before `commit`.
class Transaction {
 public:
  enum class Kind : std::uint8_t {
    kRead,   ///< sees one state of the file throughout, from its first query on
    kWrite,  ///< takes the write lock at once
  };

  static Result<Transaction> begin(Database& database, Kind kind);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  ///< null once it is committed or moved from
};

}  // namespace souk::sqlite
