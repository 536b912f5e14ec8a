#include "permissions/policy.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "permissions/limits.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

constexpr std::string_view kAllow = "some(where (p.eft == allow))";
constexpr std::string_view kDeny = "!some(where (p.eft == deny))";
constexpr std::string_view kBoth = "some(where (p.eft == allow)) && !some(where (p.eft == deny))";
constexpr std::string_view kPriority = "priority(p.eft) || deny";
constexpr std::string_view kRbac = "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act";

using PolicyPtr = std::shared_ptr<const Policy>;

Result<PolicyPtr> made(std::string_view effect, std::string_view matcher, std::string_view rules,
                       std::string_view columns = "sub, obj, act, eft",
                       std::string_view roles = "g = _, _\ng2 = _, _") {
  const auto model =
      Model::parse("[request_definition]\nr = sub, obj, act\n[policy_definition]\np = " + std::string(columns) +
                   "\n[role_definition]\n" + std::string(roles) + "\n[policy_effect]\ne = " + std::string(effect) +
                   "\n[matchers]\nm = " + std::string(matcher) + "\n");
  REQUIRE_MESSAGE(model.has_value(), model.error().detail);
  return Policy::make(*model, read_rules(rules).value());
}

PolicyPtr policy(std::string_view effect, std::string_view matcher, std::string_view rules,
                 std::string_view columns = "sub, obj, act, eft", std::string_view roles = "g = _, _\ng2 = _, _") {
  auto out = made(effect, matcher, rules, columns, roles);
  REQUIRE_MESSAGE(out.has_value(), out.error().detail);
  return *out;
}

Rule rule(std::string_view line) {
  return read_rules(line).value().front();
}

Explanation asked(const PolicyPtr& policy, std::string_view sub, std::string_view obj, std::string_view act) {
  const std::array request{Value::of(sub), Value::of(obj), Value::of(act)};
  return policy->explain(request);
}
bool allowed(const PolicyPtr& policy, std::string_view sub, std::string_view obj = "data",
             std::string_view act = "read") {
  return asked(policy, sub, obj, act).allowed;
}

PolicyPtr changed(const PolicyPtr& policy, std::initializer_list<Change> changes) {
  auto out = policy->with(std::span(changes.begin(), changes.size()));
  REQUIRE_MESSAGE(out.has_value(), out.error().detail);
  return *out;
}

void refused(const PolicyPtr& policy, const Change& change, ErrorCode code, std::string_view reason) {
  const auto out = policy->with(std::span(&change, 1));
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().code == code);
  CHECK(out.error().reason == reason);
}

}  // namespace

TEST_CASE("nobody may do what no rule allows, and the verdict says so") {
  const auto rules = policy(kAllow, kRbac, "p, alice, data, read, allow");
  CHECK(allowed(rules, "alice"));
  const auto refusal = asked(rules, "bob", "data", "read");
  CHECK_FALSE(refusal.allowed);
  CHECK(refusal.why == Verdict::Why::kNoRule);
  CHECK_FALSE(refusal.rule_id.has_value());
}

TEST_CASE("a verdict names the rule that decided and the roles by which it applies") {
  const auto rules = policy(kBoth, "g(r.sub, p.sub) && g2(r.obj, p.obj) && r.act == p.act",
                            "p, author, texts, read, allow\np, editor, texts, write, deny\ng, alice, editor\n"
                            "g, editor, author\ng2, data, texts");
  const auto read = asked(rules, "alice", "data", "read");
  CHECK(read.allowed);
  CHECK(read.rule == "p, author, texts, read, allow");
  CHECK((read.roles == std::vector<std::vector<std::string>>{{"alice", "editor", "author"}, {"data", "texts"}}));
  const auto write = asked(rules, "alice", "data", "write");
  CHECK_FALSE(write.allowed);
  CHECK(write.why == Verdict::Why::kRule);
  CHECK(write.rule == "p, editor, texts, write, deny");
  CHECK(write.rule_id == rules->find(rule("p, editor, texts, write, deny")));
}

TEST_CASE("only roles that a rule applies by are named") {
  const auto rules = policy(kAllow, "(r.act == 'never' && g(r.sub, p.act)) || (g(r.sub, p.sub) && !g2(r.sub, p.obj))",
                            "p, editor, staff, author, allow\ng, alice, editor\ng, editor, author\ng2, bob, staff");
  const auto read = asked(rules, "alice", "data", "read");
  CHECK(read.allowed);
  CHECK((read.roles == std::vector<std::vector<std::string>>{{"alice", "editor"}}));
}

