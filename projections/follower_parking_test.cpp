#include <doctest/doctest.h>

#include "eventstore/testing/fixtures.hpp"
#include "projections/follower.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk {
namespace {

using testing::catch_up;
using testing::stream;
using testing::Tally;
using World = testing::FollowerWorld;

TEST_CASE("a poison event is parked with the later ones of its stream and all else goes on") {
  World world;
  ParkedEvent expected;
  SUBCASE("one that is refused") {
    expected = {{}, {}, "cart.poison", "cart.poisonous", "quantity: is required", {}};
  }
  SUBCASE("one that throws") {
    expected = {{}, {}, "cart.throws", "projection.exception", "no such luck", {}};
  }
  world.append(1);
  const auto poison = world.append(2, expected.type);
  world.append(3);
  world.append(2);
  world.append(1);
  auto follower = world.open();
  REQUIRE(catch_up(*follower));
  world.append(2);
  world.append(3);
  REQUIRE(catch_up(*follower));

  CHECK(follower->status().parked == 3);
  CHECK(follower->status().events_total == 4);
  CHECK(follower->status().lag_events == 0);
  CHECK_FALSE(follower->status().failing);
  const auto parked = follower->parked(100).value();
  REQUIRE(parked.size() == 3);
  CHECK(parked[0].position == poison);
  CHECK(parked[0].type == expected.type);
  CHECK(parked[0].reason == expected.reason);
  CHECK(parked[0].detail == expected.detail);
  CHECK((parked[0].parked_at == world.clock.now()));
  CHECK(parked[1].reason == "projection.behind_parked");
  CHECK(parked[2].reason == "projection.behind_parked");
  REQUIRE(world.reported.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK((parked[i].stream == stream(2)));
    CHECK(parked[i].position == world.reported[i].position);
  }
  // The row that the event changed before it failed is as it was: not there.
  CHECK(world.rows().find(stream(1).text()) != std::string::npos);
  CHECK(world.rows().find(stream(2).text()) == std::string::npos);
  CHECK(world.rows().find(stream(3).text()) != std::string::npos);
}

TEST_CASE("parked events stay parked over a restart and count as before when they are retried") {
  World world;
  for (int i = 0; i < 3; ++i) world.append_many(5);
  world.append(2, "cart.poison");
  world.append_many(20);
  REQUIRE(catch_up(*world.open()));

  auto follower = world.open();
  CHECK(follower->status().parked == 5);
  world.append(2);
  REQUIRE(catch_up(*follower));
  CHECK(follower->status().parked == 6);

  SUBCASE("while the fault remains nothing changes") {
    const auto before = world.rows();
    const auto retried = follower->retry_parked().value();
    CHECK(retried.applied == 0);
    CHECK(retried.still_parked == 6);
    CHECK(world.rows() == before);
  }
  SUBCASE("once it is mended the rows are those of a follower that never failed") {
    world.controls->healed = true;
    const auto retried = follower->retry_parked().value();
    CHECK(retried.applied == 6);
    CHECK(retried.still_parked == 0);
    CHECK(follower->status().parked == 0);
    world.append(2);
    REQUIRE(catch_up(*follower));
    CHECK(follower->status().parked == 0);
    CHECK(world.rows() == world.expected_rows());
  }
}

TEST_CASE("a retry stops at the first event of a stream that still fails") {
  World world;
  const auto first = world.append(1, "cart.poison");
  world.append(1);
  const auto third = world.append(1, "cart.throws");
  world.append(1);
  world.append(2, "cart.poison");
  auto follower = world.open();
  REQUIRE(catch_up(*follower));
  CHECK(follower->status().parked == 5);
  // The first is mended, the third is not.
  world.controls->healed = true;
  world.controls->intercept = [&](const EventRecord& record) -> Result<void> {
    if (record.position == third) return fail(ErrorCode::kInternal, "cart.still_bad");
    return {};
  };
  const auto retried = follower->retry_parked().value();
  CHECK(retried.applied == 3);
  CHECK(retried.still_parked == 2);
  const auto parked = follower->parked(10).value();
  REQUIRE(parked.size() == 2);
  CHECK(parked[0].position == third);
  CHECK(parked[0].reason == "cart.still_bad");
  CHECK(parked[0].position > first);
  world.append(1);
  REQUIRE(catch_up(*follower));
  CHECK(follower->status().parked == 3);
}

TEST_CASE("a retry in turns of no time at all tries everything nevertheless, each stream in order") {
  World world;
  for (const std::uint64_t number : {1, 2, 3}) world.append(number, "cart.poison");
  for (const std::uint64_t number : {3, 1, 2, 1}) world.append(number);
  REQUIRE(catch_up(*world.open()));
  world.controls->healed = true;
  std::map<StreamId, std::vector<Position>> seen;
  world.controls->intercept = [&](const EventRecord& record) -> Result<void> {
    if (record.stream == stream(2)) return fail(ErrorCode::kInternal, "cart.still_bad");
    seen[record.stream].push_back(record.position);
    return {};
  };
  Tally tally(world.controls);
  ProjectionStore::OpenOptions options;
  options.path = world.options().path;
  auto store = ProjectionStore::open(options, tally, {world.log.log_id(), world.log.epoch()},
                                     world.log.head(Visibility::kDurable));
  REQUIRE(store);
  std::size_t turns = 0;
  std::size_t applied = 0;
  for (std::optional<Position> from = Position{}; from; ++turns) {
    const auto turn = store->retry_parked(tally, world.log, *from, std::chrono::milliseconds(0));
    REQUIRE(turn);
    CHECK(turn->applied <= 1);
    applied += turn->applied;
    from = turn->next;
  }
  CHECK(turns >= 5);
  CHECK(applied == 5);
  CHECK(store->parked_count() == 2);
  CHECK((seen[stream(1)] == std::vector<Position>{Position{1}, Position{5}, Position{7}}));
  CHECK((seen[stream(3)] == std::vector<Position>{Position{3}, Position{4}}));
}

}  // namespace
}  // namespace souk
