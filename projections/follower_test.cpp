#include "projections/follower.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk {
namespace {

using testing::await;
using testing::catch_up;
using testing::stream;
using testing::tables_of;
using World = testing::FollowerWorld;

TEST_CASE("whoever wants news is told of what came since the follower was opened, once") {
  World world;
  world.append(1);
  std::vector<Position> told;
  FollowerOptions options = world.options();
  options.on_news = [&](const EventRecord& record) { told.push_back(record.position); };
  auto follower = world.open(std::move(options), world.log);
  const auto first = world.append(1);
  REQUIRE(catch_up(*follower));
  const auto second = world.append(2);
  REQUIRE(catch_up(*follower));
  CHECK((told == std::vector<Position>{first, second}));
}

TEST_CASE(
    "whoever wants news is told of what came while the process was away, but not again when a file is made anew") {
  World world;
  std::vector<Position> told;
  const auto open = [&] {
    FollowerOptions options = world.options();
    options.on_news = [&](const EventRecord& record) { told.push_back(record.position); };
    auto follower = world.open(std::move(options), world.log);
    REQUIRE(catch_up(*follower));
  };
  world.append(1);
  open();
  CHECK(told.empty());
  const auto missed = world.append(1);
  open();
  CHECK((told == std::vector<Position>{missed}));
  open();
  world.controls->schema = 2;
  open();
  CHECK(told.size() == 1);
}

TEST_CASE("catching up, following live and rebuilding make the same rows") {
  World world;
  auto live = world.open(world.options("live.sqlite"), world.log);
  live->start();
  for (int i = 0; i < 20; ++i) world.append_many(13);
  const auto last = world.append(1);
  REQUIRE(await(*live, last));
  auto late = world.open();
  REQUIRE(catch_up(*late));
  CHECK(late->position() == last);
  CHECK(world.rows() == tables_of(live->path()));
  CHECK(world.rows().find("'cart-") != std::string::npos);

  late.reset();
  world.controls->schema = 2;
  auto rebuilt = world.open();
  CHECK(rebuilt->is_incomplete());
  CHECK(rebuilt->position() == Position{0});
  REQUIRE(catch_up(*rebuilt));
  CHECK(world.rows() == tables_of(live->path()));
}

TEST_CASE("a follower sees only what is durable") {
  World world;
  MemoryEventLog log(world.clock, MemoryLogOptions{.auto_commit = false});
  auto follower = world.open(world.options(), log);
  REQUIRE(log.append(testing::request(stream(1), 0, 3)));
  CHECK(follower->run_once().value() == 0);
  log.commit_all();
  CHECK(follower->run_once().value() == 3);
}

/// Runs a follower in another process, which dies at the `crash_at`-th event applied. Returns whether it died there.
bool run_and_crash(World& world, int crash_at, ProjectionStore::CheckpointWrite how) {
  const pid_t child = ::fork();
  if (child == 0) {
    int events = 0;
    world.controls->before_event = [&events, crash_at] {
      if (++events == crash_at) ::_exit(1);
    };
    auto options = world.options();
    options.checkpoint_write = how;
    auto follower = world.open(std::move(options), world.log);
    (void)catch_up(*follower);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status) == 1;
}

/// How many crash points of a log of 25 events leave rows that differ from those of a follower that never died.
int wrong_after_crashes(ProjectionStore::CheckpointWrite how) {
  int wrong = 0;
  for (int crash_at = 1; crash_at <= 25; ++crash_at) {
    World world;
    world.append_many(25);
    if (!run_and_crash(world, crash_at, how)) FAIL("nothing crashed at " << crash_at);
    (void)run_and_crash(world, 3, how);
    auto follower = world.open();
    REQUIRE(catch_up(*follower));
    if (world.rows() != world.expected_rows()) ++wrong;
  }
  return wrong;
}

TEST_CASE("an event counts exactly once wherever the process dies") {
  CHECK(wrong_after_crashes(ProjectionStore::CheckpointWrite::kWithRows) == 0);
}

TEST_CASE("the crash test finds a checkpoint that is written outside the transaction") {
  CHECK(wrong_after_crashes(ProjectionStore::CheckpointWrite::kBeforeRows) > 0);
}

TEST_CASE("a failure that may pass loses nothing and is told") {
  World world;
  world.append_many(10);
  auto follower = world.open();

  SUBCASE("another program holds the file") {
    auto other = sqlite::Database::open(follower->path(), sqlite::Database::Mode::kWriter);
    REQUIRE(other);
    {
      auto transaction = sqlite::Transaction::begin(*other, sqlite::Transaction::Kind::kWrite);
      REQUIRE(transaction);
      CHECK(follower->run_once().error().reason == "sqlite.busy");
    }
  }
  SUBCASE("the disk fills up in the middle of a batch") {
    world.controls->intercept = [&, count = 0](const EventRecord&) mutable -> Result<void> {
      if (++count == 4) return fail(ErrorCode::kUnavailable, "sqlite.full", "database or disk is full");
      return {};
    };
    CHECK(follower->run_once().error().reason == "sqlite.full");
  }
  SUBCASE("memory runs out") {
    world.controls->intercept = [&, count = 0](const EventRecord&) mutable -> Result<void> {
      if (++count == 4) throw std::bad_alloc();
      return {};
    };
    CHECK(follower->run_once().error().reason == "projection.out_of_memory");
  }
  CHECK(follower->status().failing);
  CHECK_FALSE(follower->status().last_error.empty());
  CHECK(follower->status().lag_events == 10);
  CHECK(world.failures.size() == 1);
  REQUIRE(catch_up(*follower));
  CHECK_FALSE(follower->status().failing);
  CHECK(follower->status().parked == 0);
  world.controls->intercept = nullptr;
  CHECK(world.rows() == world.expected_rows());
}

TEST_CASE("a running follower tries a failed batch again by itself") {
  World world;
  const auto last = world.append_many(10);
  world.controls->intercept = [count = 0](const EventRecord&) mutable -> Result<void> {
    if (++count <= 3) return fail(ErrorCode::kUnavailable, "sqlite.full", "database or disk is full");
    return {};
  };
  auto options = world.options();
  options.backoff_min = std::chrono::milliseconds(1);
  auto follower = world.open(std::move(options), world.log);
  follower->start();
  CHECK(await(*follower, last));
  follower->stop();
  CHECK(world.failures.size() == 3);
  world.controls->intercept = nullptr;
  CHECK(world.rows() == world.expected_rows());
}

TEST_CASE("a file that does not belong to the log is refused, or rebuilt if that is allowed") {
  World world;
  world.append_many(20);
  REQUIRE(catch_up(*world.open()));

  MemoryLogOptions other;
  std::string reason;
  SUBCASE("a checkpoint beyond the head") {
    reason = "projection.ahead_of_log";
  }
  SUBCASE("another log") {
    other.log_id = Id128{7, 7};
    reason = "projection.foreign_log";
  }
  SUBCASE("another epoch") {
    other.epoch = 2;
    reason = "projection.other_epoch";
  }
  MemoryEventLog log(world.clock, other);
  REQUIRE(log.append(testing::request(stream(9), 0, 5)));
  const auto error = world.open_error(log);
  CHECK(error.reason == reason);
  CHECK(error.detail.find("rebuild") != std::string::npos);

  auto options = world.options();
  options.rebuild = true;
  auto follower = world.open(std::move(options), log);
  CHECK(follower->is_incomplete());
  REQUIRE(catch_up(*follower));
  CHECK(follower->position() == Position{5});
}

TEST_CASE("a file that is none of ours is refused, or rebuilt if that is allowed") {
  World world;
  world.append_many(5);
  SUBCASE("garbage") {
    std::ofstream(world.options().path) << std::string(8'192, 'x');
  }
  SUBCASE("the file of another projection") {
    REQUIRE(catch_up(*world.open()));
    auto db = sqlite::Database::open(world.options().path, sqlite::Database::Mode::kWriter);
    REQUIRE(db->run("UPDATE souk_checkpoint SET projection = 'others'"));
  }
  CHECK(world.open_error(world.log).reason == "projection.unreadable");
  auto options = world.options();
  options.rebuild = true;
  auto follower = world.open(std::move(options), world.log);
  REQUIRE(catch_up(*follower));
  CHECK(world.rows() == world.expected_rows());
}

TEST_CASE("waiting for a position") {
  World world;
  world.append_many(5);
  auto follower = world.open();
  REQUIRE(catch_up(*follower));
  std::vector<std::string> calls;
  const auto note = [&](const std::string& name) {
    return [&calls, name](bool caught_up) { calls.push_back(name + (caught_up ? " true" : " false")); };
  };

  SUBCASE("what is there already is told at once") {
    CHECK(follower->when_caught_up(Position{5}, note("past")) == 0);
    CHECK(calls == std::vector<std::string>{"past true"});
  }
  SUBCASE("what is not there yet is told once the rows are committed") {
    std::string rows_seen;
    follower->when_caught_up(Position{6}, [&](bool caught_up) {
      calls.push_back(caught_up ? "six true" : "six false");
      rows_seen = world.rows();
    });
    follower->when_caught_up(Position{8}, note("eight"));
    CHECK(calls.empty());
    world.append(4);
    REQUIRE(catch_up(*follower));
    CHECK(calls == std::vector<std::string>{"six true"});
    CHECK(rows_seen == world.expected_rows());
    follower->stop();
    CHECK(calls == std::vector<std::string>{"six true", "eight false"});
    follower->when_caught_up(Position{9}, note("late"));
    CHECK(calls.back() == "late false");
    follower->when_caught_up(Position{6}, note("late but past"));
    CHECK(calls.back() == "late but past true");
  }
  SUBCASE("a cancelled wait is not told any more") {
    const auto ticket = follower->when_caught_up(Position{6}, note("six"));
    CHECK(follower->cancel(ticket));
    CHECK_FALSE(follower->cancel(ticket));
    world.append(1);
    REQUIRE(catch_up(*follower));
    CHECK(calls.empty());
  }
}

TEST_CASE("events of no interest move the position without a write, and are not read again after a stop") {
  World world;
  world.controls->kinds = {"order"};
  world.append_many(20);
  {
    auto follower = world.open();
    follower->start();
    REQUIRE(await(*follower, Position{20}));
    CHECK(follower->status().batches_total == 0);
    const auto order = world.append(1, "order.placed", "order");
    REQUIRE(await(*follower, order));
    CHECK(follower->status().batches_total == 1);
    CHECK(follower->status().events_total == 1);
    REQUIRE(await(*follower, world.append_many(3)));
    follower->stop();
    follower->stop();
  }
  CHECK(world.open()->position() == Position{24});
}

TEST_CASE("a follower stops at once, also while it waits to try again") {
  World world;
  world.append_many(5);
  world.controls->intercept = [](const EventRecord&) -> Result<void> {
    return fail(ErrorCode::kUnavailable, "sqlite.full", "database or disk is full");
  };
  auto options = world.options();
  options.backoff_min = options.backoff_max = std::chrono::hours(1);
  std::promise<void> failed;
  options.on_failure = [&](const Error&) { failed.set_value(); };
  auto follower = world.open(std::move(options), world.log);
  bool told = true;
  follower->when_caught_up(Position{5}, [&](bool caught_up) { told = caught_up; });
  follower->start();
  failed.get_future().wait();
  follower->stop();
  CHECK_FALSE(told);
}

TEST_CASE("the status tells how far a follower is") {
  World world;
  world.append_many(10);
  auto follower = world.open();
  CHECK((follower->status().last_progress == Time{}));
  REQUIRE(follower->run_once());
  const auto status = follower->status();
  CHECK(status.name == "tally");
  CHECK(status.position == Position{7});
  CHECK(status.head == Position{10});
  CHECK(status.lag_events == 3);
  CHECK(status.events_total == 7);
  CHECK(status.batches_total == 1);
  CHECK((status.last_progress == world.clock.now()));
}

}  // namespace
}  // namespace souk
