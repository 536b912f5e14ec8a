// Of the limiter: rules of the cluster, whose store may be slow or away.
#include <doctest/doctest.h>

#include <algorithm>

#include "limits/testing/limiter_world.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;

namespace {

Rule shared_rule(std::string id, std::int64_t requests) {
  Rule rule = rule_of(std::move(id), Subject::kUser, {"place_order"}, requests);
  rule.scope = Scope::kCluster;
  return rule;
}

}  // namespace

TEST_CASE("without a store this node is the cluster") {
  World world({shared_rule("orders", 8)}, nullptr, 4);
  CHECK(world.let_in(by_user(kOrder, 1)) == 8);
  CHECK(world.limiter.status(kStart).cluster == Limiter::Cluster::kAlone);
}

TEST_CASE("nodes that share a store share the limit") {
  SlowStore store;
  World one({shared_rule("orders", 3)}, &store, 2);
  World two({shared_rule("orders", 3)}, &store, 2);
  for (int i = 0; i < 2; ++i) {
    one.begin(by_user(kOrder, 1));
    two.begin(by_user(kOrder, 1));
  }
  while (!store.waiting.empty()) store.answer();
  int let_in = 0;
  for (const auto* world : {&one, &two}) {
    for (const auto& answer : world->answers) let_in += answer.outcome == Outcome::kAllowed ? 1 : 0;
  }
  CHECK(let_in == 3);
  CHECK(two.answers[1].rule.view() == "orders");
  CHECK(one.limiter.status(kStart).cluster == Limiter::Cluster::kShared);
}

TEST_CASE("what the store refuses is given back here") {
  SlowStore store;
  Rule gate = rule_of("once", Subject::kRoute, {"place_order"}, 2);
  gate.concurrent = 2;
  World world({gate, shared_rule("orders", 1)}, &store);
  for (std::uint64_t user : {1, 1}) world.begin(by_user(kOrder, user));
  store.answer();
  store.answer();
  CHECK(world.answers[0].outcome == Outcome::kAllowed);
  CHECK(world.answers[1].outcome == Outcome::kRefused);
  world.begin(by_user(kOrder, 2));
  store.answer();
  CHECK(world.answers[2].outcome == Outcome::kAllowed);
  CHECK(world.limiter.begin(by_user(kOrder, 3), kStart).decision.rule.view() == "once");
}

TEST_CASE("who was refused by the store and asks again is refused here, and the store is asked once a second") {
  SlowStore store;
  Rule rule = shared_rule("orders", 1);
  rule.period_ms = 60'000;
  World world({rule, rule_of("route", Subject::kRoute, {"place_order"}, 50)}, &store);
  for (int i = 0; i < 2; ++i) {
    world.begin(by_user(kOrder, 1));
    store.answer();
  }
  REQUIRE(world.answers[1].retry_after == Duration::seconds(60));
  world.now = world.now + Duration::milliseconds(999);
  for (int i = 0; i < 100; ++i) {
    const auto again = world.ask(by_user(kOrder, 1));
    REQUIRE(again.outcome == Outcome::kRefused);
    REQUIRE(again.rule.view() == "orders");
    REQUIRE(again.retry_after == Duration::milliseconds(59'001));
  }
  // Others are asked for, and what was refused here has charged no rule of this node.
  world.begin(by_user(kOrder, 2));
  store.answer();
  CHECK(world.answers[2].outcome == Outcome::kAllowed);
  world.now = world.now + Duration::milliseconds(1);
  world.begin(by_user(kOrder, 1));
  CHECK(store.waiting.size() == 1);
}

TEST_CASE("a refusal is remembered no longer than it holds") {
  SlowStore store;
  World world({shared_rule("orders", 10)}, &store);
  for (int i = 0; i < 11; ++i) {
    world.begin(by_user(kOrder, 1));
    store.answer();
  }
  REQUIRE(world.answers[10].retry_after == Duration::milliseconds(100));
  CHECK(world.ask(by_user(kOrder, 1)).outcome == Outcome::kRefused);
  world.now = store.now = kStart + Duration::milliseconds(100);
  world.begin(by_user(kOrder, 1));
  store.answer();
  CHECK(world.answers[11].outcome == Outcome::kAllowed);
}

TEST_CASE("a question that the store does not answer is decided by this node's share") {
  SlowStore store;
  World world({shared_rule("orders", 8)}, &store, 4);
  for (int i = 0; i < 3; ++i) world.begin(by_user(kOrder, 1));
  for (int i = 0; i < 3; ++i) store.fail();
  CHECK(world.answers[1].outcome == Outcome::kAllowed);
  CHECK(world.answers[1].is_by_share);
  CHECK(world.answers[2].outcome == Outcome::kRefused);
  const auto status = world.limiter.status(kStart);
  CHECK(status.by_share_ever == 3);
  CHECK(status.store_failures_ever == 3);
}

TEST_CASE("a store that is away is left alone, the share holds meanwhile, and it is asked again in time") {
  SlowStore store;
  World world({shared_rule("orders", 8), rule_of("route", Subject::kRoute, {"place_order"}, 50)}, &store, 4);
  for (std::uint64_t user = 1; user <= 5; ++user) {
    world.begin(by_user(kOrder, user));
    store.fail();
  }
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kOwnShare);
  CHECK(world.let_in(by_user(kOrder, 9)) == 2);
  // What the share refuses has charged the route's rule no more than a moment.
  CHECK(world.let_in(by_user(kOrder, 10)) == 2);
  CHECK(store.waiting.empty());
  world.now = world.now + Duration::seconds(10);
  world.begin(by_user(kOrder, 9));
  CHECK(world.ask(by_user(kOrder, 8)).is_by_share);
  store.answer();
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kShared);
  CHECK_FALSE(world.answers.back().is_by_share);
}

