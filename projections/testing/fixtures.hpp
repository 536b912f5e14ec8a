/// For tests of followers and read models: what the tables hold, as text, and waiting for a follower.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "projections/follower.hpp"
#include "projections/sqlite.hpp"

namespace souk::testing {

/// Every row of a query, values quoted as in SQL, one line each.
inline std::string rows_of(sqlite::Database& db, const std::string& sql, int columns) {
  std::string out;
  auto query = db.query(sql);
  if (!query) throw std::runtime_error(query.error().detail);
  for (;;) {
    auto row = query->step();
    if (!row) throw std::runtime_error(row.error().detail);
    if (!*row) return out;
    for (int i = 0; i < columns; ++i) out.append(query->text(i)).append(i + 1 < columns ? "|" : "\n");
  }
}

/// All the tables of a projection in the order of their keys, without those of the follower: equal text, equal rows.
inline std::string tables_of(const std::string& path) {
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kReader);
  if (!db) throw std::runtime_error(db.error().detail);
  std::string statements =
      rows_of(*db,
              "SELECT 'SELECT ' || (SELECT group_concat('quote(' || name || ')', '||'',''||') FROM "
              "pragma_table_info(m.name)) || ' FROM ' || m.name || ' ORDER BY 1' FROM "
              "sqlite_master m WHERE type = 'table' AND name NOT LIKE 'souk%' ORDER BY name",
              1);
  std::string out;
  for (std::size_t at = 0; at < statements.size();) {
    const auto end = statements.find('\n', at);
    const auto statement = statements.substr(at, end - at);
    out.append(statement).append("\n").append(rows_of(*db, statement, 1));
    at = end + 1;
  }
  return out;
}

/// Runs batches on this thread until there is nothing to do.
inline Result<void> catch_up(Follower& follower) {
  for (;;) {
    auto covered = follower.run_once();
    if (!covered) return tl::unexpected<Error>(covered.error());
    if (*covered == 0) return {};
  }
}

/// Waits, at most ten seconds, until a follower that runs has come to the position.
inline bool await(Follower& follower, Position position) {
  auto promise = std::make_shared<std::promise<bool>>();
  auto answer = promise->get_future();
  follower.when_caught_up(position, [promise](bool caught_up) { promise->set_value(caught_up); });
  return answer.wait_for(std::chrono::seconds(10)) == std::future_status::ready && answer.get();
}

}  // namespace souk::testing
