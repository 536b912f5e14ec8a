#include <doctest/doctest.h>

#include "kafka/feed_target.hpp"
#include "kafka/testing/feed_world.hpp"

using namespace souk;
using namespace souk::kafka;
using souk::kafka::testing::FeedWorld;
using souk::kafka::testing::MockCluster;
using souk::testing::await;

namespace {

/// One partition, so that what is sent together is one request.
struct OnePartition : FeedWorld {
  OnePartition() { cluster.create_topic("souk.stock", 1); }

  Position add_stock(std::uint64_t from, std::uint64_t to) {
    Position last;
    for (auto number = from; number <= to; ++number) last = add("stock", number);
    return last;
  }
  [[nodiscard]] FeedOptions feed_in_batches() const {
    auto options = feed();
    options.linger_ms = 50;
    return options;
  }
};

}  // namespace

TEST_CASE("whatever a broker says against an event alone is held against it, and against no other") {
  OnePartition world;
  const auto last = world.add_stock(1, 60);
  world.cluster.fail_produce(2, MockCluster::kInvalidTimestamp);
  const auto options = world.feed_in_batches();
  auto follower = world.open(options, OnPoison::kPark);
  follower->start();
  REQUIRE(await(*follower, last));
  follower->stop();
  const auto parked = follower->parked(10).value();
  REQUIRE(parked.size() == 1);
  CHECK(parked[0].position == Position{1});
  CHECK(parked[0].reason == "kafka.refused");
  CHECK(parked[0].detail.starts_with("INVALID_TIMESTAMP"));
  CHECK(world.positions("souk.stock", 59).size() == 59);
}

TEST_CASE("an event is not to blame for what was refused together with it") {
  for (const std::size_t between : {1, 3, 11}) {
    OnePartition world;
    const auto last = world.add_stock(1, 24);
    std::vector<int> answers{MockCluster::kMessageTooLarge};
    answers.resize(1 + between, MockCluster::kNone);
    answers.push_back(MockCluster::kMessageTooLarge);
    world.cluster.fail_produce(answers);
    auto options = world.feed_in_batches();
    options.in_flight_events_max = 12;
    auto follower = world.open(options, OnPoison::kPark);
    follower->start();
    REQUIRE(await(*follower, last));
    CHECK(follower->status().parked == 0);
  }
}

TEST_CASE("to find out who is to blame takes few rounds, though the feed rests between them") {
  OnePartition world;
  world.rest = std::chrono::milliseconds(20);
  world.cluster.fail_produce(1, MockCluster::kMessageTooLarge);
  Position last;
  for (std::uint64_t i = 1; i <= 300; ++i) {
    world.add("stock", i);
    last = world.add("log", i);
  }
  auto options = world.feed();
  options.kinds = {"stock"};
  auto follower = world.open(options, OnPoison::kPark);
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK(follower->status().parked == 0);
  CHECK(follower->status().batches_total < 20);
}

TEST_CASE("while no producer gets anything through, the next one is waited with ever longer") {
  OnePartition world;
  const auto last = world.add_stock(1, 10);
  world.cluster.fail_produce(5, MockCluster::kInvalidProducerEpoch);
  const auto options = world.feed();
  auto follower = world.open(options, OnPoison::kPark);
  const auto begun = std::chrono::steady_clock::now();
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK(options.figures->renewed == 5);
  // 0.1, 0.2, 0.4 and 0.8 s between them.
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(1'500));
  CHECK(follower->status().parked == 0);
}

TEST_CASE("a topic that is not there is found out once, its events are parked, and all else goes on") {
  FeedWorld world;
  world.cluster.set_topic_error("souk.order", MockCluster::kUnknownTopic);
  Position last;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    world.add("order", i);
    last = world.add("cart", i);
  }
  auto options = world.feed();
  options.client.properties.emplace_back("topic.metadata.propagation.max.ms", "300");
  auto follower = world.open(options, OnPoison::kPark);
  follower->start();
  REQUIRE(await(*follower, last));
  while (follower->status().parked != 5) std::this_thread::yield();
  CHECK(options.figures->renewed == 1);
  CHECK(world.by_key("souk.cart", 5).size() == 5);
  CHECK(follower->retry_parked().value().still_parked == 5);
  world.cluster.set_topic_error("souk.order", MockCluster::kNone);
  CHECK(follower->retry_parked().value().applied == 5);
  REQUIRE(await(*follower, world.add("order", 6)));
  CHECK(follower->status().parked == 0);
  CHECK(world.by_key("souk.order", 6).size() == 6);
}

TEST_CASE("what is under way is counted with all that it takes, not only with its payload") {
  FeedWorld world;
  const auto options = world.feed();
  auto follower = world.open(options);
  follower->start();
  REQUIRE(await(*follower, world.add("cart", 1)));
  CHECK(options.figures->in_flight_bytes == 0);
  world.cluster.set_down(true);
  const auto last = world.add("cart", 1);
  while (options.figures->in_flight_events == 0) std::this_thread::yield();
  CHECK(options.figures->in_flight_bytes > 1'500);
  world.cluster.set_down(false);
  REQUIRE(await(*follower, last));
  CHECK(options.figures->in_flight_bytes == 0);
}
