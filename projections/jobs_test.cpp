#include "projections/jobs.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using namespace job;
using testing::catch_up;

constexpr JobId kSweep{{1, 1}};
constexpr JobId kCompletion{{1, 2}};

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<Jobs> jobs = std::move(Jobs::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("jobs.sqlite");
    auto opened = Follower::open(log, clock, make_jobs_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  void follow() {
    REQUIRE(catch_up(*follower));
    CHECK(follower->status().parked == 0);
  }
  void configure(JobId id, const std::string& name) {
    append<Job>(id, Configured{name, {}, {"@every 10m", Misfire::kRunOnce, {}}, clock.now()});
  }
  RunId run(JobId id, const std::string& name, std::int64_t due_us) {
    const RunId run{Id128{1, static_cast<std::uint64_t>(due_us)}};
    append<Job>(id, Started{name, run, {}, {}, Time{due_us}, {}, 5, clock.now(), clock.now()});
    append<Job>(id, Finished{name, run, Outcome::kDone, {}, {{"carts", 3}}, clock.now()});
    return run;
  }
};

TEST_CASE("all jobs are listed by name, each as its entity has it") {
  World world;
  world.configure(kSweep, "sweep");
  world.configure(kCompletion, "completion");
  world.append<Job>(kSweep, Scheduled{Time{7}});
  world.append<Job>(kCompletion, Paused{AccountId{{2, 1}}, Time{3}});
  world.follow();
  const auto list = world.jobs->list().value();
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].name == "completion");
  CHECK(list.items[0].paused);
  CHECK(list.items[1].name == "sweep");
  CHECK(list.items[1].next_due == Time{7});
  CHECK(list.position == world.log.head(Visibility::kDurable));
}

TEST_CASE("what became of a job's runs and occurrences is listed, the newest first, page by page") {
  World world;
  world.configure(kSweep, "sweep");
  world.configure(kCompletion, "completion");
  for (std::int64_t due = 1; due <= 30; ++due) world.run(kSweep, "sweep", due);
  world.run(kCompletion, "completion", 1);
  world.append<Job>(kSweep, Skipped{"sweep", SkipReason::kMisfire, Time{31}, Time{40}, 10, Time{50}});
  world.follow();
  const auto first = world.jobs->records(kSweep, 3).value();
  REQUIRE(first.items.size() == 3);
  CHECK(first.items[0].record.skipped->count == 10);
  CHECK(first.items[1].record.run->due == Time{30});
  CHECK(first.items[1].record.finished->figures[0].count == 3);
  REQUIRE(first.next);
  std::size_t seen = first.items.size();
  for (auto after = first.next; after;) {
    const auto page = world.jobs->records(kSweep, 7, after).value();
    seen += page.items.size();
    after = page.next;
  }
  CHECK(seen == 31);
  CHECK(world.jobs->records(kCompletion, 9).value().items.size() == 1);
  CHECK(world.jobs->records(JobId{{1, 3}}, 9).value().items.empty());
}

}  // namespace
}  // namespace souk
