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
    if (find(set.get(), rule.id) != nullptr) return wrong(rule, "limits.id_taken", "two rules have this id");
    if (auto added = set->add(rule, routes, keys, nodes, before); !added) {
      return tl::unexpected<Error>(std::move(added.error()));
    }
  }
  return set;
}

Result<void> RuleSet::add(const Rule& rule, const std::vector<RouteShape>& routes, const CounterKeys& keys,
                          std::int64_t nodes, const RuleSet* before) {
  if (auto valid = validate(rule); !valid) return wrong(rule, valid.error().reason, valid.error().detail);
  for (const std::string& name : rule.routes) {
    const bool exists = std::any_of(routes.begin(), routes.end(), [&](const auto& one) { return one.name == name; });
    if (!exists) return wrong(rule, "limits.route_unknown", "routes: there is no " + name);
  }
  auto made = std::make_unique<CompiledRule>();
  made->rule = rule;
  made->id = RuleId(rule.id);
  made->counter = keys.of_text("rate " + encode(rule));
  made->share_counter = keys.of_text("share " + encode(rule));
  made->gate = keys.of_text("gate " + rule.id);
  if (rule.requests > 0) {
    const auto rate = Rate::of(rule);
    if (!rate) return wrong(rule, rate.error().reason, rate.error().detail);
    made->rate = *rate;
  }
  if (made->rate && rule.scope == Scope::kCluster) made->share = made->rate->share(nodes);
  if (rule.subject == Subject::kRoute) {
    const CompiledRule* old = find(before, rule.id);
    const bool is_same = old != nullptr && old->rule == rule;
    made->pinned = is_same ? old->pinned : std::make_shared<PinnedMeter>();
    made->pinned_share = is_same ? old->pinned_share : std::make_shared<PinnedMeter>();
  }
  auto attached = attach(*made, routes);
  rules_.push_back(std::move(made));
  return attached;
}

Result<void> RuleSet::attach(const CompiledRule& rule, const std::vector<RouteShape>& routes) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (!names(rule.rule, routes[i].name)) continue;
    OfRoute one{&rule, 0};
    if (rule.rule.subject == Subject::kParameter) {
      const auto& parameters = routes[i].parameters;
      const auto found = std::find(parameters.begin(), parameters.end(), rule.rule.parameter);
      if (found == parameters.end()) {
        return wrong(rule.rule, "limits.parameter_unknown", "parameter: " + routes[i].name + " has none of this name");
      }
      one.parameter = static_cast<std::size_t>(found - parameters.begin());
    }
    auto& all = by_route_[i];
    all.push_back(one);
    const auto gates = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& other) { return other.rule->rule.concurrent > 0; }));
    if (all.size() > kRulesOfRouteMax || gates > kConcurrentOfRouteMax) {
      return wrong(rule.rule, "limits.rules_too_many_of_route",
                   routes[i].name + " may have 16 rules, of which 4 count requests at once");
    }
  }
  return {};
}

}  // namespace souk::limits
