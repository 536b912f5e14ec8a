#include "engine/limits/limit_policy.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::limit_policy;
using namespace souk::testing;

namespace {

Rule rule(std::string id, std::int64_t requests = 5) {
  Rule out;
  out.id = std::move(id);
  out.subject = limits::Subject::kClient;
  out.requests = requests;
  return out;
}

Network blocked(std::string network, std::string note = "") {
  return {std::move(network), Standing::kBlocked, std::move(note)};
}

}  // namespace

TEST_CASE("a shop begins with its rules once, in the order of their ids") {
  given<LimitPolicy>().when(Begin{{rule("b"), rule("a")}}).then(Begun{{rule("a"), rule("b")}});
  given<LimitPolicy>(Begun{{rule("a")}}).when(Begin{{rule("b")}}).then_nothing();
  given<LimitPolicy>(RulePut{rule("a")}, RuleRemoved{"a"}).when(Begin{{rule("b")}}).then(Begun{{rule("b")}});
  given<LimitPolicy>().when(Begin{{rule("A")}}).then_rejected(ErrorCode::kInvalid, "limits.id_invalid");
}

TEST_CASE("what was said before a shop began counts for more than what shops begin with") {
  given<LimitPolicy>(RulePut{rule("a", 7)}, NetworkPut{blocked("192.0.2.0/24")})
      .when(Begin{{rule("a"), rule("b")}})
      .then(Begun{{rule("a", 7), rule("b")}});
  std::vector<Rule> many;
  for (int i = 0; i < 16; ++i) many.push_back(rule("all-" + std::to_string(10 + i)));
  given<LimitPolicy>(RolledBack{Version{1}, {many, {}}}).when(Begin{{rule("b")}}).then_nothing();
  auto past = given<LimitPolicy>(RulePut{many[0]}, RulePut{many[1]}, RulePut{many[2]}, RulePut{many[3]},
                                 RulePut{many[4]}, RulePut{many[5]}, RulePut{many[6]}, RulePut{many[7]},
                                 RulePut{many[8]}, RulePut{many[9]}, RulePut{many[10]}, RulePut{many[11]},
                                 RulePut{many[12]}, RulePut{many[13]}, RulePut{many[14]}, RulePut{many[15]});
  past.when(Begin{{rule("b")}}).then(Begun{many});
}

TEST_CASE("a rule replaces the one of its id, and one that is the same changes nothing") {
  const auto past = given<LimitPolicy>(Begun{{rule("a"), rule("b")}});
  past.when(PutRule{rule("a", 6)}).then(RulePut{rule("a", 6)});
  past.when(PutRule{rule("a")}).then_nothing();
  past.when(PutRule{rule("c")}).then(RulePut{rule("c")});
  past.when(PutRule{rule("c", 0)}).then_rejected(ErrorCode::kInvalid, "limits.nothing_limited");
  past.when(RemoveRule{"b"}).then(RuleRemoved{"b"});
  past.when(RemoveRule{"c"}).then_rejected(ErrorCode::kNotFound, "limits.rule_not_found");
  CHECK((fold<LimitPolicy>({RulePut{rule("b")}, RulePut{rule("a")}, RulePut{rule("b", 7)}}).content.rules ==
         std::vector{rule("a"), rule("b", 7)}));
}

TEST_CASE("a route has at most 16 rules, those of all routes among them, and 4 that count requests at once") {
  std::vector<Rule> rules;
  for (int i = 0; i < 15; ++i) rules.push_back(rule("all-" + std::to_string(10 + i)));
  auto of_route = rule("orders");
  of_route.routes = {"place_order"};
  rules.push_back(of_route);
  const auto past = given<LimitPolicy>(Begun{rules});
  past.when(PutRule{rule("zz")}).then_rejected(ErrorCode::kConflict, "limits.rules_full_of_route");
  of_route.id = "other";
  past.when(PutRule{of_route}).then_rejected(ErrorCode::kConflict, "limits.rules_full_of_route");
  of_route.routes = {"get_order"};
  past.when(PutRule{of_route}).then(RulePut{of_route});

  std::vector<Rule> at_once;
  for (int i = 0; i < 4; ++i) {
    at_once.push_back(rule("at-once-" + std::to_string(i)));
    at_once.back().concurrent = 1;
  }
  auto fifth = rule("fifth");
  fifth.concurrent = 1;
  given<LimitPolicy>(Begun{at_once})
      .when(PutRule{fifth})
      .then_rejected(ErrorCode::kConflict, "limits.rules_full_of_route");
}

TEST_CASE("there are at most 1000 rules") {
  std::vector<Rule> rules;
  for (int i = 0; i < 1'000; ++i) {
    rules.push_back(rule("r" + std::to_string(1'000 + i)));
    rules.back().routes = {"route_" + std::to_string(i / 10)};
  }
  auto next = rule("z");
  next.routes = {"another"};
  given<LimitPolicy>(Begun{rules}).when(PutRule{next}).then_rejected(ErrorCode::kConflict, "limits.rules_full");
}

TEST_CASE("of a network one thing is said, and nothing once it is removed") {
  const auto past = given<LimitPolicy>(NetworkPut{blocked("192.0.2.0/24", "scraper")});
  past.when(PutNetwork{blocked("192.0.2.0/24", "scraper")}).then_nothing();
  const Network exempt{"192.0.2.0/24", Standing::kExempt, "our own"};
  past.when(PutNetwork{exempt}).then(NetworkPut{exempt});
  past.when(RemoveNetwork{"192.0.2.0/24"}).then(NetworkRemoved{"192.0.2.0/24"});
  past.when(RemoveNetwork{"192.0.2.0/25"}).then_rejected(ErrorCode::kNotFound, "limits.network_not_found");
  for (const auto* text : {"", "shop.example", "192.0.2.0 /24"}) {
    past.when(PutNetwork{blocked(text)}).then_rejected(ErrorCode::kInvalid, "limits.network_invalid");
  }
  past.when(PutNetwork{blocked("::1/128", "two\nlines")}).then_rejected(ErrorCode::kInvalid, "limits.note_invalid");
}

TEST_CASE("a roll back is one more version with the content of an earlier one") {
  const auto past = given<LimitPolicy>(Begun{{rule("a")}}, RuleRemoved{"a"}, NetworkPut{blocked("192.0.2.1/32")});
  const Content first{{rule("a")}, {}};
  past.when(RollBack{Version{1}, first}).then(RolledBack{Version{1}, first});
  past.when(RollBack{Version{3}, {{}, {blocked("192.0.2.1/32")}}}).then_nothing();
  past.when(RollBack{Version{0}, first}).then_rejected(ErrorCode::kInvalid, "limits.version_unknown");
  past.when(RollBack{Version{1}, {{rule("")}, {}}}).then_rejected(ErrorCode::kInvalid, "limits.id_invalid");
  given<LimitPolicy>().when(RollBack{Version{1}, first}).then_rejected(ErrorCode::kInvalid, "limits.version_unknown");
  CHECK((fold<LimitPolicy>({RulePut{rule("b")}, RolledBack{Version{1}, first}}).content == first));
}
