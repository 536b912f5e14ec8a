/// A hash of all rows of a file that is kept while they change: equal hashes, equal rows, whatever order they came in.
///
/// It is the sum, modulo 2^128, of a hash of each part of each row: of a table with rowids of each column with its
/// rowid, so that an update costs the columns that it changes; of another table of each row. What was there is
/// subtracted, what comes is added. The store's own tables, named souk_…, do not count; of a table of FTS5 the one counts
/// that its rows stand in (…_content), not those that its index is made of.
///
/// Limits: it finds decay and mistakes, not somebody who forges rows, for the key is known.
/// Source: SipHash-2-4 with 128 bits (Aumasson and Bernstein 2012) by libsodium; sums of hashes as in Bellare and
/// Micciancio, "A new paradigm for collision-free hashing" (1997).
/// Thread-safety: as the database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "projections/sqlite.hpp"

namespace souk {

struct TableHash {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  TableHash& operator+=(const TableHash& other);
  TableHash& operator-=(const TableHash& other);
  /// 16 bytes, most significant first.
  [[nodiscard]] std::string bytes() const;
  static TableHash from_bytes(std::string_view bytes);

  friend bool operator==(const TableHash&, const TableHash&) = default;
};

class RunningHash {
 public:
  /// The tables must be there.
  static Result<RunningHash> open(sqlite::Database& db);

  /// What a change adds to the hash of all rows.
  [[nodiscard]] TableHash of(const sqlite::RowChange& change);
  /// Reads every row.
  Result<TableHash> of_rows(sqlite::Database& db);

  struct Table {
    std::string name;
    bool has_rowids = true;
  };
  /// Those that count, by name.
  [[nodiscard]] const std::vector<Table>& tables() const { return tables_; }

 private:
  [[nodiscard]] TableHash part(std::string_view table, std::int64_t rowid, int column, const sqlite::Value& value);
  template <class ValueAt>
  [[nodiscard]] TableHash row(std::string_view table, std::int64_t rowid, bool has_rowids, int columns,
                              const ValueAt& value_at);
  void begin(std::string_view table);
  void add(std::int64_t number);
  void add(const sqlite::Value& value);
  [[nodiscard]] TableHash end() const;

  std::vector<Table> tables_;
  std::string buffer_;
};

}  // namespace souk
