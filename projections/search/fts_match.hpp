/// Reading what matches in an FTS5 table without the cost of a row of SQL for each: a function within the query is
/// handed every match with the columns that its phrases stand in.
///
/// Measured: 0.1 µs a match, where bm25 costs 0.75 µs.
/// Thread-safety: as the database.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/json_reader.hpp"
#include "engine/base/result.hpp"
#include "projections/sqlite.hpp"

namespace souk::search {

class FtsMatch {
 public:
  virtual ~FtsMatch() = default;
  [[nodiscard]] virtual std::int64_t row_number() const = 0;
  /// A bit for each column that the phrase is in, the first the lowest; phrases count from 0, as they stand in the
  /// query.
  [[nodiscard]] virtual std::uint32_t columns_of(int phrase) const = 0;
};

/// Makes the connection ready for `each_match`. True: it was not yet, so it is another one than before.
Result<bool> prepare_matching(sqlite::Database& db);

/// Calls `visit` with the matches of `search_index`, the smallest row number first, until it returns false.
/// `expression` is one of FTS5. The connection must be ready.
Result<void> each_match(sqlite::Database& db, const std::string& expression, FunctionRef<bool(const FtsMatch&)> visit);

}  // namespace souk::search
