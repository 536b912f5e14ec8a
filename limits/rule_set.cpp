#include "limits/rule_set.hpp"

#include <algorithm>

#include "limits/gates.hpp"

namespace souk::limits {
namespace {

tl::unexpected<Error> wrong(const Rule& rule, std::string_view reason, const std::string& detail) {
  return fail(ErrorCode::kInvalid, reason, rule.id + ": " + detail);
}

/// The rule of the same id in the set before, if there was one.
const CompiledRule* find(const RuleSet* set, std::string_view id) {
  if (set == nullptr) return nullptr;
  const auto found =
      std::find_if(set->rules().begin(), set->rules().end(), [&](const auto& one) { return one->rule.id == id; });
  return found == set->rules().end() ? nullptr : found->get();
}

bool names(const Rule& rule, const std::string& route) {
  return rule.routes.empty() || std::find(rule.routes.begin(), rule.routes.end(), route) != rule.routes.end();
}

}  // namespace

RuleId::RuleId(std::string_view id) : size_(static_cast<std::uint8_t>(std::min(id.size(), kIdSizeMax))) {
  std::copy_n(id.begin(), size_, text_.begin());
}

Result<std::shared_ptr<const RuleSet>> RuleSet::compile(const std::vector<Rule>& rules,
                                                        const std::vector<RouteShape>& routes, const CounterKeys& keys,
                                                        std::int64_t nodes, const RuleSet* before) {
  if (rules.size() > kRulesMax) {
    return fail(ErrorCode::kInvalid, "limits.rules_too_many", "there may be 1000 rules");
  }
  auto set = std::make_shared<RuleSet>();
  set->by_route_.resize(routes.size());
  for (const Rule& rule : rules) {
    if (auto added = set->add(rule, {routes, keys, nodes, before, nullptr}); !added) {
      return tl::unexpected<Error>(std::move(added.error()));
    }
  }
  return set;
}

std::shared_ptr<const RuleSet> RuleSet::compile_what_fits(const std::vector<Rule>& rules,
                                                          const std::vector<RouteShape>& routes,
                                                          const CounterKeys& keys, std::int64_t nodes,
                                                          const RuleSet* before, std::vector<Error>& left_out) {
  auto set = std::make_shared<RuleSet>();
  set->by_route_.resize(routes.size());
  for (const Rule& rule : rules) {
    auto added = set->add(rule, {routes, keys, nodes, before, &left_out});
    if (!added) left_out.push_back(std::move(added.error()));
  }
  return set;
}

Result<void> RuleSet::add(const Rule& rule, const Place& place) {
  if (find(this, rule.id) != nullptr) return wrong(rule, "limits.id_taken", "two rules have this id");
  if (auto valid = validate(rule); !valid) return wrong(rule, valid.error().reason, valid.error().detail);
  for (const std::string& name : rule.routes) {
    if (std::ranges::find(place.routes, name, &RouteShape::name) != place.routes.end()) continue;
    const auto unknown = wrong(rule, "limits.route_unknown", "routes: there is no " + name);
    if (place.left_out == nullptr) return unknown;
    place.left_out->push_back(unknown.value());
  }
  auto made = std::make_unique<CompiledRule>();
  made->rule = rule;
  made->id = RuleId(rule.id);
  made->counter = place.keys.of_text("rate " + encode(rule));
  made->share_counter = place.keys.of_text("share " + encode(rule));
  made->gate = place.keys.of_text("gate " + rule.id);
  if (rule.requests > 0) made->rate = Rate::of(rule);
  if (made->rate && rule.scope == Scope::kCluster) made->share = made->rate->share(place.nodes);
  if (rule.subject == Subject::kRoute) {
    const CompiledRule* old = find(place.before, rule.id);
    const bool is_same = old != nullptr && old->rule == rule;
    made->pinned = is_same ? old->pinned : std::make_shared<PinnedMeter>();
    made->pinned_share = is_same ? old->pinned_share : std::make_shared<PinnedMeter>();
  }
  const auto attached = attach(*made, place);
  if (!attached) return tl::unexpected<Error>(attached.error());
  if (*attached > 0 || place.left_out == nullptr) rules_.push_back(std::move(made));
  return {};
}

Result<std::size_t> RuleSet::attach(const CompiledRule& rule, const Place& place) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < place.routes.size(); ++i) {
    if (!names(rule.rule, place.routes[i].name)) continue;
    auto one = fit(rule, place.routes[i], by_route_[i]);
    if (one) {
      by_route_[i].push_back(*one);
      ++count;
    } else if (place.left_out != nullptr) {
      place.left_out->push_back(std::move(one.error()));
    } else {
      return tl::unexpected<Error>(std::move(one.error()));
    }
  }
  return count;
}

Result<RuleSet::OfRoute> RuleSet::fit(const CompiledRule& rule, const RouteShape& route,
                                      const std::vector<OfRoute>& others) {
  OfRoute one{&rule, 0};
  if (rule.rule.subject == Subject::kParameter) {
    const auto found = std::ranges::find(route.parameters, rule.rule.parameter);
    if (found == route.parameters.end()) {
      return wrong(rule.rule, "limits.parameter_unknown", "parameter: " + route.name + " has none of this name");
    }
    one.parameter = static_cast<std::size_t>(found - route.parameters.begin());
  }
  const auto gates = static_cast<std::size_t>(
      std::ranges::count_if(others, [](const auto& other) { return other.rule->rule.concurrent > 0; }));
  const bool has_gate = rule.rule.concurrent > 0;
  if (others.size() >= kRulesOfRouteMax || (has_gate && gates >= kConcurrentOfRouteMax)) {
    return wrong(rule.rule, "limits.rules_too_many_of_route",
                 route.name + " may have 16 rules, of which 4 count requests at once");
  }
  return one;
}

}  // namespace souk::limits
