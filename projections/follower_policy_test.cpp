#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "eventstore/testing/fixtures.hpp"
#include "projections/follower.hpp"
#include "projections/projection_target.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk {
namespace {

using testing::await;
using testing::catch_up;
using World = testing::FollowerWorld;

FollowerOptions with_policy(World& world, OnPoison policy) {
  auto options = world.options();
  options.on_poison = policy;
  options.backoff_min = std::chrono::milliseconds(1);
  options.backoff_max = std::chrono::milliseconds(2);
  return options;
}

TEST_CASE("where events are not parked, nothing goes on before one that cannot be taken in") {
  World world;
  world.append_many(3);
  const auto poison = world.append(2, "cart.poison");
  world.append_many(9);
  for (const auto policy : {OnPoison::kRetry, OnPoison::kStop}) {
    auto follower = world.open(with_policy(world, policy), world.log);
    CHECK(follower->run_once().error().reason == "cart.poisonous");
    CHECK(follower->position() == Position{poison.value - 1});
    const auto status = follower->status();
    CHECK(status.parked == 0);
    CHECK(status.failing);
    REQUIRE(status.blocked);
    CHECK(status.blocked->position == poison);
    CHECK(status.blocked->type == "cart.poison");
    CHECK(status.state == (policy == OnPoison::kStop ? FollowerState::kStopped : FollowerState::kFollowing));
  }
  world.controls->healed = true;
  auto follower = world.open();
  REQUIRE(catch_up(*follower));
  CHECK(world.rows() == world.expected_rows());
}

TEST_CASE("an event that is tried again goes in by itself once it can") {
  World world;
  const auto poison = world.append(2, "cart.poison");
  const auto last = world.append_many(20);
  std::promise<void> failed_twice;
  auto options = with_policy(world, OnPoison::kRetry);
  options.on_failure = [&, count = 0](const Error&) mutable {
    if (++count == 2) failed_twice.set_value();
  };
  world.controls->intercept = [&](const EventRecord& record) -> Result<void> {
    if (record.position == poison && world.failures.empty()) return fail(ErrorCode::kInvalid, "cart.not_yet");
    return {};
  };
  world.controls->healed = true;
  auto follower = world.open(std::move(options), world.log);
  follower->start();
  failed_twice.get_future().wait();
  follower->pause();
  world.failures.emplace_back();
  follower->resume();
  CHECK(await(*follower, last));
  follower->stop();
  CHECK_FALSE(follower->status().blocked);
  world.controls->intercept = nullptr;
  CHECK(world.rows() == world.expected_rows());
}

TEST_CASE("a follower that was stopped by an event goes on when it is told to park such ones") {
  World world;
  world.append_many(3);
  world.append(2, "cart.poison");
  const auto last = world.append_many(20);
  std::promise<void> stopped;
  auto options = with_policy(world, OnPoison::kStop);
  options.on_failure = [&](const Error&) { stopped.set_value(); };
  auto follower = world.open(std::move(options), world.log);
  follower->start();
  stopped.get_future().wait();
  CHECK(follower->status().state == FollowerState::kStopped);
  CHECK_FALSE(follower->status().position == last);
  follower->set_on_poison(OnPoison::kPark);
  CHECK(await(*follower, last));
  CHECK(follower->status().parked > 0);
  CHECK(follower->status().state == FollowerState::kFollowing);
}

TEST_CASE("a paused follower reads nothing until it is resumed, and its loop is seen to be alive") {
  World world;
  auto options = world.options();
  options.paused = true;
  options.heartbeat = std::chrono::milliseconds(1);
  auto follower = world.open(std::move(options), world.log);
  follower->start();
  const auto last = world.append_many(20);
  bool told = false;
  const auto ticket = follower->when_caught_up(last, [&](bool) { told = true; });
  CHECK(follower->status().state == FollowerState::kPaused);
  CHECK(follower->cancel(ticket));
  CHECK_FALSE(told);
  CHECK(follower->position() == Position{});
  follower->resume();
  CHECK(await(*follower, last));
}

TEST_CASE("a loop that is busy all the time is seen to go round") {
  World world;
  const auto last = world.append_many(3'000);
  auto options = world.options();
  options.batch_events_max = 1;
  options.catch_up_events_max = 1;
  auto follower = world.open(std::move(options), world.log);
  constexpr std::chrono::milliseconds kLong{50};
  std::chrono::milliseconds quiet_after_long{-1};
  world.controls->intercept = [&, begun = std::chrono::steady_clock::time_point{}](const EventRecord&) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (begun == std::chrono::steady_clock::time_point{}) begun = now;
    if (now - begun > kLong && quiet_after_long.count() < 0) {
      quiet_after_long = follower->status().quiet;
      follower->pause();
    }
    return Result<void>{};
  };
  follower->start();
  while (follower->status().state == FollowerState::kFollowing && follower->position() < last) {
    std::this_thread::yield();
  }
  follower->stop();
  REQUIRE(quiet_after_long.count() >= 0);
  CHECK(quiet_after_long < kLong);
}

TEST_CASE("the status tells for how long the first event that is missing has been there") {
  World world;
  world.append(1);
  world.clock.advance(Duration::seconds(5));
  world.append_many(6);
  world.append(1);
  auto follower = world.open();
  REQUIRE(follower->run_once());
  world.clock.advance(Duration::seconds(3));
  CHECK(follower->status().lag_events == 1);
  CHECK((follower->status().lag == Duration::seconds(3)));
  REQUIRE(catch_up(*follower));
  CHECK((follower->status().lag == Duration{}));
}

TEST_CASE("what came while nobody followed has been missing since it came") {
  World world;
  world.append_many(3);
  world.clock.advance(Duration::seconds(4));
  world.append(1);
  auto follower = world.open();
  CHECK((follower->status().lag == Duration::seconds(4)));
}

TEST_CASE("a follower that is paused within the batch that an event stops is paused") {
  World world;
  world.append(1);
  auto follower = world.open(with_policy(world, OnPoison::kStop), world.log);
  world.controls->intercept = [&](const EventRecord&) -> Result<void> {
    follower->pause();
    return fail(ErrorCode::kInvalid, "cart.poisonous");
  };
  CHECK_FALSE(follower->run_once());
  CHECK(follower->status().state == FollowerState::kPaused);
}

/// Accepts at once, and holds what it is told to.
class SlowTarget final : public FollowerTarget {
 public:
  std::string_view name() const override { return "slow"; }
  std::vector<std::string_view> kinds() const override { return {}; }
  Position accepted() const override { return accepted_; }
  Position held() const override { return Position{held_.load()}; }
  Position checkpoint() const override { return held(); }
  Result<std::size_t> room() override {
    if (has_failed) return fail(ErrorCode::kUnavailable, "slow.gone", "the peer has forgotten what it was given");
    return room_max - static_cast<std::size_t>(accepted_.value - held_);
  }
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison, Time) override {
    handed += records.size();
    accepted_ = upto;
    return Taken{upto, records.size(), true, {}, {}};
  }
  Result<void> reload() override {
    has_failed = false;
    accepted_ = held();
    return {};
  }
  std::size_t parked_count() const override { return 0; }
  Result<std::vector<ParkedEvent>> parked(std::size_t) override { return std::vector<ParkedEvent>{}; }
  Result<Retried> retry_parked(EventLog&, Position) override { return Retried{}; }
  void on_change(std::function<void()> tell) override { tell_ = std::move(tell); }

