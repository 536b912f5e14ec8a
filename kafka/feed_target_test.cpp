#include "kafka/feed_target.hpp"

#include <doctest/doctest.h>

#include "kafka/testing/feed_world.hpp"

using namespace souk;
using namespace souk::kafka;
using souk::kafka::testing::FeedWorld;
using souk::kafka::testing::MockCluster;
using souk::kafka::testing::Positions;
using souk::testing::await;

TEST_CASE("an event is a message of its kind's topic, keyed by its stream, with its place and context as headers") {
  FeedWorld world;
  const auto first = world.add("cart", 1, R"({"quantity":2})");
  world.add("order", 2);
  auto follower = world.open(world.feed());
  follower->start();
  REQUIRE(await(*follower, Position{2}));
  const auto carts = world.cluster.read("souk.cart", 1);
  REQUIRE(carts.size() == 1);
  const auto& message = carts.front();
  const auto record = world.log.read({}, 1, Visibility::kDurable)->front();
  CHECK(message.key == StreamId("cart", Id128{0, 1}).text());
  CHECK(message.payload == R"({"quantity":2})");
  CHECK(message.timestamp_ms == record->recorded_at.us / 1'000);
  CHECK((message.headers == std::map<std::string, std::string>{{"position", std::to_string(first.value)},
                                                               {"epoch", "1"},
                                                               {"version", "1"},
                                                               {"type", "cart.changed"},
                                                               {"schema", "1"},
                                                               {"recorded_at", record->recorded_at.str()},
                                                               {"event_id", record->event_id().str()},
                                                               {"correlation", ""},
                                                               {"cause", "request"}}));
  CHECK(world.positions("souk.order", 1) == Positions{2});
}

TEST_CASE("secrets do not leave, and what is personal leaves sealed") {
  FeedWorld world;
  world.add("cart", 1, R"({"hash":"secret:v1:aGFzaA","name":"personal:v1:bmFtZQ"})");
  auto follower = world.open(world.feed());
  follower->start();
  REQUIRE(await(*follower, Position{1}));
  CHECK(world.cluster.read("souk.cart", 1).front().payload == R"({"hash":"secret","name":"personal:v1:bmFtZQ"})");
}

TEST_CASE("only the kinds and types that are wanted are sent, and the others do not hold up anybody") {
  FeedWorld world;
  world.add("cart", 1);
  world.append_raw(StreamId("order", Id128{0, 1}), "order.placed", 1, "{}");
  world.add("order", 1);
  const auto last = world.add("cart", 1);
  auto options = world.feed();
  options.kinds = {"order"};
  options.types = {"order.placed"};
  auto follower = world.open(options);
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK(world.positions("souk.order", 1) == Positions{2});
  CHECK(world.cluster.read("souk.cart", 0).empty());
}

TEST_CASE("a feed that is opened again goes on behind what was acknowledged") {
  FeedWorld world;
  for (std::uint64_t i = 0; i < 50; ++i) world.add("cart", i % 7);
  auto follower = world.open(world.feed());
  follower->start();
  REQUIRE(await(*follower, Position{50}));
  follower.reset();
  const auto last = world.add("cart", 3);
  follower = world.open(world.feed());
  CHECK(follower->position() == Position{50});
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK(world.positions("souk.cart", 51).size() == 51);
}

TEST_CASE("while the brokers are away the feed pauses at its bound, and then each stream comes whole and in order") {
  FeedWorld world;
  auto options = world.feed();
  options.in_flight_events_max = 20;
  auto follower = world.open(options);
  follower->start();
  REQUIRE(await(*follower, world.add("cart", 1)));
  world.cluster.set_down(true);
  Position last;
  for (std::uint64_t i = 0; i < 200; ++i) last = world.add("cart", i % 7);
  while (follower->status().last_error.find("kafka.unreachable") == std::string::npos) std::this_thread::yield();
  CHECK(follower->position() == Position{1});
  CHECK(follower->status().accepted.value <= 21);
  CHECK(options.figures->in_flight_events <= 20);
  world.cluster.set_down(false);
  REQUIRE(await(*follower, last));
  CHECK(world.positions("souk.cart", 201).size() == 201);
  for (const auto& [key, positions] : world.by_key("souk.cart", 201)) CHECK(std::ranges::is_sorted(positions));
}

TEST_CASE("brokers that fail for a while get each event once") {
  FeedWorld world;
  world.cluster.fail_produce(3, MockCluster::kRequestTimedOut);
  Position last;
  for (std::uint64_t i = 0; i < 100; ++i) last = world.add("cart", i % 7);
  auto follower = world.open(world.feed());
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK(world.positions("souk.cart", 100).size() == 100);
}

TEST_CASE("an event that is too large is parked with the later ones of its stream, and all else goes on") {
  FeedWorld world;
  const auto large = world.add("cart", 1, '"' + std::string(5'000, 'x') + '"');
  world.add("cart", 2);
  const auto behind = world.add("cart", 1);
  const auto last = world.add("order", 1);
  auto options = world.feed();
  options.message_bytes_max = 2'000;
  auto follower = world.open(options, OnPoison::kPark);
  follower->start();
  REQUIRE(await(*follower, last));
  follower->stop();
  CHECK(world.positions("souk.cart", 1) == Positions{2});
  const auto parked = follower->parked(10).value();
  REQUIRE(parked.size() == 2);
  CHECK(parked[0].position == large);
  CHECK(parked[0].reason == "kafka.refused");
  CHECK(parked[1].position == behind);
  CHECK(parked[1].reason == "projection.behind_parked");

  follower.reset();
  options.message_bytes_max = 1'000'000;
  follower = world.open(options, OnPoison::kPark);
  const auto later = world.add("cart", 1);
  follower->start();
  REQUIRE(await(*follower, later));
  CHECK(world.positions("souk.cart", 1) == Positions{2});
  const auto retried = follower->retry_parked();
  REQUIRE(retried);
  CHECK(retried->applied == 3);
  CHECK(retried->still_parked == 0);
  CHECK((world.sorted_positions("souk.cart", 4) == Positions{1, 2, 3, 5}));
  CHECK((world.by_key("souk.cart", 4).at(std::string(StreamId("cart", Id128{0, 1}).text())) == Positions{1, 3, 5}));
}

TEST_CASE("what brokers refuse together is sent one at a time, so that only what is to blame is held back") {
  for (const auto error : {MockCluster::kMessageTooLarge, MockCluster::kTopicAuthorizationFailed}) {
    FeedWorld world;
    world.cluster.fail_produce(1, error);
    Position last;
    for (std::uint64_t i = 0; i < 60; ++i) last = world.add("cart", i % 7);
    auto follower = world.open(world.feed(), OnPoison::kPark);
    follower->start();
    REQUIRE(await(*follower, last));
    CHECK(follower->status().parked == 0);
    std::size_t seen = 0;
    for (const auto& [key, positions] : world.by_key("souk.cart", 60)) {
      CHECK(std::ranges::is_sorted(positions));
      seen += positions.size();
    }
    CHECK(seen == 60);
  }
}

TEST_CASE("a retry ends where brokers do not answer, and leaves what was parked as it was") {
  FeedWorld world;
  Position last;
  for (std::uint64_t i = 1; i <= 5; ++i) last = world.add("cart", i, '"' + std::string(5'000, 'x') + '"');
  auto options = world.feed();
  options.message_bytes_max = 2'000;
  auto follower = world.open(options, OnPoison::kPark);
  follower->start();
  REQUIRE(await(*follower, last));
  follower.reset();
  options.message_bytes_max = 1'000'000;
  follower = world.open(options, OnPoison::kPark);
  world.cluster.set_down(true);
  CHECK(follower->retry_parked().error().reason == "kafka.busy");
  const auto parked = follower->parked(10);
  REQUIRE(parked);
  REQUIRE(parked->size() == 5);
  CHECK(parked->front().reason == "kafka.refused");
  world.cluster.set_down(false);
  const auto retried = follower->retry_parked();
  REQUIRE(retried);
  CHECK(retried->applied == 5);
  CHECK((world.sorted_positions("souk.cart", 5) == Positions{1, 2, 3, 4, 5}));
}

TEST_CASE("where nothing is parked the feed waits for a refused event and takes it once it may") {
  FeedWorld world;
  const auto first = world.add("cart", 1);
  const auto last = world.add("cart", 2);
  world.cluster.fail_produce(3, MockCluster::kTopicAuthorizationFailed);
  auto follower = world.open(world.feed(), OnPoison::kStop);
  follower->start();
  while (follower->status().state != FollowerState::kStopped) std::this_thread::yield();
  CHECK(follower->status().blocked->position == first);
  CHECK(follower->status().blocked->reason == "kafka.refused");
  while (follower->position() < last) {
    follower->resume();
    std::this_thread::yield();
  }
  CHECK((world.by_key("souk.cart", 2).size() == 2));
}