TEST_CASE("under deny-override what nobody denies is allowed") {
  const auto rules = policy(kDeny, kRbac, "p, bob, data, read, deny");
  CHECK(asked(rules, "alice", "data", "read").why == Verdict::Why::kNotDenied);
  CHECK(allowed(rules, "alice"));
  CHECK_FALSE(allowed(rules, "bob"));
}

TEST_CASE("under allow-and-deny somebody must allow and nobody deny") {
  const auto rules =
      policy(kBoth, kRbac, "p, staff, data, read, allow\np, bob, data, read, deny\ng, alice, staff\ng, bob, staff");
  CHECK(allowed(rules, "alice"));
  CHECK_FALSE(allowed(rules, "bob"));
  CHECK_FALSE(allowed(rules, "carol"));
}

TEST_CASE("under priority the first rule decides, in the order of the column or else of the rules") {
  const auto implicit = policy(kPriority, kRbac, "p, alice, data, read, deny\np, alice, data, read, allow");
  CHECK_FALSE(allowed(implicit, "alice"));
  const auto columns = "priority, sub, obj, act, eft";
  const auto given =
      policy(kPriority, kRbac, "p, 10, alice, data, read, deny\np, 9, alice, data, read, allow", columns);
  CHECK(allowed(given, "alice"));
  CHECK_FALSE(allowed(changed(given, {Change::add(rule("p, -1, alice, data, read, deny"))}), "alice"));
  CHECK(allowed(changed(given, {Change::add(rule("p, last, alice, data, read, deny"))}), "alice"));
}

TEST_CASE("an updated rule keeps its id and its place, unless its priority changes") {
  const auto rules = policy(kPriority, kRbac, "p, bob, data, read, deny\np, alice, data, read, allow");
  const auto swapped =
      changed(rules, {Change::update(rule("p, bob, data, read, deny"), {"alice", "data", "read", "deny"})});
  CHECK_FALSE(allowed(swapped, "alice"));
  CHECK(swapped->find(rule("p, alice, data, read, deny")) == rules->find(rule("p, bob, data, read, deny")));
  CHECK(allowed(rules, "alice"));
}

TEST_CASE("a rule that is added with its number stands in its old place") {
  const auto rules = policy(kPriority, kRbac, "p, alice, data, read, deny\np, alice, data, read, allow");
  const auto denial = rule("p, alice, data, read, deny");
  const auto without = changed(rules, {Change::remove(denial)});
  CHECK(allowed(without, "alice"));
  CHECK_FALSE(allowed(changed(without, {Change::add(denial, RuleId{1})}), "alice"));
  CHECK(allowed(changed(without, {Change::add(denial)}), "alice"));
  const auto later = changed(without, {Change::add(denial, RuleId{7}), Change::add(rule("p, bob, data, read, deny"))});
  CHECK(later->find(denial) == RuleId{7});
  CHECK(later->find(rule("p, bob, data, read, deny")) == RuleId{8});
  refused(later, Change::add(rule("p, carol, data, read, deny"), RuleId{7}), ErrorCode::kConflict,
          "permissions.rule_exists");
}

TEST_CASE("the nearest subject's rule decides under subjectPriority") {
  const auto effect = "subjectPriority(p.eft) || deny";
  const auto rules =
      policy(effect, kRbac,
             "p, staff, data, read, deny\np, editor, data, read, allow\ng, alice, editor\ng, editor, staff\n"
             "g, bob, staff");
  CHECK(allowed(rules, "alice"));
  CHECK_FALSE(allowed(rules, "bob"));
  CHECK_FALSE(allowed(changed(rules, {Change::add(rule("p, alice, data, read, deny"))}), "alice"));
  refused(rules, Change::add(rule("g, staff, alice")), ErrorCode::kConflict, "permissions.role_circle");
}

TEST_CASE("roles are inherited over nine steps, and circles do no harm") {
  std::string rules = "p, role10, data, read, allow\n";
  for (int i = 0; i < 10; ++i) rules += "g, role" + std::to_string(i) + ", role" + std::to_string(i + 1) + "\n";
  const auto long_line = policy(kAllow, kRbac, rules + "g, role10, role1");
  CHECK(allowed(long_line, "role1"));
  CHECK_FALSE(allowed(long_line, "role0"));
}

