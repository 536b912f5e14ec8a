#include "gateway/permissions/access_rules.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/random.hpp"
#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"
#include "gateway/permissions/access_subject.hpp"
#include "gateway/permissions/default_policy.hpp"
#include "gateway/permissions/policy_history.hpp"
#include "gateway/permissions/policy_rescue.hpp"

using namespace souk;
using access_policy::NumberedRow;
using access_policy::Row;

namespace {

const AccountId kAdmin{Id128{0, 3}};

/// A shop of five routes.
http::Router router() {
  http::Router out;
  const auto add = [&](http::Method method, std::string_view pattern, http::RouteInfo info) {
    info.name = pattern;
    info.asks_permission = true;
    out.add(method, pattern, std::move(info), [](const http::ExchangePtr&) {});
  };
  add(http::Method::kGet, "/products", {.is_public = true});
  add(http::Method::kGet, "/products/{id}", {.is_public = true});
  add(http::Method::kGet, "/products/export", {.role = kAdministrator});
  add(http::Method::kPost, "/orders", {});
  add(http::Method::kGet, "/cart", {.takes_cart_token = true});
  out.add(http::Method::kGet, "/healthz", {.name = "healthz", .is_public = true}, [](const http::ExchangePtr&) {});
  return out;
}

AccessRules::Ptr rules_of(const access_policy::State& state) {
  auto out = AccessRules::make(state);
  REQUIRE_MESSAGE(out.has_value(), out.error().detail);
  return *out;
}

access_policy::State begun() {
  const access_policy::Offer offer{std::string(default_model()), default_rows(router())};
  return testing::fold<AccessPolicy>(AccessPolicy::decide({}, offer).value());
}

bool may(const AccessRules& rules, std::string_view role, std::string_view method, std::string_view pattern) {
  return rules.ask({role, role, pattern, method, pattern, {}}).allowed;
}

AccessRules::Rows rows_of(const AccessRules& rules) {
  AccessRules::Rows out;
  rules.for_each_row({}, [&](const NumberedRow& row) { out.push_back(row); });
  std::ranges::sort(out, {}, &NumberedRow::number);
  return out;
}

}  // namespace

TEST_CASE("by default a route is for whom it says, and a role has what the one before it has") {
  const auto rules = rules_of(begun());
  for (const auto role : {kGuest, kGuestCart, kUser, kSupport, kAdministrator}) {
    CHECK(may(*rules, role, "GET", "/products/{id}"));
    CHECK_FALSE(may(*rules, role, "POST", "/products/{id}"));
  }
  CHECK_FALSE(may(*rules, kGuest, "POST", "/orders"));
  CHECK(may(*rules, kUser, "POST", "/orders"));
  CHECK(may(*rules, kAdministrator, "POST", "/orders"));
  CHECK_FALSE(may(*rules, kSupport, "GET", "/products/export"));
  CHECK(may(*rules, kAdministrator, "GET", "/products/export"));
  CHECK_FALSE(may(*rules, kGuest, "GET", "/cart"));
  CHECK(may(*rules, kGuestCart, "GET", "/cart"));
  CHECK(may(*rules, kUser, "GET", "/cart"));
  CHECK_FALSE(may(*rules, kAdministrator, "GET", "/healthz"));
}

TEST_CASE("the program numbers rows as the entity does, whatever is changed") {
  testing::Random random(testing::seed_of_tests());
  auto state = begun();
  auto rules = rules_of(state);
  const auto rows = [&] {
    std::vector<Row> out;
    for (auto left = random.below(4); left > 0; --left) {
      out.push_back({"p", {std::string(random.below(3) + 1, 'a'), "/x", "GET", random.one_in(2) ? "allow" : "deny"}});
    }
    return out;
  };
  const auto first = state;
  for (int i = 0; i < 500; ++i) {
    const auto what = random.below(40);
    AccessPolicy::Command command = access_policy::ChangeRows{rows(), rows(), kAdmin, Time{}};
    if (what == 0) command = access_policy::RollBack{Version{1}, first.model, first.rows, kAdmin, Time{}};
    if (what == 1) command = access_policy::ReplaceModel{first.model + "# another\n", kAdmin, Time{}};
    const auto* change = std::get_if<access_policy::ChangeRows>(&command);
    auto next = what == 0   ? rolled_back(*rules, first)
                : what == 1 ? rules->with_model(first.model + "# another\n")
                            : rules->with(change->remove, change->add);
    REQUIRE(next.has_value());
    rules = *next;
    const auto events = AccessPolicy::decide(state, command).value();
    state = testing::fold<AccessPolicy>(events, std::move(state));
    REQUIRE((rows_of(*rules) == rows_of(*rules_of(state))));
    REQUIRE(rules->size() == state.rows.size());
  }
}

TEST_CASE("a model may ask for what a request has and for nothing else") {
  const auto made = [](std::string_view request) {
    return AccessRules::make("[request_definition]\nr = " + std::string(request) +
                                 "\n[policy_definition]\np = x\n[policy_effect]\ne = some(where (p.eft == allow))\n"
                                 "[matchers]\nm = p.x == \"a\"\n",
                             {}, 0);
  };
  CHECK(made("sub, role, obj, act, path, route").has_value());
  const auto refused = made("sub, age");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == "permissions.request_unknown");
}

