#include "projections/read_model.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"
#include "projections/projection_target.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/tally.hpp"

namespace souk {
namespace {

using testing::catch_up;

struct World {
  testing::ScratchDirectory scratch;
  testing::ManualClock clock;
  MemoryEventLog log{clock};
  std::shared_ptr<testing::TallyControls> controls = std::make_shared<testing::TallyControls>();

  std::unique_ptr<Follower> open() {
    FollowerOptions options;
    options.path = scratch.file("tally.sqlite");
    auto follower = Follower::open(log, clock, std::make_unique<testing::Tally>(controls), std::move(options));
    REQUIRE(follower);
    return std::move(*follower);
  }
  void append(std::string_view kind, std::uint64_t number) {
    REQUIRE(log.append(testing::request({kind, Id128{0, number}}, 0, 1)));
  }
};

/// The position of a read, and how many streams it saw.
std::pair<Position, std::int64_t> look(ReadModel& model) {
  std::int64_t streams = 0;
  auto position = model.read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query("SELECT count(*) FROM tally");
    REQUIRE(query);
    REQUIRE(query->step());
    streams = query->integer(0);
    return {};
  });
  REQUIRE(position);
  return {*position, streams};
}

TEST_CASE("a read stands behind events of no interest, which are written nowhere") {
  World world;
  world.controls->kinds = {"order"};
  auto follower = world.open();
  auto model = std::move(ReadModel::open(*follower).value());
  CHECK((look(*model) == std::pair{Position{0}, std::int64_t{0}}));
  world.append("order", 1);
  REQUIRE(catch_up(*follower));
  world.append("cart", 1);
  REQUIRE(catch_up(*follower));
  CHECK((look(*model) == std::pair{Position{2}, std::int64_t{1}}));
}

TEST_CASE("a read that sees rows written since the follower last reported says so") {
  World world;
  // Two followers of one file stand for the moment in which the transaction is committed and not yet reported.
  auto silent = world.open();
  auto model = std::move(ReadModel::open(*silent).value());
  world.append("order", 1);
  auto writing = world.open();
  REQUIRE(catch_up(*writing));
  CHECK((look(*model) == std::pair{Position{1}, std::int64_t{1}}));
}

TEST_CASE("a file that was removed is closed although nobody reads") {
  World world;
  auto follower = world.open();
  auto model = std::move(ReadModel::open(*follower).value());
  const auto exchange = [&](const std::string& path) {
    ProjectionStore::OpenOptions options;
    options.path = path;
    std::unique_ptr<FollowerTarget> target = std::move(
        ProjectionTarget::open(world.log, std::make_unique<testing::Tally>(world.controls), options).value());
    const auto before = follower->path();
    REQUIRE(follower->exchange(target));
    target.reset();
    sqlite::remove_database(before);
  };
  const auto removed_and_open = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
      if (target.starts_with(world.scratch.path().string()) && target.ends_with(" (deleted)")) ++count;
    }
    return count;
  };
  exchange(world.scratch.file("second.sqlite"));
  CHECK(removed_and_open() == 0);
  // Somebody may be in the middle of a read; then it is that read which moves over when it ends.
  REQUIRE(model->read([&](sqlite::Database&) -> Result<void> {
    exchange(world.scratch.file("third.sqlite"));
    CHECK(removed_and_open() > 0);
    return {};
  }));
  CHECK(removed_and_open() == 0);
  world.append("order", 1);
  REQUIRE(catch_up(*follower));
  CHECK((look(*model) == std::pair{Position{1}, std::int64_t{1}}));
}

TEST_CASE("an error of the reader is handed on and the model can be read again") {
  World world;
  auto follower = world.open();
  auto model = std::move(ReadModel::open(*follower).value());
  const auto failed =
      model->read([](sqlite::Database&) -> Result<void> { return fail(ErrorCode::kNotFound, "nothing.here"); });
  CHECK(failed.error().reason == "nothing.here");
  world.append("order", 1);
  REQUIRE(catch_up(*follower));
  CHECK((look(*model) == std::pair{Position{1}, std::int64_t{1}}));
}

}  // namespace
}  // namespace souk