TEST_CASE("a role in one domain is none in another one") {
  const auto rules = policy(kAllow, "g(r.sub, p.sub, r.obj) && r.obj == p.obj && r.act == p.act",
                            "p, admin, east, read, allow\np, admin, west, read, allow\ng, alice, admin, east",
                            "sub, obj, act, eft", "g = _, _, _");
  CHECK(allowed(rules, "alice", "east"));
  CHECK_FALSE(allowed(rules, "alice", "west"));
}

TEST_CASE("more roles than are compared one by one are found all the same") {
  std::string rules = "p, role77, data, read, allow\n";
  for (int i = 0; i < 100; ++i) rules += "g, alice, role" + std::to_string(i) + "\n";
  CHECK(allowed(policy(kAllow, kRbac, rules), "alice"));
}

TEST_CASE("a condition of a rule is asked for each request") {
  const auto rules = policy(kAllow, "eval(p.sub) && r.obj == p.obj", "p, r.sub.Age >= 18, data, any, allow");
  const auto is_allowed = [&](double age) {
    const std::array person{Attribute{"Age", Value::of(age)}};
    const std::array request{Value::of(std::span<const Attribute>(person)), Value::of("data"), Value::of("read")};
    return rules->enforce(request).allowed;
  };
  CHECK(is_allowed(18));
  CHECK_FALSE(is_allowed(17));
}

TEST_CASE("a rule that cannot be evaluated lets nobody in, and keeps out if it denies") {
  const auto rules =
      policy(kBoth, "eval(p.sub) && r.obj == p.obj",
             "p, r.sub.Age > 1, data, any, allow\np, true, data, any, allow\np, r.sub.Age > 1, secret, any, deny\n"
             "p, true, secret, any, allow");
  CHECK(allowed(rules, "alice"));
  CHECK(asked(rules, "alice", "data", "read").rule == "p, true, data, any, allow");
  const auto secret = asked(rules, "alice", "secret", "read");
  CHECK_FALSE(secret.allowed);
  CHECK(secret.why == Verdict::Why::kUnreadable);
  CHECK_FALSE(secret.fault.empty());
}

TEST_CASE("a number is no truth within a matcher: who denies is believed, whether by index or by a scan") {
  const auto is_unreadable = [](const PolicyPtr& rules, std::string_view flag, double number) {
    const std::array person{Attribute{"Name", Value::of("alice")}, Attribute{flag, Value::of(number)}};
    const std::array request{Value::of(std::span<const Attribute>(person)), Value::of("data"), Value::of("read")};
    CHECK(rules->enforce_by_scan(request).why == Verdict::Why::kUnreadable);
    return !rules->enforce(request).allowed && rules->enforce(request).why == Verdict::Why::kUnreadable;
  };
  const auto all = policy(kDeny, "r.sub.Suspended && r.obj == p.obj", "p, any, data, any, deny");
  const auto one = policy(kDeny, "r.sub.Admin || r.sub.Name == p.sub", "p, bob, data, any, deny");
  for (const double number : {0.0, 1.0}) {
    CHECK(is_unreadable(all, "Suspended", number));
    CHECK(is_unreadable(one, "Admin", number));
  }
}

TEST_CASE("a range of addresses holds those in it, mapped ones too, and what is none is refused or denies") {
  const auto rules = policy(kDeny, "ipMatch(r.sub, p.sub)", "p, 10.0.0.0/8, any, any, deny\np, ::1, any, any, deny");
  for (const char* address : {"10.1.2.3", "::ffff:10.1.2.3", "0:0::1"}) CHECK_FALSE(allowed(rules, address));
  CHECK(allowed(rules, "11.0.0.1"));
  CHECK(asked(rules, "nonsense", "data", "read").why == Verdict::Why::kUnreadable);
  for (const char* bad : {"10.0.0.0/33", "10.0.0", "nonsense", "", "::/129"}) {
    refused(rules, Change::add({"p", {bad, "any", "any", "deny"}}), ErrorCode::kInvalid, "permissions.rule_pattern");
  }
  const auto free = policy(kDeny, "ipMatch('10.0.0.1', r.obj) && r.sub == p.sub", "p, alice, any, any, deny");
  CHECK_FALSE(allowed(free, "alice", "10.0.0.0/8"));
  CHECK(asked(free, "alice", "10.0.0.0/33", "read").why == Verdict::Why::kUnreadable);
  CHECK(allowed(free, "bob", "10.0.0.0/33"));
}

