#include "limits/limiter.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <thread>

#include "limits/headers.hpp"
#include "limits/memory_store.hpp"

using namespace souk;
using namespace souk::limits;

namespace {

constexpr Time kStart{1'764'000'000'000'000};
enum : std::size_t { kLogin, kProduct, kOrder, kUnlimited };

std::vector<RouteShape> shapes() {
  return {{"login"}, {"get_product", {"product_id"}}, {"place_order"}, {"healthz"}};
}

Rule rule_of(std::string id, Subject subject, std::vector<std::string> routes, std::int64_t requests) {
  Rule rule;
  rule.id = std::move(id);
  rule.subject = subject;
  rule.routes = std::move(routes);
  rule.requests = requests;
  if (subject == Subject::kParameter) rule.parameter = "product_id";
  return rule;
}

Request request_of(std::size_t route, std::string_view client = "192.0.2.1") {
  return {route, Address::parse(client).value(), {}, {}};
}
Request by_user(std::size_t route, std::uint64_t user) {
  Request request = request_of(route);
  request.user = Id128{user, user};
  return request;
}

/// Answers when a test says so, from memory or not at all.
class SlowStore final : public CounterStore {
 public:
  void charge(std::vector<Charge> charges, StandingsThen then) override {
    waiting.emplace_back(std::move(charges), std::move(then));
  }
  void answer() {
    auto [charges, then] = std::move(waiting.front());
    waiting.pop_front();
    memory.charge(std::move(charges), std::move(then));
  }
  void fail() {
    auto then = std::move(waiting.front().second);
    waiting.pop_front();
    then(souk::fail(ErrorCode::kUnavailable, "limits.store_away", "as the test wants it"));
  }

  Time now = kStart;
  MemoryStore memory{1'024, [this] { return now; }};
  std::deque<std::pair<std::vector<Charge>, StandingsThen>> waiting;
};

struct World {
  explicit World(const std::vector<Rule>& rules, CounterStore* store = nullptr, std::int64_t nodes = 1)
      : limiter({.secret = {},
                 .counters = 1'024,
                 .nodes = nodes,
                 .store = store,
                 .breaker = {},
                 .clock = [this] { return now; }},
                shapes()) {
    const auto taken = limiter.exchange(rules);
    REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().detail));
  }

  Decision ask(const Request& request) {
    auto begun = limiter.begin(request, now);
    REQUIRE(begun.question == nullptr);
    return std::move(begun.decision);
  }
  int let_in(const Request& request, int tries = 100) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += ask(request).outcome == Outcome::kAllowed ? 1 : 0;
    return count;
  }
  /// Asks the store; what comes of it is in `answers`.
  void begin(const Request& request) {
    auto begun = limiter.begin(request, now);
    REQUIRE(begun.question != nullptr);
    limiter.finish(std::move(begun), [this](Decision decision) { answers.push_back(std::move(decision)); });
  }

  Time now = kStart;
  std::vector<Decision> answers;
  Limiter limiter;
};

}  // namespace

TEST_CASE("what no rule names is let in without a word") {
  World world({rule_of("logins", Subject::kRoute, {"login"}, 5)});
  const auto decision = world.ask(request_of(kUnlimited));
  CHECK(decision.outcome == Outcome::kAllowed);
  CHECK_FALSE(decision.is_limited);
  CHECK(world.ask(request_of(99)).outcome == Outcome::kAllowed);
}

TEST_CASE("a route, a client, a user and a product are counted each by itself") {
  World world({rule_of("route", Subject::kRoute, {"login"}, 50), rule_of("client", Subject::kClient, {"login"}, 5),
               rule_of("user", Subject::kUser, {"place_order"}, 3),
               rule_of("product", Subject::kParameter, {"get_product"}, 7)});
  CHECK(world.let_in(request_of(kLogin, "192.0.2.1")) == 5);
  CHECK(world.let_in(request_of(kLogin, "192.0.2.2")) == 5);
  CHECK(world.let_in(request_of(kLogin, "2001:db8::1")) == 5);
  CHECK(world.let_in(request_of(kLogin, "2001:db8::ffff:1")) == 0);
  CHECK(world.let_in(by_user(kOrder, 1)) == 3);
  CHECK(world.let_in(by_user(kOrder, 2)) == 3);
  CHECK(world.let_in(request_of(kOrder)) == 100);
  for (const std::string_view product : {"tea", "pot"}) {
    Request request = request_of(kProduct);
    request.parameters = {&product, 1};
    CHECK(world.let_in(request) == 7);
  }
}

TEST_CASE("a request that one rule refuses is charged to none") {
  World world({rule_of("route", Subject::kRoute, {"login"}, 6), rule_of("client", Subject::kClient, {"login"}, 2)});
  CHECK(world.let_in(request_of(kLogin, "192.0.2.1")) == 2);
  CHECK(world.let_in(request_of(kLogin, "192.0.2.2")) == 2);
  CHECK(world.let_in(request_of(kLogin, "192.0.2.3")) == 2);
  CHECK(world.let_in(request_of(kLogin, "192.0.2.4")) == 0);
}

