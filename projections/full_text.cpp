#include "projections/full_text.hpp"

#include <utility>
#include <vector>

#include "projections/sqlite.hpp"

namespace souk {

namespace {

Result<std::int64_t> number(sqlite::Database& db, std::string_view statement) {
  auto query = db.query(statement);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  return query->integer(0);
}

Result<std::vector<std::string>> full_text_tables(sqlite::Database& db) {
  std::vector<std::string> tables;
  auto query = db.query(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts5 %'");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return tables;
    tables.emplace_back(query->text(0));
  }
}

/// In steps of some pages, each a transaction of its own, so that the write-ahead log stays small.
Result<void> merge(sqlite::Database& db, const std::string& table) {
  const std::string step = "INSERT INTO \"" + table + "\" (\"" + table + "\", rank) VALUES ('merge', -2000)";
  for (;;) {
    const auto before = number(db, "SELECT total_changes()");
    if (!before) return tl::unexpected<Error>(before.error());
    if (auto merged = db.execute(step); !merged) return merged;
    const auto after = number(db, "SELECT total_changes()");
    if (!after) return tl::unexpected<Error>(after.error());
    // So FTS5 says that there was nothing to do.
    if (*after - *before < 2) return {};
  }
}

}  // namespace

Result<void> merge_full_text(const std::string& path) {
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kWriter);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  const auto tables = full_text_tables(*db);
  if (!tables) return tl::unexpected<Error>(tables.error());
  for (const auto& table : *tables) {
    if (auto merged = merge(*db, table); !merged) return merged;
  }
  return {};
}

}  // namespace souk