  void hold(Position upto) {
    held_ = upto.value;
    tell_();
  }

  std::size_t room_max = 10;
  std::size_t handed = 0;
  bool has_failed = false;

 private:
  Position accepted_;
  std::atomic<std::uint64_t> held_{0};
  std::function<void()> tell_;
};

TEST_CASE("of a target that answers later, what it holds counts, and no more is under way than it has room for") {
  World world;
  world.append_many(25);
  auto owned = std::make_unique<SlowTarget>();
  SlowTarget& target = *owned;
  Follower follower(world.log, world.clock, std::move(owned), world.options());
  std::vector<std::uint64_t> reached;
  for (const std::uint64_t position : {5, 12}) {
    follower.when_caught_up(Position{position}, [&reached, position](bool) { reached.push_back(position); });
  }
  CHECK(follower.run_once().value() == 7);
  CHECK(follower.run_once().value() == 3);
  CHECK(follower.run_once().value() == 0);
  CHECK(follower.status().accepted == Position{10});
  CHECK(follower.position() == Position{});
  CHECK(follower.status().lag_events == 25);
  CHECK(reached.empty());
  target.hold(Position{6});
  CHECK(reached == std::vector<std::uint64_t>{5});
  CHECK(follower.run_once().value() == 6);

  SUBCASE("what failed after it was accepted is handed over again") {
    target.has_failed = true;
    CHECK(follower.run_once().error().reason == "slow.gone");
    CHECK(follower.run_once().value() == 7);
    CHECK(follower.status().accepted == Position{13});
  }
  SUBCASE("a target that failed is asked for nothing else before it has gone back to what it holds") {
    target.has_failed = true;
    CHECK_FALSE(follower.run_once());
    REQUIRE(follower.retry_parked());
    CHECK_FALSE(target.has_failed);
  }
  SUBCASE("a running follower goes on as room comes") {
    follower.start();
    target.hold(Position{16});
    target.room_max = 100;
    target.hold(Position{16});
    CHECK(reached == std::vector<std::uint64_t>{5, 12});
    follower.stop();
  }
}