TEST_CASE("a question that is dropped has charged nothing here, and leaves its place as a probe to another one") {
  SlowStore store;
  World world({shared_rule("orders", 8), rule_of("route", Subject::kRoute, {"place_order"}, 6)}, &store, 4);
  for (std::uint64_t user = 1; user <= 5; ++user) {
    world.begin(by_user(kOrder, user));
    store.fail();
  }
  world.now = world.now + Duration::seconds(10);
  for (int i = 0; i < 100; ++i) {
    const auto dropped = world.limiter.begin(by_user(kOrder, 1), world.now);
    REQUIRE(dropped.question != nullptr);
  }
  world.begin(by_user(kOrder, 1));
  store.answer();
  CHECK(world.answers.back().outcome == Outcome::kAllowed);
  CHECK_FALSE(world.answers.back().is_by_share);
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kShared);
}

TEST_CASE("questions that fail of one cause are one failure of the store") {
  SlowStore store;
  World world({shared_rule("orders", 8)}, &store, 4);
  for (std::uint64_t user = 1; user <= 100; ++user) world.begin(by_user(kOrder, user));
  store.fail();
  while (!store.waiting.empty()) store.fail(kAwayWithAnother);
  CHECK(world.answers.size() == 100);
  CHECK(world.answers.back().is_by_share);
  CHECK(world.limiter.status(world.now).store_failures_ever == 100);
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kShared);
}

TEST_CASE("a store that is known to be away is said to be, whether anybody asks or not") {
  SlowStore store;
  World world({shared_rule("orders", 8)}, &store, 4);
  store.away = true;
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kOwnShare);
  store.away = false;
  CHECK(world.limiter.status(world.now).cluster == Limiter::Cluster::kShared);
}

TEST_CASE("a number of nodes that is none counts as the nearest that is one") {
  for (const auto& [nodes, let_in] :
       {std::pair{std::int64_t{0}, 8}, std::pair{std::int64_t{-7}, 8}, std::pair{std::int64_t{INT64_MAX}, 1}}) {
    SlowStore store;
    World world({shared_rule("orders", 8)}, &store, nodes);
    for (int i = 0; i < 9; ++i) world.begin(by_user(kOrder, 1));
    while (!store.waiting.empty()) store.fail(kAwayWithAnother);
    const auto is_in = [](const Decision& one) { return one.outcome == Outcome::kAllowed; };
    CHECK(std::count_if(world.answers.begin(), world.answers.end(), is_in) == let_in);
  }
}

TEST_CASE("a rule of the cluster that says nothing about a request does not ask the store") {
  SlowStore store;
  World world({shared_rule("orders", 8)}, &store);
  CHECK(world.ask(request_of(kOrder)).outcome == Outcome::kAllowed);
  CHECK(store.waiting.empty());
}

TEST_CASE("what the store answers after the limiter is gone does no harm") {
  SlowStore store;
  int answered = 0;
  {
    Limiter limiter(
        {.secret = {}, .counters = 1'024, .nodes = 2, .store = &store, .breaker = {}, .clock = [] { return kStart; }},
        shapes());
    REQUIRE(limiter.exchange({shared_rule("orders", 8)}).has_value());
    limiter.finish(limiter.begin(by_user(kOrder, 1), kStart), [&](const Decision&) { ++answered; });
  }
  store.answer();
  CHECK(answered == 1);
}
