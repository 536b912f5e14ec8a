#include "limits/limiter.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "limits/headers.hpp"
#include "limits/testing/limiter_world.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;

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

TEST_CASE("of stored rules what means nothing here takes no other rule with it") {
  World world({});
  Rule products = rule_of("products", Subject::kParameter, {"get_product", "place_order"}, 3);
  Rule too_large = rule_of("slow", Subject::kRoute, {"login"}, 1);
  too_large.period_ms = kPeriodMsMax;
  too_large.burst = kRequestsMax;
  const auto left_out = world.limiter.exchange_what_fits(
      {rule_of("gone", Subject::kRoute, {"log_out"}, 1), rule_of("half", Subject::kRoute, {"log_out", "login"}, 5),
       products, too_large, rule_of("half", Subject::kRoute, {}, 1)});
  std::vector<std::string> said;
  for (const auto& one : left_out) said.push_back(one.reason + " " + one.detail.substr(0, one.detail.find(':')));
  CHECK((said == std::vector<std::string>{"limits.route_unknown gone", "limits.route_unknown half",
                                          "limits.parameter_unknown products", "limits.burst_too_large slow",
                                          "limits.id_taken half"}));
  CHECK(world.limiter.rules().size() == 2);
  CHECK(world.limiter.has("half"));
  CHECK_FALSE(world.limiter.has("gone"));
  CHECK(world.let_in(request_of(kLogin)) == 5);
  CHECK(world.let_in(request_of(kOrder)) == 100);
  const std::string_view product = "tea";
  Request request = request_of(kProduct);
  request.parameters = {&product, 1};
  CHECK(world.let_in(request) == 3);
}

TEST_CASE("of stored rules of one route those that are too many are left out") {
  World world({});
  std::vector<Rule> many;
  for (int i = 0; i < 17; ++i) many.push_back(rule_of("r" + std::to_string(i), Subject::kRoute, {"login"}, 20 - i));
  CHECK(world.limiter.exchange_what_fits(many).size() == 1);
  CHECK(world.let_in(request_of(kLogin)) == 5);
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
