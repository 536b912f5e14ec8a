// What a permission costs with many rules: asking, changing, and memory.
//
// Usage: permissions_bench [rules] [requests]. Roles in three levels, accounts with one to three of them, rules for
// keys that are paths: a third exact, a third with placeholders, a third with a star. Each request is another one.
// Times are of the clock, one call at a time; what reading the clock costs is taken off.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "permissions/policy.hpp"

namespace {

using namespace souk::permissions;

constexpr std::uint64_t kRoles = 1'000;
constexpr std::uint64_t kAccounts = 20'000;
constexpr std::uint64_t kShops = 400;
constexpr std::size_t kChanges = 2'000;
constexpr std::array<const char*, 4> kActions = {"GET", "POST", "PUT", "DELETE"};
constexpr const char* kModel = R"([request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && (r.act == p.act || p.act == "*")
)";

std::uint64_t state = 7;
std::uint64_t below(std::uint64_t limit) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return (z ^ (z >> 31)) % limit;
}

std::string role(std::uint64_t number) {
  return "role:" + std::to_string(number);
}
std::string account(std::uint64_t number) {
  return "account:6fbmcde5yznwq83f" + std::to_string(number);
}
std::string path(std::uint64_t shop, std::uint64_t item, std::uint64_t kind) {
  const auto base = "/api/v1/shops/" + std::to_string(shop);
  if (kind == 0) return base + "/products/" + std::to_string(item);
  if (kind == 1) return base + "/orders/" + std::to_string(item) + "/payments/:id";
  return base + "/carts/" + std::to_string(item) + "/*";
}

Rule rule(std::uint64_t number) {
  return {"p",
          {role(below(kRoles)), path(below(kShops), number, number % 3), below(8) == 0 ? "*" : kActions[below(4)],
           below(20) == 0 ? "deny" : "allow"}};
}

std::vector<Rule> policy_of(std::uint64_t count, std::vector<std::vector<std::uint64_t>>& members) {
  std::vector<Rule> out;
  for (std::uint64_t i = 10; i < kRoles; ++i) out.push_back({"g", {role(i), role(i / 10)}});
  for (std::uint64_t i = 0; i < kAccounts; ++i) {
    const auto first = below(kRoles);
    for (std::uint64_t k = 0; k <= i % 3; ++k) {
      const auto number = (first + k * 37) % kRoles;
      out.push_back({"g", {account(i), role(number)}});
      members[number].push_back(i);
    }
  }
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(rule(i));
  return out;
}

/// A request that some rule was made for, half of them of one who has its role.
struct Request {
  std::string account;
  std::string path;
  std::string action;
};

Request request_for(const Rule& rule, const std::vector<std::vector<std::uint64_t>>& members) {
  auto path = rule.values[1];
  if (const auto colon = path.find(':'); colon != std::string::npos) path.replace(colon, 3, "77");
  if (path.ends_with('*')) path.replace(path.size() - 1, 1, "lines/5");
  const auto& who = members[std::stoull(rule.values[0].substr(5))];
  const bool is_member = !who.empty() && below(2) == 0;
  return {account(is_member ? who[below(who.size())] : below(kAccounts)), path,
          is_member && rule.values[2] != "*" ? rule.values[2] : kActions[below(4)]};
}

using Clock = std::chrono::steady_clock;
double nanoseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::nano>(Clock::now() - since).count();
}

void print(const char* what, std::vector<double>& each, double unit, const char* unit_name, double overhead) {
  std::sort(each.begin(), each.end());
  const auto at = [&](double share) {
    return (each[static_cast<std::size_t>(share * static_cast<double>(each.size() - 1))] - overhead) / unit;
  };
  std::printf("%-28s p50 %.2f, p99 %.2f, p99.9 %.2f, most %.2f %s\n", what, at(0.5), at(0.99), at(0.999), at(1),
              unit_name);
}