TEST_CASE("a follower changes over to another target between two reads, and no position goes back") {
  World world;
  world.append_many(20);
  std::vector<std::uint64_t> news;
  auto options = world.options();
  options.on_news = [&](const EventRecord& record) { news.push_back(record.position.value); };
  auto follower = world.open(std::move(options), world.log);
  REQUIRE(catch_up(*follower));
  const auto open_other = [&] {
    ProjectionStore::OpenOptions other;
    other.path = world.scratch.file("other.sqlite");
    return std::unique_ptr<FollowerTarget>(
        std::move(ProjectionTarget::open(world.log, std::make_unique<testing::Tally>(world.controls), other).value()));
  };
  auto other = open_other();

  SUBCASE("one that is behind catches up first") {
    const auto before = follower->place();
    REQUIRE(follower->exchange(other));
    CHECK(follower->position() == Position{20});
    CHECK(follower->place().generation != before.generation);
    CHECK(follower->path() == world.scratch.file("other.sqlite"));
    CHECK(other->path() == before.path);
    CHECK(testing::tables_of(follower->path()) == world.expected_rows());
    CHECK(news.empty());
  }
  SUBCASE("of what it has taken in already there is news once") {
    {
      Follower shadow(world.log, world.clock, std::move(other), world.options("other.sqlite"));
      world.append_many(5);
      REQUIRE(catch_up(shadow));
      other = shadow.release();
    }
    REQUIRE(follower->exchange(other));
    CHECK(news == std::vector<std::uint64_t>{21, 22, 23, 24, 25});
    world.append(1);
    REQUIRE(catch_up(*follower));
    CHECK(news.back() == 26);
    CHECK(news.size() == 6);
  }
  SUBCASE("one that was stopped by an event goes on with a target that has taken it in") {
    world.append(1, "cart.poison");
    follower->set_on_poison(OnPoison::kStop);
    CHECK(follower->run_once().error().reason == "cart.poisonous");
    CHECK(follower->status().state == FollowerState::kStopped);
    world.controls->healed = true;
    {
      Follower shadow(world.log, world.clock, std::move(other), world.options("other.sqlite"));
      REQUIRE(catch_up(shadow));
      other = shadow.release();
    }
    REQUIRE(follower->exchange(other));
    CHECK(follower->status().state == FollowerState::kFollowing);
    follower->start();
    CHECK(testing::await(*follower, world.append(1)));
    follower->stop();
  }
  SUBCASE("one that cannot take in what the other has leaves all as it was") {
    world.controls->intercept = [](const EventRecord& record) -> Result<void> {
      if (record.position == Position{9}) return fail(ErrorCode::kInvalid, "cart.bad");
      return {};
    };
    follower->set_on_poison(OnPoison::kRetry);
    const auto before = follower->place();
    CHECK(follower->exchange(other).error().reason == "projection.blocked");
    CHECK(follower->place().generation == before.generation);
    CHECK(other->path() == world.scratch.file("other.sqlite"));
  }
}

/// It claims to hold more than there is in the log.
class ForeignTarget final : public FollowerTarget {
 public:
  std::string_view name() const override { return "foreign"; }
  std::vector<std::string_view> kinds() const override { return {}; }
  Position accepted() const override { return Position{30}; }
  Position held() const override { return accepted(); }
  Position checkpoint() const override { return accepted(); }
  Result<Taken> take(const std::vector<RecordPtr>&, Position upto, OnPoison, Time) override {
    return Taken{upto, 0, false, {}, {}};
  }
  Result<void> reload() override { return {}; }
  std::size_t parked_count() const override { return 0; }
  Result<std::vector<ParkedEvent>> parked(std::size_t) override { return std::vector<ParkedEvent>{}; }
  Result<Retried> retry_parked(EventLog&, Position) override { return Retried{}; }
};

TEST_CASE("a target that the log does not lead to where the other one is does not take its place") {
  World world;
  world.append_many(20);
  Follower follower(world.log, world.clock, std::make_unique<ForeignTarget>(), world.options());
  ProjectionStore::OpenOptions options;
  options.path = world.scratch.file("other.sqlite");
  std::unique_ptr<FollowerTarget> other =
      std::move(ProjectionTarget::open(world.log, std::make_unique<testing::Tally>(world.controls), options).value());
  CHECK(follower.exchange(other).error().reason == "projection.log_ends");
  CHECK(other->held() == Position{20});
  world.append_many(10);
  REQUIRE(follower.exchange(other));
  CHECK(follower.position() == Position{30});
}

TEST_CASE("a target that takes too long to catch up lets the other one go on meanwhile") {
  World world;
  world.append_many(20);
  auto options = world.options();
  options.exchange_max = std::chrono::milliseconds(20);
  auto follower = world.open(std::move(options), world.log);
  REQUIRE(catch_up(*follower));
  std::unique_ptr<FollowerTarget> other = std::make_unique<SlowTarget>();
  // It accepts all and never holds it.
  CHECK(follower->exchange(other).error().reason == "projection.busy");
  CHECK(other->accepted() > Position{});
  CHECK(follower->position() == Position{20});
}

}  // namespace
}  // namespace souk
