#include "projections/sqlite.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "projections/testing/scratch.hpp"

namespace souk::sqlite {
namespace {

TEST_CASE("values come back from a row as they were bound") {
  testing::ScratchDirectory scratch;
  auto db = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d BLOB, e TEXT)"));
  const Id128 id{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
  REQUIRE(db->execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", std::int64_t{-5}, std::string_view("茶\0壶", 7),
                      Blob{"\x01\x02"}, id, nullptr));
  CHECK(db->changes() == 1);
  auto row = db->query("SELECT a, b, c, d, e FROM t");
  REQUIRE(row);
  CHECK(row->step().value());
  CHECK(row->integer(0) == -5);
  CHECK(row->text(1) == std::string_view("茶\0壶", 7));
  CHECK(row->text(2) == "\x01\x02");
  CHECK((row->id(3) == id));
  CHECK(row->is_null(4));
  CHECK(row->text(4).empty());
  CHECK((row->id(2) == Id128{}));
  CHECK_FALSE(row->step().value());
}

TEST_CASE("empty text is text, not null") {
  testing::ScratchDirectory scratch;
  auto db = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (a TEXT NOT NULL, b BLOB NOT NULL)"));
  CHECK(db->execute("INSERT INTO t VALUES (?, ?)", std::string_view{}, Blob{}));
}

TEST_CASE("blobs of ids sort as the ids do") {
  testing::ScratchDirectory scratch;
  auto db = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (id BLOB PRIMARY KEY) WITHOUT ROWID"));
  const Id128 low{1, 0x8000000000000000ULL};
  const Id128 middle{1, 0x8000000000000001ULL};
  const Id128 high{0x8000000000000000ULL, 0};
  for (const auto& id : {high, low, middle}) REQUIRE(db->execute("INSERT INTO t VALUES (?)", id));
  auto row = db->query("SELECT id FROM t ORDER BY id");
  for (const auto& id : {low, middle, high}) {
    REQUIRE(row->step().value());
    CHECK((row->id(0) == id));
  }
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  testing::ScratchDirectory scratch;
  auto db = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (a INTEGER)"));
  {
    auto transaction = Transaction::begin(*db, Transaction::Kind::kWrite);
    REQUIRE(transaction);
    REQUIRE(db->execute("INSERT INTO t VALUES (1)"));
  }
  CHECK_FALSE(db->in_transaction());
  {
    auto transaction = Transaction::begin(*db, Transaction::Kind::kWrite);
    REQUIRE(transaction);
    REQUIRE(db->execute("INSERT INTO t VALUES (2)"));
    REQUIRE(transaction->commit());
  }
  auto row = db->query("SELECT sum(a) FROM t");
  REQUIRE(row->step().value());
  CHECK(row->integer(0) == 2);
}

TEST_CASE("a reader sees one state throughout its transaction and cannot write") {
  testing::ScratchDirectory scratch;
  auto writer = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(writer);
  REQUIRE(writer->run("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)"));
  auto reader = Database::open(scratch.file("a.sqlite"), Database::Mode::kReader);
  REQUIRE(reader);
  const auto count = [&] {
    auto row = reader->query("SELECT count(*) FROM t");
    return row && row->step().value() ? row->integer(0) : -1;
  };
  {
    auto transaction = Transaction::begin(*reader, Transaction::Kind::kRead);
    REQUIRE(transaction);
    CHECK(count() == 1);
    REQUIRE(writer->execute("INSERT INTO t VALUES (2)"));
    CHECK(count() == 1);
  }
  CHECK(count() == 2);
  CHECK_FALSE(reader->execute("INSERT INTO t VALUES (3)"));
}

TEST_CASE("failures say what they are and whether waiting helps") {
  testing::ScratchDirectory scratch;
  auto db = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (a INTEGER UNIQUE); INSERT INTO t VALUES (1)"));

  SUBCASE("a broken constraint") {
    const auto result = db->execute("INSERT INTO t VALUES (1)");
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == "sqlite.constraint");
    CHECK_FALSE(is_transient(result.error()));
  }
  SUBCASE("a mistake in a statement") {
    const auto result = db->execute("INSERT INTO nothing VALUES (1)");
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == "sqlite.failed");
    CHECK(result.error().detail.find("nothing") != std::string::npos);
  }
  SUBCASE("another writer") {
    auto other = Database::open(scratch.file("a.sqlite"), Database::Mode::kWriter);
    REQUIRE(other);
    auto transaction = Transaction::begin(*other, Transaction::Kind::kWrite);
    REQUIRE(transaction);
    const auto result = db->execute("INSERT INTO t VALUES (2)");
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == "sqlite.busy");
    CHECK(is_transient(result.error()));
  }
  SUBCASE("a full file") {
    REQUIRE(db->run("PRAGMA max_page_count=4"));
    const auto result = db->execute(
        "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) INSERT INTO t SELECT i FROM "
        "n");
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == "sqlite.full");
    CHECK(is_transient(result.error()));
  }
  SUBCASE("a file that is no database") {
    std::ofstream(scratch.file("b.sqlite")) << std::string(4096, 'x');
    const auto other = Database::open(scratch.file("b.sqlite"), Database::Mode::kWriter);
    REQUIRE_FALSE(other);
    CHECK(other.error().reason == "sqlite.corrupt");
  }
  SUBCASE("a file that is not there, for a reader") {
    const auto other = Database::open(scratch.file("c.sqlite"), Database::Mode::kReader);
    REQUIRE_FALSE(other);
    CHECK(other.error().reason == "sqlite.cannot_open");
    CHECK_FALSE(std::filesystem::exists(scratch.file("c.sqlite")));
  }
}

}  // namespace
}  // namespace souk::sqlite