TEST_CASE("what a rule's own condition takes from its columns is looked at when it is added") {
  const auto rules = policy(kDeny, "eval(p.act)", "p, x, x, true, deny");
  const auto add = [&](std::string_view pattern, std::string_view condition) {
    return Change::add({"p", {std::string(pattern), "x", std::string(condition), "deny"}});
  };
  for (const char* condition : {"regexMatch(r.obj, p.sub)", "r.sub == 'bob' || ipMatch(r.obj, p.sub)"}) {
    refused(rules, add("(", condition), ErrorCode::kInvalid, "permissions.rule_pattern");
  }
  refused(rules, add("x", "ipMatch(r.obj, '10.0.0.0/33')"), ErrorCode::kInvalid, "permissions.rule_condition");
  CHECK(
      changed(rules, {add("a.*", "regexMatch(r.obj, p.sub)"), add("10.0.0.0/8", "ipMatch(r.obj, p.sub)")})->size("p") ==
      3);
}

TEST_CASE("a request with another number of values, and an unknown context, are refused") {
  const auto rules = policy(kDeny, kRbac, "p, bob, data, read, deny");
  const std::array two{Value::of("alice"), Value::of("data")};
  CHECK(rules->enforce(two).why == Verdict::Why::kMalformed);
  CHECK_FALSE(rules->enforce(two).allowed);
  const std::array three{Value::of("alice"), Value::of("data"), Value::of("read")};
  CHECK(rules->enforce(three, 1).why == Verdict::Why::kMalformed);
}

TEST_CASE("without rules the matcher alone decides") {
  const auto rules = policy(kAllow, "r.sub == 'root' || r.sub == p.sub", "");
  CHECK(asked(rules, "root", "data", "read").why == Verdict::Why::kModel);
  CHECK(allowed(rules, "root"));
  CHECK_FALSE(allowed(rules, "alice"));
  CHECK_FALSE(allowed(policy(kAllow, "eval(p.sub)", ""), "alice"));
}

TEST_CASE("a change makes another policy and leaves the one before") {
  const auto before = policy(kAllow, kRbac, "p, admin, data, read, allow\ng, alice, admin");
  const auto without_role = changed(before, {Change::remove(rule("g, alice, admin"))});
  const auto with_rule = changed(without_role, {Change::add(rule("p, alice, data, read, allow"))});
  const auto updated =
      changed(with_rule, {Change::update(rule("p, alice, data, read, allow"), {"bob", "data", "read", "allow"})});
  CHECK(allowed(before, "alice"));
  CHECK_FALSE(allowed(without_role, "alice"));
  CHECK(allowed(with_rule, "alice"));
  CHECK_FALSE(allowed(updated, "alice"));
  CHECK(allowed(updated, "bob"));
  CHECK(updated->size("p") == 2);
  CHECK(updated->size("g") == 0);
  CHECK(updated->size("q") == 0);
}

TEST_CASE("of several changes all happen or none") {
  const auto before = policy(kAllow, kRbac, "p, alice, data, read, allow");
  const std::array changes{Change::add(rule("p, bob, data, read, allow")),
                           Change::remove(rule("p, carol, data, read, allow"))};
  const auto after = before->with(changes);
  REQUIRE_FALSE(after.has_value());
  CHECK(after.error().detail.starts_with("p, carol, data, read, allow: "));
  CHECK_FALSE(allowed(before, "bob"));
}

TEST_CASE("what is no rule is refused") {
  const auto rules = policy(kAllow, "r.sub == p.sub && keyMatch2(r.obj, p.obj) && regexMatch(r.act, p.act)",
                            "p, alice, /data, read, allow");
  const auto bad = [&](Rule rule, std::string_view reason) {
    refused(rules, Change::add(std::move(rule)), ErrorCode::kInvalid, reason);
  };
  bad({"q", {"alice"}}, "permissions.rule_kind");
  bad({"p", {"alice"}}, "permissions.rule_size");
  bad({"g", {"alice", "admin", "east"}}, "permissions.rule_size");
  bad({"p", {"alice", "/data", "read", "perhaps"}}, "permissions.rule_effect");
  bad({"p", {"alice", "/data", "(", "allow"}}, "permissions.rule_pattern");
  bad({"p", {"alice\n", "/data", "read", "allow"}}, "permissions.rule_value");
  bad({"p", {std::string(kValueBytesMax + 1, 'a'), "/data", "read", "allow"}}, "permissions.rule_value");
  bad({"g", {"\xff", "admin"}}, "permissions.rule_value");
  refused(rules, Change::add(rule("p, alice, /data, read, allow")), ErrorCode::kConflict, "permissions.rule_exists");
  refused(rules, Change::remove(rule("p, bob, /data, read, allow")), ErrorCode::kNotFound,
          "permissions.rule_not_found");
  const auto conditions = policy(kAllow, "eval(p.sub)", "p, true, x, x, allow");
  refused(conditions, Change::add({"p", {"r.sub ==", "x", "x", "allow"}}), ErrorCode::kInvalid,
          "permissions.rule_condition");
  refused(conditions, Change::add({"p", {"eval(p.obj)", "x", "x", "allow"}}), ErrorCode::kInvalid,
          "permissions.rule_condition");
}