TEST_CASE("a decision tells of the rule that matters most") {
  World world({rule_of("route", Subject::kRoute, {"login"}, 60), rule_of("client", Subject::kClient, {"login"}, 2)});
  auto decision = world.ask(request_of(kLogin));
  CHECK(decision.rule.view() == "client");
  CHECK(rate_limit_policy(decision) == "\"client\";q=2;w=1");
  CHECK(rate_limit(decision) == "\"client\";r=1;t=1");
  world.ask(request_of(kLogin));
  decision = world.ask(request_of(kLogin));
  CHECK(decision.outcome == Outcome::kRefused);
  CHECK(decision.rule.view() == "client");
  CHECK(decision.retry_after == Duration::milliseconds(500));
  CHECK(retry_after_s(decision) == 1);
  CHECK(rate_limit(decision) == "\"client\";r=0;t=1");
}

TEST_CASE("so many are served at once, and a refused one takes no place") {
  Rule rule = rule_of("assistant", Subject::kUser, {"place_order"}, 0);
  rule.concurrent = 2;
  World world({rule, rule_of("rate", Subject::kUser, {"place_order"}, 3)});
  auto first = world.ask(by_user(kOrder, 1));
  auto second = world.ask(by_user(kOrder, 1));
  const auto refused = world.ask(by_user(kOrder, 1));
  CHECK(refused.outcome == Outcome::kRefused);
  CHECK(refused.rule.view() == "assistant");
  CHECK(rate_limit_policy(refused) == "\"assistant\";q=2");
  CHECK(rate_limit(refused) == "\"assistant\";r=0");
  CHECK(world.ask(by_user(kOrder, 2)).outcome == Outcome::kAllowed);
  first.hold.release();
  // The rate was not charged for the one that found it full, and the one it refuses leaves the place free.
  CHECK(world.ask(by_user(kOrder, 1)).outcome == Outcome::kAllowed);
  for (int i = 0; i < 3; ++i) CHECK(world.ask(by_user(kOrder, 1)).rule.view() == "rate");
}

TEST_CASE("an exchange keeps the counters of rules that are the same, and begins anew for others") {
  const Rule route = rule_of("route", Subject::kRoute, {"login"}, 4);
  Rule client = rule_of("client", Subject::kClient, {"place_order"}, 4);
  World world({route, client});
  CHECK(world.let_in(request_of(kLogin)) == 4);
  CHECK(world.let_in(request_of(kOrder)) == 4);
  client.requests = 6;
  REQUIRE(world.limiter.exchange({client, route, rule_of("more", Subject::kRoute, {"get_product"}, 1)}).has_value());
  CHECK(world.let_in(request_of(kLogin)) == 0);
  CHECK(world.let_in(request_of(kOrder)) == 6);
  CHECK(world.let_in(request_of(kProduct)) == 1);
  REQUIRE(world.limiter.exchange({}).has_value());
  CHECK(world.let_in(request_of(kLogin)) == 100);
}

TEST_CASE("who is inside stays inside when the bound changes") {
  Rule rule = rule_of("once", Subject::kRoute, {"login"}, 0);
  rule.concurrent = 1;
  World world({rule});
  const auto held = world.ask(request_of(kLogin));
  rule.concurrent = 2;
  REQUIRE(world.limiter.exchange({rule}).has_value());
  const auto second = world.ask(request_of(kLogin));
  CHECK(second.outcome == Outcome::kAllowed);
  CHECK(world.ask(request_of(kLogin)).outcome == Outcome::kRefused);
}

TEST_CASE("a set with a rule that is wrong changes nothing") {
  World world({rule_of("route", Subject::kRoute, {"login"}, 4)});
  const auto reason = [&](std::vector<Rule> rules) {
    const auto taken = world.limiter.exchange(rules);
    return taken ? "" : taken.error().reason;
  };
  CHECK(reason({rule_of("a", Subject::kRoute, {"logout"}, 1)}) == "limits.route_unknown");
  CHECK(reason({rule_of("a", Subject::kParameter, {"login"}, 1)}) == "limits.parameter_unknown");
  CHECK(reason({rule_of("a", Subject::kRoute, {}, 1), rule_of("a", Subject::kRoute, {}, 2)}) == "limits.id_taken");
  CHECK(reason({rule_of("a", Subject::kRoute, {}, -1)}) == "limits.requests_out_of_range");
  std::vector<Rule> many;
  for (int i = 0; i < 17; ++i) many.push_back(rule_of("r" + std::to_string(i), Subject::kRoute, {"login"}, 1));
  CHECK(reason(many) == "limits.rules_too_many_of_route");
  CHECK(reason(std::vector<Rule>(1'001, many[0])) == "limits.rules_too_many");
  CHECK(world.limiter.rules().size() == 1);
  CHECK(world.let_in(request_of(kLogin)) == 4);
}

TEST_CASE("rules are exchanged while others decide") {
  const Rule kept = rule_of("kept", Subject::kRoute, {"login"}, 1'000);
  World world({kept});
  std::atomic<int> let_in{0};
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!is_over) {
        if (world.limiter.begin(request_of(kLogin), kStart).decision.outcome == Outcome::kAllowed) ++let_in;
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    REQUIRE(world.limiter.exchange({kept, rule_of("other", Subject::kClient, {"login"}, 2'000 + i)}).has_value());
  }
  while (let_in < 1'000) std::this_thread::yield();
  is_over = true;
  for (auto& thread : threads) thread.join();
  CHECK(let_in == 1'000);
}

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
