#include "projections/diff.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk {
namespace {

using testing::catch_up;

struct DiffWorld : testing::FollowerWorld {
  std::unique_ptr<Follower> follower;

  DiffWorld() {
    append_many(100);
    follower = open();
    REQUIRE(catch_up(*follower));
  }
  DiffReport diff() {
    auto report = diff_projection(
        follower->path(), scratch.file("scratch.sqlite"), [this] { return std::make_unique<testing::Tally>(controls); },
        [this](Position after, std::size_t limit) { return log.read(after, limit, Visibility::kDurable); });
    if (!report) FAIL(report.error().reason << ": " << report.error().detail);
    CHECK_FALSE(std::filesystem::exists(scratch.file("scratch.sqlite")));
    return std::move(*report);
  }
  void damage(const char* sql) {
    auto db = sqlite::Database::open(follower->path(), sqlite::Database::Mode::kWriter);
    REQUIRE(db->run(sql));
  }
  /// The last event of a stream up to a position.
  Position last_of(const StreamId& stream, Position from, Position to) {
    Position last;
    const auto records = log.read(from, to.value - from.value, Visibility::kDurable).value();
    for (const auto& record : records) {
      if (record->stream == stream) last = record->position;
    }
    return last;
  }
};

TEST_CASE("a file that is as the log says does not differ, also while it is fed and has parked events") {
  DiffWorld world;
  world.append(3, "cart.poison");
  world.append_many(20);
  REQUIRE(catch_up(*world.follower));
  const auto report = world.diff();
  CHECK_FALSE(report.first);
  CHECK_FALSE(report.part_at);
  CHECK_FALSE(report.changed_outside);
  CHECK(report.position == Position{121});
  CHECK(report.agree_at == Position{121});
}

TEST_CASE("a row that somebody else changed is found, with the event that wrote it last") {
  DiffWorld world;
  const StreamId stream = testing::stream(2);
  const std::string key = "'" + std::string(stream.text()) + "'";
  SUBCASE("changed") {
    world.damage(("UPDATE tally SET events = events + 1 WHERE stream = " + key).c_str());
    const auto report = world.diff();
    REQUIRE(report.first);
    CHECK(report.first->in_file);
    CHECK(report.first->rebuilt);
    CHECK(report.first->in_file != report.first->rebuilt);
  }
  SUBCASE("removed") {
    world.damage(("DELETE FROM tally WHERE stream = " + key).c_str());
    CHECK_FALSE(world.diff().first->in_file);
  }
  const auto report = world.diff();
  CHECK(report.changed_outside);
  CHECK_FALSE(report.part_at);
  CHECK(report.first->table == "tally");
  CHECK(report.first->key == key);
  CHECK(report.first->event == world.last_of(stream, {}, Position{100}));
}

TEST_CASE("a row that nobody should have is found, although no event wrote it") {
  DiffWorld world;
  world.damage("INSERT INTO tally VALUES ('cart-nobody', 1, 1)");
  const auto report = world.diff();
  CHECK(report.first->key == "'cart-nobody'");
  CHECK_FALSE(report.first->rebuilt);
  CHECK_FALSE(report.first->event);
}

TEST_CASE("an event that was taken in wrongly is named") {
  DiffWorld world;
  // The program that made the file forgot one event; this one does not.
  const auto wrong = world.append(4);
  world.append_many(60);
  world.controls->forgets = wrong;
  REQUIRE(catch_up(*world.follower));
  world.controls->forgets = {};
  const auto report = world.diff();
  CHECK_FALSE(report.changed_outside);
  REQUIRE(report.part_at);
  CHECK(report.agree_at < wrong);
  CHECK(*report.part_at >= wrong);
  REQUIRE(report.first);
  CHECK(report.first->key == "'" + std::string(testing::stream(4).text()) + "'");
  REQUIRE(report.first->event);
  CHECK(*report.first->event <= wrong);
  CHECK(*report.first->event > report.agree_at);
}

}  // namespace
}  // namespace souk