double clock_overhead() {
  std::vector<double> each;
  for (int i = 0; i < 10'000; ++i) each.push_back(nanoseconds(Clock::now()));
  std::sort(each.begin(), each.end());
  return each[each.size() / 2];
}

/// Of memory that is in use, by the system's account.
std::size_t resident() {
  std::size_t total = 0;
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> total >> pages;
  return pages * 4096;
}

using PolicyPtr = std::shared_ptr<const Policy>;

void measure_asking(const Policy& policy, const std::vector<Request>& requests, double overhead) {
  std::vector<double> each;
  std::size_t allowed = 0;
  std::size_t denied = 0;
  for (int round = 0; round < 2; ++round) {
    each.clear();
    for (const auto& request : requests) {
      const std::array values{Value::of(request.account), Value::of(request.path), Value::of(request.action)};
      const auto start = Clock::now();
      const auto verdict = policy.enforce(values);
      each.push_back(nanoseconds(start));
      allowed += verdict.allowed ? 1 : 0;
      denied += !verdict.allowed && verdict.rule != nullptr ? 1 : 0;
    }
  }
  print("asking", each, 1e3, "us", overhead);
  const auto share = 50.0 / static_cast<double>(requests.size());
  std::printf("%.1f %% allowed, %.1f %% denied by a rule\n", static_cast<double>(allowed) * share,
              static_cast<double>(denied) * share);
}

PolicyPtr measure_changes(const char* what, PolicyPtr policy, const std::vector<Change>& changes) {
  std::vector<double> each;
  for (const auto& change : changes) {
    const auto start = Clock::now();
    auto next = policy->with(std::span(&change, 1)).value();
    each.push_back(nanoseconds(start));
    policy = std::move(next);
  }
  print(what, each, 1e3, "us", 0);
  return policy;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
  const std::uint64_t asked = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 500'000;
  const auto overhead = clock_overhead();
  std::vector<std::vector<std::uint64_t>> members(kRoles);
  const auto rules = policy_of(count, members);
  const auto first = rules.size() - count;
  const auto model = Model::parse(kModel).value();

  const auto before = resident();
  const auto start = Clock::now();
  auto policy = Policy::make(model, rules).value();
  std::printf("%zu rules, %zu role assignments, compiled in %.0f ms\n", policy->size("p"), policy->size("g"),
              nanoseconds(start) / 1e6);
  std::printf("memory                       %.1f MiB\n", static_cast<double>(resident() - before) / (1 << 20));

  std::vector<Request> requests;
  for (std::uint64_t i = 0; i < asked; ++i) requests.push_back(request_for(rules[first + below(count)], members));
  measure_asking(*policy, requests, overhead);

  std::vector<Change> add;
  std::vector<Change> update;
  std::vector<Change> remove;
  std::vector<Change> assign;
  for (std::size_t i = 0; i < kChanges; ++i) {
    const auto fresh = rule(count + i);
    add.push_back(Change::add(fresh));
    const auto& old = rules[first + i * (count / kChanges)];
    auto values = old.values;
    values[1] += "/more";
    update.push_back(Change::update(old, values));
    remove.push_back(Change::remove(fresh));
    assign.push_back(Change::add({"g", {account(kAccounts + i), role(below(kRoles))}}));
  }
  policy = measure_changes("adding a rule", policy, add);
  policy = measure_changes("updating a rule", policy, update);
  policy = measure_changes("removing a rule", policy, remove);
  policy = measure_changes("assigning a role", policy, assign);

  std::vector<PolicyPtr> versions;
  const auto one = resident();
  for (const auto& change : remove) {
    versions.push_back(policy->with(std::array{Change::add(change.rule)}).value());
    policy = versions.back();
  }
  std::printf("memory of a version kept     %.1f KiB\n",
              static_cast<double>(resident() - one) / static_cast<double>(versions.size()) / 1024);
  measure_asking(*policy, requests, overhead);
  return EXIT_SUCCESS;
}
