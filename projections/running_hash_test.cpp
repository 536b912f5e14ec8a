#include "projections/running_hash.hpp"

#include <doctest/doctest.h>

#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"
#include "projections/testing/scratch.hpp"

namespace souk {
namespace {

struct Hashed {
  testing::ScratchDirectory scratch;
  sqlite::Database db =
      std::move(sqlite::Database::open(scratch.file("hashed.sqlite"), sqlite::Database::Mode::kWriter).value());
  std::optional<RunningHash> running;
  TableHash sum;

  Hashed() {
    run("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, size REAL, code BLOB UNIQUE)");
    run("CREATE TABLE pairs (b BLOB, a INTEGER, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID");
    run("CREATE VIRTUAL TABLE words USING fts5 (text, detail = 'column')");
    run("CREATE TABLE souk_own (id INTEGER PRIMARY KEY)");
    running = std::move(RunningHash::open(db).value());
    db.observe([this](const sqlite::RowChange& change) { sum += running->of(change); });
  }
  void run(const char* sql) { REQUIRE(db.run(sql)); }
  TableHash of_rows() { return running->of_rows(db).value(); }
};

TEST_CASE("the hash that is kept while rows change is that of the rows, whatever was done to them") {
  Hashed hashed;
  const auto empty = hashed.sum;
  CHECK((hashed.of_rows() == empty));
  for (const char* sql :
       {"INSERT INTO things VALUES (1, 'tea', 1.5, x'00ff'), (2, NULL, NULL, NULL), (7, '', 2, x'')",
        "UPDATE things SET name = 'green tea' WHERE id = 1", "UPDATE things SET id = 9 WHERE id = 2",
        "INSERT OR REPLACE INTO things VALUES (1, 'black tea', -1, x'01')",
        "INSERT OR REPLACE INTO things VALUES (3, 'by its code', 0, x'01')",
        "INSERT INTO things VALUES (3, 'again', 0, x'02') ON CONFLICT (id) DO UPDATE SET name = 'upsert'",
        "INSERT INTO pairs VALUES (x'01', 1, 'one'), (x'02', 1, 'two'), (x'01', 2, NULL)",
        "UPDATE pairs SET note = 'uno' WHERE a = 1 AND b = x'01'", "REPLACE INTO pairs VALUES (x'02', 1, 'dos')",
        "UPDATE pairs SET a = a + 10", "DELETE FROM pairs WHERE note IS NULL",
        "INSERT INTO words (rowid, text) VALUES (1, 'green tea'), (2, 'black tea')",
        "UPDATE words SET rowid = 3 WHERE rowid = 1", "REPLACE INTO words (rowid, text) VALUES (2, 'white tea')",
        "DELETE FROM words WHERE rowid = 3"}) {
    const auto before = hashed.sum;
    hashed.run(sql);
    CHECK_MESSAGE((hashed.sum == hashed.of_rows()), sql);
    CHECK_MESSAGE(!(hashed.sum == before), sql);
  }
  const auto full = hashed.sum;
  hashed.run("INSERT INTO souk_own VALUES (1)");
  CHECK((hashed.sum == full));
  hashed.run("INSERT INTO words (words) VALUES ('optimize')");
  CHECK((hashed.sum == full));
  hashed.run("DELETE FROM things; DELETE FROM pairs; DELETE FROM words");
  CHECK((hashed.sum == empty));
}

TEST_CASE("equal rows have equal hashes in whatever order they came, and each other row another one") {
  Hashed one;
  Hashed two;
  one.run("INSERT INTO things VALUES (1, 'a', 1, NULL); INSERT INTO things VALUES (2, 'b', 2, NULL)");
  two.run("INSERT INTO things VALUES (2, 'x', 2, NULL); INSERT INTO things VALUES (1, 'a', 1, NULL)");
  CHECK_FALSE((one.sum == two.sum));
  two.run("UPDATE things SET name = 'b' WHERE id = 2");
  CHECK((one.sum == two.sum));
  // What stands in another column, row or type is something else.
  two.run("UPDATE things SET name = '2' WHERE id = 2");
  const auto text = two.sum;
  two.run("UPDATE things SET name = x'32' WHERE id = 2");
  CHECK_FALSE((two.sum == text));
  CHECK((TableHash::from_bytes(text.bytes()) == text));
}

TEST_CASE("the hash in a projection's file is that of its rows, after parking, failures and retries too") {
  testing::FollowerWorld world;
  const auto check = [&](Follower& follower) {
    auto db = sqlite::Database::open(follower.path(), sqlite::Database::Mode::kReader);
    REQUIRE(db);
    auto stored = db->query("SELECT hash FROM souk_checkpoint");
    REQUIRE(stored->step().value());
    auto running = RunningHash::open(*db);
    CHECK((TableHash::from_bytes(stored->text(0)) == running->of_rows(*db).value()));
  };
  world.append_many(20);
  world.append(2, "cart.poison");
  world.append_many(20);
  auto follower = world.open();
  REQUIRE(testing::catch_up(*follower));
  CHECK(follower->status().parked > 0);
  check(*follower);
  world.controls->intercept = [&, count = 0](const EventRecord&) mutable -> Result<void> {
    if (++count == 4) return fail(ErrorCode::kUnavailable, "sqlite.full", "database or disk is full");
    return {};
  };
  world.append_many(5);
  CHECK_FALSE(follower->run_once());
  REQUIRE(testing::catch_up(*follower));
  check(*follower);
  world.controls->healed = true;
  REQUIRE(follower->retry_parked());
  check(*follower);
  follower.reset();
  world.append_many(30);
  follower = world.open();
  REQUIRE(testing::catch_up(*follower));
  check(*follower);
}

}  // namespace
}  // namespace souk
