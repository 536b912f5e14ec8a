#include <doctest/doctest.h>

#include "projections/testing/search_world.hpp"

namespace souk {
namespace {

using namespace testing;

std::int64_t count_parts(const Follower& follower) {
  auto db = sqlite::Database::open(follower.path(), sqlite::Database::Mode::kReader);
  REQUIRE(db);
  auto parts = db->query("SELECT count(DISTINCT segid) FROM search_index_idx");
  REQUIRE(parts);
  REQUIRE(parts->step());
  return parts->integer(0);
}

TEST_CASE("after a long way all words are one part of the index") {
  SearchWorld world;
  for (std::uint64_t number = 1; number <= 5'200; ++number) world.create(number, "tea");
  FollowerOptions options;
  options.path = world.scratch.file("long.sqlite");
  options.catch_up_events_max = 2'500;
  auto follower = Follower::open(world.log, world.clock, make_search_projection(), std::move(options));
  REQUIRE(follower);
  REQUIRE(catch_up(**follower));
  CHECK(count_parts(**follower) == 1);
  auto search = EmbeddedSearch::open(**follower);
  REQUIRE(search);
  SearchQuery query;
  query.text = "tea";
  CHECK((*search)->search(query).value().total == 5'200);
}

}  // namespace
}  // namespace souk
