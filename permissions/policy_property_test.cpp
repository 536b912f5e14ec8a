// By chance: what the indexes find is what trying every rule finds, whatever the matcher, the rules and their changes.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "engine/testing/random.hpp"
#include "permissions/policy.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

const std::vector<std::string> kEffects = {"some(where (p.eft == allow))", "!some(where (p.eft == deny))",
                                           "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
                                           "priority(p.eft) || deny", "subjectPriority(p.eft) || deny"};
// Conjuncts of which a matcher has some, joined by chance.
const std::vector<std::string> kParts = {"r.sub == p.sub",
                                         "g(r.sub, p.sub)",
                                         "g(p.sub, r.sub)",
                                         "(r.sub == p.sub || p.sub == \"*\")",
                                         "(g(r.sub, p.sub) || p.sub == \"*\")",
                                         "keyMatch(r.obj, p.obj)",
                                         "keyMatch2(r.obj, p.obj)",
                                         "keyMatch4(r.obj, p.obj)",
                                         "(r.obj == p.obj || keyMatch3(r.obj, p.obj))",
                                         "(g2(r.obj, p.obj) || keyMatch5(r.obj, p.obj))",
                                         "regexMatch(r.obj, p.obj)",
                                         "globMatch(r.obj, p.obj)",
                                         "r.obj == p.obj",
                                         "g2(r.obj, p.obj)",
                                         "r.act == p.act",
                                         "(r.act == p.act || p.act == \"*\")",
                                         "r.act in (p.act, \"list\")",
                                         "regexMatch(r.act, p.act)",
                                         "r.sub != p.act",
                                         "r.act == \"get\"",
                                         "g(r.sub, \"admin\")",
                                         "r.sub.Missing == p.sub",
                                         "(r.sub.Missing == p.sub || r.sub == p.sub)",
                                         "g(r.obj, p.sub)",
                                         "r.flag",
                                         "(r.flag || r.sub == p.sub)",
                                         "!r.flag",
                                         "true"};
const std::vector<std::string> kNames = {"alice", "bob", "admin", "staff", "*", "/a"};
const std::vector<std::string> kPatterns = {"/a",       "/a/b", "/a/*",   "/*",    "/:x/b", "/a/:x",
                                            "/{x}/{x}", "*",    "/a/b/c", "/[ab]", "alice"};
const std::vector<std::string> kKeys = {"/a", "/b", "/a/b", "/b/b", "/a/a", "/a/b/c", "/a/b?q", "alice", "", "/"};
const std::vector<std::string> kActs = {"get", "put", "*", "list"};

std::string random_matcher(testing::Random& random) {
  std::string out;
  for (auto branches = random.below(3) + 1; branches > 0; --branches) {
    for (auto parts = random.below(3) + 1; parts > 0; --parts) out += random.pick(kParts) + (parts > 1 ? " && " : "");
    if (branches > 1) out += " || ";
  }
  return out;
}

Rule random_rule(testing::Random& random) {
  switch (random.below(6)) {
    case 0: {
      // Never in a circle: the smaller name has the greater one.
      const auto first = random.below(kNames.size() - 1);
      return {"g", {kNames[first], kNames[first + 1 + random.below(kNames.size() - first - 1)]}};
    }
    case 1: return {"g2", {random.pick(kKeys), random.pick(kPatterns)}};
    default:
      return {"p",
              {random.pick(kNames), random.pick(kPatterns), random.pick(kActs), random.one_in(3) ? "deny" : "allow"}};
  }
}

std::shared_ptr<const Policy> random_policy(testing::Random& random) {
  const auto matcher = random_matcher(random);
  const auto model = Model::parse(
      "[request_definition]\nr = sub, obj, act, flag\n[policy_definition]\np = sub, obj, act, "
      "eft\n[role_definition]\ng = _, "
      "_\n"
      "g2 = _, _\n[policy_effect]\ne = " +
      random.pick(kEffects) + "\n[matchers]\nm = " + matcher + "\n");
  REQUIRE_MESSAGE(model.has_value(), matcher << ": " << model.error().detail);
  return Policy::make(*model, {}).value();
}

/// What an attribute may be that was meant as a truth.
Value random_flag(testing::Random& random) {
  switch (random.below(6)) {
    case 0: return Value::of(0.0);
    case 1: return Value::of(1.0);
    case 2: return Value::of(2.5);
    case 3: return Value::of("yes");
    default: return Value::of(random.one_in(2));
  }
}

std::string described(const Policy& policy, const Verdict& verdict) {
  std::string out = std::string(name_of(verdict.why)) + (verdict.allowed ? " allows" : " denies");
  if (verdict.rule != nullptr) out += ": " + to_line(verdict.rule->to_rule("p"));
  return out + " of " + std::to_string(policy.size("p"));
}

}  // namespace

TEST_CASE("by chance: indexed verdicts are those of a scan, over changes") {
  const auto seed = testing::seed_of_tests();
  INFO("SOUK_SEED=" << seed);
  testing::Random random(seed);
  int by_rule = 0;
  for (int round = 0; round < 400; ++round) {
    auto policy = random_policy(random);
    std::vector<Rule> standing;
    for (int step = 0; step < 8; ++step) {
      std::vector<Change> changes;
      for (auto i = random.below(8); i > 0; --i) {
        if (!standing.empty() && random.one_in(3)) {
          const auto at = random.below(standing.size());
          changes.push_back(Change::remove(standing[at]));
          standing.erase(standing.begin() + static_cast<std::ptrdiff_t>(at));
        } else if (auto fresh = random_rule(random);
                   std::find(standing.begin(), standing.end(), fresh) == standing.end()) {
          changes.push_back(Change::add(fresh));
          standing.push_back(fresh);
        }
      }
      auto next = policy->with(changes);
      // "*" is no pattern for every function.
      if (!next) {
        REQUIRE_MESSAGE(next.error().reason == "permissions.rule_pattern", next.error().detail);
        break;
      }
      policy = *next;
      for (int i = 0; i < 20; ++i) {
        const std::array request{Value::of(std::string_view(random.pick(kNames))),
                                 random.one_in(20) ? Value::of(7.0) : Value::of(std::string_view(random.pick(kKeys))),
                                 Value::of(std::string_view(random.pick(kActs))), random_flag(random)};
        const auto indexed = policy->enforce(request);
        const auto scanned = policy->enforce_by_scan(request);
        by_rule += indexed.rule != nullptr ? 1 : 0;
        REQUIRE(described(*policy, indexed) == described(*policy, scanned));
      }
    }
  }
  CHECK(by_rule > 2'000);
}
