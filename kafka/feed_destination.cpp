#include "kafka/feed_destination.hpp"

#include <algorithm>
#include <utility>

#include "projections/sqlite.hpp"

namespace souk::kafka {

namespace {

using Names = std::vector<std::string>;

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS souk_feed ("
    "  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), cluster TEXT NOT NULL, topic_prefix TEXT NOT NULL,"
    "  kinds TEXT NOT NULL, types TEXT NOT NULL)";

std::string joined(const Names& names) {
  std::string out;
  for (const auto& name : names) out.append(out.empty() ? "" : ",").append(name);
  return out;
}

Names split(std::string_view text) {
  Names names;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

/// None are all.
bool has_all(const Names& some, const Names& wanted) {
  if (some.empty()) return true;
  return !wanted.empty() && std::ranges::all_of(wanted, [&](const std::string& name) {
    return std::ranges::find(some, name) != some.end();
  });
}

tl::unexpected<Error> other(const std::string& path, const std::string& what) {
  return fail(ErrorCode::kConflict, "kafka.other_destination",
              path + " is of a feed " + what +
                  "; to send all events again, stop the server and remove the file with its -wal and -shm");
}

std::string or_all(const std::string& names) {
  return names.empty() ? "all" : names;
}

}  // namespace

Result<void> check_destination(const std::string& path, const FeedOptions& options, bool is_new) {
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kWriter);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  const auto kinds = joined(options.kinds);
  const auto types = joined(options.types);
  auto done = db->run(kTable);
  if (done && is_new) done = db->run("DELETE FROM souk_feed");
  if (done) {
    done = db->execute("INSERT OR IGNORE INTO souk_feed VALUES (1, '', ?, ?, ?)", options.topic_prefix, kinds, types);
  }
  if (!done) return done;
  {
    auto query = db->query("SELECT topic_prefix, kinds, types FROM souk_feed");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    const std::string prefix(query->text(0));
    const std::string kinds_before(query->text(1));
    const std::string types_before(query->text(2));
    if (prefix != options.topic_prefix) return other(path, "to the topics " + prefix + "…");
    if (!has_all(split(kinds_before), options.kinds)) return other(path, "of the kinds " + or_all(kinds_before));
    if (!has_all(split(types_before), options.types)) return other(path, "of the types " + or_all(types_before));
  }
  return db->execute("UPDATE souk_feed SET kinds = ?, types = ?", kinds, types);
}

Result<void> check_cluster(const std::string& path, const std::string& cluster) {
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kWriter);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  auto done = db->execute("UPDATE souk_feed SET cluster = ? WHERE cluster = ''", cluster);
  if (!done) return done;
  auto query = db->query("SELECT cluster FROM souk_feed");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  const std::string before(query->text(0));
  if (before == cluster) return {};
  return other(path, "to the cluster " + before + ", and this is " + cluster);
}

}  // namespace souk::kafka
