#include "peers/guarded_client.hpp"

#include <doctest/doctest.h>

#include "peers/testing/fakes.hpp"

using namespace souk;
using namespace souk::testing;

namespace {

Result<HttpAnswer> unreachable() {
  return fail(ErrorCode::kUnavailable, "http.unreachable", "nobody is there");
}

struct World {
  ScriptedClient peer;
  ManualScheduler time;
  GuardedClient client{peer, time, {}, [] { return 0.5; }};
  std::optional<Result<HttpAnswer>> answer;

  void send() {
    client.send({"http://peer", {}}, [this](Result<HttpAnswer> said) { answer = std::move(said); });
  }
};

}  // namespace

TEST_CASE("the delay doubles up to its limit and is spread over its upper half") {
  const RetryPolicy policy;
  CHECK(retry_delay(policy, 1, 0.0) == Duration::milliseconds(100));
  CHECK(retry_delay(policy, 1, 0.5) == Duration::milliseconds(150));
  CHECK(retry_delay(policy, 3, 0.0) == Duration::milliseconds(400));
  CHECK(retry_delay(policy, 60, 0.0) == Duration::seconds(2));
}

TEST_CASE("a call that fails is tried again until it is answered") {
  World world;
  world.peer.answers = {unreachable(), HttpAnswer{503, {}}, HttpAnswer{200, "here"}};
  world.send();
  CHECK_FALSE(world.answer.has_value());
  world.time.advance(Duration::milliseconds(150));
  CHECK_FALSE(world.answer.has_value());
  world.time.advance(Duration::milliseconds(300));
  REQUIRE(world.answer.has_value());
  CHECK((*world.answer)->body == "here");
  CHECK(world.client.figures().retries == 2);
  CHECK(world.client.figures().failures == 2);
}

TEST_CASE("a status below 500 is an answer") {
  World world;
  world.peer.answers = {HttpAnswer{404, {}}};
  world.send();
  REQUIRE(world.answer.has_value());
  CHECK((*world.answer)->status == 404);
}

TEST_CASE("a call is given up after four attempts") {
  World world;
  world.send();
  world.time.advance(Duration::seconds(10));
  REQUIRE(world.answer.has_value());
  CHECK(world.answer->error().reason == "http.unreachable");
  CHECK(world.peer.asked.size() == 4);
}

TEST_CASE("a call is given up when its time is over, and no attempt gets more than what is left") {
  World world;
  RetryPolicy policy;
  policy.budget = Duration::milliseconds(400);
  GuardedClient client(world.peer, world.time, {policy, {}}, [] { return 0.0; });
  client.send({"http://peer", {}}, [&](Result<HttpAnswer> said) { world.answer = std::move(said); });
  world.time.advance(Duration::seconds(10));
  REQUIRE(world.answer.has_value());
  CHECK(world.peer.asked.size() == 3);
  CHECK(world.peer.asked.back().deadline == Duration::milliseconds(100));
}

TEST_CASE("a retry that comes too late is not made, and says nothing of the peer") {
  World world;
  world.peer.answers = {HttpAnswer{503, "busy"}};
  world.send();
  world.time.oversleep(Duration::seconds(16));
  REQUIRE(world.answer.has_value());
  CHECK((*world.answer)->status == 503);
  CHECK(world.peer.asked.size() == 1);
  CHECK(world.client.figures().failures == 1);
}

TEST_CASE("a peer that does not answer is left alone, and asked again when it heals") {
  World world;
  for (int i = 0; i < 2; ++i) {
    world.send();
    world.time.advance(Duration::seconds(5));
  }
  CHECK(world.answer->error().reason == "http.circuit_open");
  CHECK(world.client.figures().state == CircuitBreaker::State::kOpen);
  const auto asked = world.peer.asked.size();
  world.send();
  CHECK(world.peer.asked.size() == asked);
  world.time.advance(Duration::seconds(10));
  world.peer.answers = {HttpAnswer{200, "again"}};
  world.send();
  CHECK((*world.answer)->body == "again");
  CHECK(world.client.figures().state == CircuitBreaker::State::kClosed);
}

TEST_CASE("what the client itself refuses says nothing of the peer") {
  World world;
  for (int i = 0; i < 10; ++i) {
    world.peer.answers.push_back(fail(ErrorCode::kUnavailable, "http.busy", "no further call is taken now"));
  }
  for (int i = 0; i < 2; ++i) {
    world.send();
    world.time.advance(Duration::seconds(5));
    CHECK(world.answer->error().reason == "http.busy");
  }
  CHECK(world.peer.asked.size() == 8);
  CHECK(world.client.figures().failures == 0);
  CHECK(world.client.figures().state == CircuitBreaker::State::kClosed);
}

TEST_CASE("a refusal that is said to be a failure is no reason to try again, and to leave the peer alone at last") {
  World world;
  GuardedClient client(world.peer, world.time, {{}, {}, [](int status) { return status >= 500 || status == 401; }},
                       [] { return 0.5; });
  for (int i = 0; i < 5; ++i) {
    world.peer.answers = {HttpAnswer{401, "who are you"}};
    client.send({"http://peer", {}}, [&](Result<HttpAnswer> said) { world.answer = std::move(said); });
    CHECK((*world.answer)->status == 401);
  }
  CHECK(world.peer.asked.size() == 5);
  CHECK(client.figures().state == CircuitBreaker::State::kOpen);
}

TEST_CASE("a call that waits to be tried again when all ends is answered") {
  ScriptedClient peer;
  std::optional<Result<HttpAnswer>> answer;
  {
    ManualScheduler time;
    GuardedClient client(peer, time, {}, [] { return 0.5; });
    client.send({"http://peer", {}}, [&](Result<HttpAnswer> said) { answer = std::move(said); });
    CHECK_FALSE(answer.has_value());
  }
  REQUIRE(answer.has_value());
  CHECK(answer->error().reason == "http.stopped");
}

TEST_CASE("retries are a share of the calls: beyond it the first answer is given back") {
  World world;
  GuardedClient::Options options;
  options.breaker = {.failures_in_row_max = 1'000, .calls_min = 1'000};
  options.retry_budget = {50, 0, 1};
  GuardedClient client(world.peer, world.time, options, [] { return 0.0; });
  for (int i = 0; i < 4; ++i) {
    client.send({"http://peer", {}}, [&](Result<HttpAnswer> said) { world.answer = std::move(said); });
    world.time.advance(Duration::seconds(20));
    REQUIRE(world.answer.has_value());
    CHECK(world.answer->error().reason == "http.unreachable");
  }
  // One was saved; four calls earned two, of which the first found the reserve full.
  CHECK(client.figures().retries == 2);
  CHECK(client.figures().retries_spared == 4);
  CHECK(world.peer.asked.size() == 6);
}