TEST_CASE("what was accepted once goes on meaning the same") {
  // Stored in somebody's log: a program that does not compile it does not start.
  const auto rules = AccessRules::make(
      R"([request_definition]
r = sub, role, obj, act, path, route
[policy_definition]
p = priority, sub, obj, act, cond, eft
[role_definition]
g = _, _
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = (g(r.sub, p.sub) || g(r.role, p.sub)) && keyMatch2(r.obj, p.obj) && regexMatch(r.act, p.act) && eval(p.cond) \
  && !(r.role == "guest" && r.path in ("/a", "/b"))
)",
      {{1, {"g", {"account:00000000000000000000000007", "support"}}},
       {2, {"p", {"10", "support", "/orders/:id", "GET|HEAD", "r.route != \"export\"", "allow"}}},
       {3, {"p", {"1", "guest", "/*", "^(GET)$", "r.path != \"\"", "allow"}}},
       {4, {"p", {"-5", "account:00000000000000000000000007", "/orders/7", "DELETE", "true", "deny"}}}},
      4);
  REQUIRE_MESSAGE(rules.has_value(), rules.error().detail);
  const std::string_view sue = "account:00000000000000000000000007";
  CHECK((*rules)->ask({sue, "user", "/orders/7", "GET", "/orders/7", "get_order"}).allowed);
  CHECK_FALSE((*rules)->ask({sue, "user", "/orders/7", "GET", "/orders/7", "export"}).allowed);
  CHECK_FALSE((*rules)->ask({sue, "user", "/orders/7", "DELETE", "/orders/7", "x"}).allowed);
  CHECK((*rules)->ask({"guest", "guest", "/x", "GET", "/x", "x"}).allowed);
  CHECK_FALSE((*rules)->ask({"guest", "guest", "/a", "GET", "/a", "x"}).allowed);
}

TEST_CASE("rows keep their places under another model, or it is refused") {
  const auto rules = rules_of(begun());
  const std::string model(default_model());
  const auto same = rules->with_model(model + "# another\n");
  REQUIRE(same.has_value());
  CHECK((rows_of(**same) == rows_of(*rules)));
  auto without_roles = model;
  without_roles.erase(without_roles.find("[role_definition]\ng = _, _\n"), 28);
  CHECK_FALSE(rules->with_model(without_roles).has_value());
}

TEST_CASE("a path is answered by the route with the most literal beginning") {
  PolicyKeeper keeper;
  keeper.begin(rules_of(begun()), router());
  const auto pattern = [&](std::string_view method, std::string_view path) {
    const auto* route = keeper.find_route(method, path);
    return route == nullptr ? std::string("none") : route->pattern;
  };
  CHECK(pattern("GET", "/products/7") == "/products/{id}");
  CHECK(pattern("HEAD", "/products/export") == "/products/export");
  CHECK(pattern("POST", "/products/7") == "none");
  CHECK(pattern("GET", "/products/") == "none");
  CHECK(pattern("GET", "/products/7/more") == "none");
  CHECK(pattern("GET", "/healthz") == "none");
}

TEST_CASE("a path is asked about decoded, whichever way it was spelled") {
  http::Target target;
  std::string room;
  REQUIRE(target.parse("/a/b?c=%20"));
  CHECK(plain_path(target, room) == "/a/b");
  REQUIRE(target.parse("/%61/b%3Fc/%2561/"));
  CHECK(plain_path(target, room) == "/a/b?c/%61/");
}

TEST_CASE("nothing can be made of permissions before the entity has been told of them") {
  PolicyKeeper keeper;
  const auto rules = rules_of(begun());
  keeper.begin(rules, router());
  CHECK(keeper.in_force() == rules);
  CHECK(keeper.latest() == nullptr);
  keeper.order(rules->at(Version{1}, Position{1}));
  CHECK((keeper.latest()->version() == Version{1}));
}

TEST_CASE("stored permissions that mean nothing keep a shop from starting, unless it begins anew") {
  testing::ManualClock clock;
  MemoryEventLog log(clock);
  const auto stored = encode_event(AccessPolicy::Event(access_policy::ModelReplaced{"nonsense", kAdmin, Time{}}));
  AppendRequest request;
  request.stream = stream_of<AccessPolicy>(kAccessPolicy);
  request.events.push_back({});
  request.events.back().type = stored.type;
  request.events.back().payload = stored.payload;
  REQUIRE(log.append(std::move(request)));
  PolicyKeeper keeper;
  const auto refused = restore_permissions(log, keeper, router());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("permissions.rescue") != std::string::npos);
  REQUIRE(begin_with_first_permissions(keeper, router()).has_value());
  CHECK(may(*keeper.in_force(), kAdministrator, "GET", "/products/export"));
  CHECK(keeper.latest() == nullptr);
}

TEST_CASE("an older version never takes the place of a newer one") {
  PolicyKeeper keeper;
  const auto rules = rules_of(begun());
  keeper.begin(rules->at(Version{1}, Position{1}), router());
  keeper.order(rules->at(Version{3}, Position{5}));
  keeper.put_in_force(rules->at(Version{3}, Position{5}));
  keeper.put_in_force(rules->at(Version{2}, Position{4}));
  CHECK((keeper.in_force()->version() == Version{3}));
  CHECK((keeper.latest()->version() == Version{3}));
}