TEST_CASE("different regular expressions are limited, the same one again is not") {
  auto rules = policy(kAllow, "r.sub == p.sub && regexMatch(r.act, p.act)", "");
  std::vector<Change> changes;
  for (std::size_t i = 0; i < kRegexesMax; ++i) {
    changes.push_back(Change::add({"p", {"alice", "data", "a" + std::to_string(i) + ".*", "allow"}}));
  }
  rules = rules->with(changes).value();
  refused(rules, Change::add(rule("p, alice, data, one more.*, allow")), ErrorCode::kConflict,
          "permissions.too_many_patterns");
  rules =
      changed(rules, {Change::add(rule("p, bob, data, a7.*, allow")), Change::add(rule("p, bob, data, plain, allow"))});
  CHECK(allowed(rules, "bob", "data", "a77"));
  rules = changed(rules, {Change::remove(rule("p, alice, data, a7.*, allow"))});
  refused(rules, Change::add(rule("p, alice, data, one more.*, allow")), ErrorCode::kConflict,
          "permissions.too_many_patterns");
  rules = changed(rules, {Change::remove(rule("p, bob, data, a7.*, allow"))});
  CHECK(
      allowed(changed(rules, {Change::add(rule("p, alice, data, one more.*, allow"))}), "alice", "data", "one more x"));
}

TEST_CASE("regular expressions are limited for all kinds of rules together") {
  const auto model = Model::parse(
      "[request_definition]\nr = obj\n[policy_definition]\np = obj\np2 = obj\n[policy_effect]\n"
      "e = some(where (p.eft == allow))\n[matchers]\nm = regexMatch(r.obj, p.obj)\nm2 = regexMatch(r.obj, p2.obj)\n");
  REQUIRE_MESSAGE(model.has_value(), model.error().detail);
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < kRegexesMax; ++i) {
    rules.push_back({i % 2 == 0 ? "p" : "p2", {"a" + std::to_string(i) + ".*"}});
  }
  const auto full = Policy::make(*model, rules).value();
  refused(full, Change::add(rule("p, one more.*")), ErrorCode::kConflict, "permissions.too_many_patterns");
  refused(full, Change::add(rule("p2, one more.*")), ErrorCode::kConflict, "permissions.too_many_patterns");
}

TEST_CASE("rules are listed in their order") {
  const auto rules =
      policy(kPriority, kRbac, "p, 2, b, data, read, allow\np, 1, c, data, read, deny\np, 1, a, data, read, allow",
             "priority, sub, obj, act, eft");
  std::string seen;
  rules->for_each_rule("p", [&](RuleId, const Rule& one) {
    seen += one.values[1];
    return seen.size() < 2;
  });
  CHECK(seen == "ca");
}

TEST_CASE("readers go on with the version they have while others are made") {
  std::mutex mutex;
  auto newest = policy(kAllow, kRbac, "p, admin, data, read, allow\ng, alice, admin");
  const auto current = [&] {
    const std::scoped_lock lock(mutex);
    return newest;
  };
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      const std::array request{Value::of("alice"), Value::of("data"), Value::of("read")};
      while (!done) {
        if (!current()->enforce(request).allowed) ++wrong;
      }
    });
  }
  for (int i = 0; i < 2'000; ++i) {
    const auto name = "user" + std::to_string(i);
    auto next =
        changed(current(), {Change::add({"g", {name, "admin"}}), Change::add({"p", {name, "x", "y", "allow"}})});
    if (i % 3 == 0) next = changed(next, {Change::remove({"g", {name, "admin"}})});
    const std::scoped_lock lock(mutex);
    newest = std::move(next);
  }
  done = true;
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
}
