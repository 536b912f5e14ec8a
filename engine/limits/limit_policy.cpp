#include "engine/limits/limit_policy.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace limit_policy {
namespace {

/// Where the one of this name stands, or would stand.
template <class Items, class Name>
auto place_of(Items& items, std::string_view name, const Name& name_of_item) {
  return std::lower_bound(items.begin(), items.end(), name, [&](const auto& item, std::string_view wanted) {
    return std::string_view(item.*name_of_item) < wanted;
  });
}

template <class Item, class Name>
const Item* find(const std::vector<Item>& items, std::string_view name, const Name& name_of_item) {
  const auto at = place_of(items, name, name_of_item);
  return at != items.end() && (*at).*name_of_item == name ? &*at : nullptr;
}

template <class Item, class Name>
void put(std::vector<Item>& items, const Item& item, const Name& name_of_item) {
  const auto at = place_of(items, item.*name_of_item, name_of_item);
  if (at != items.end() && (*at).*name_of_item == item.*name_of_item) {
    *at = item;
  } else {
    items.insert(at, item);
  }
}

template <class Item, class Name>
void remove(std::vector<Item>& items, std::string_view name, const Name& name_of_item) {
  std::erase_if(items, [&](const Item& item) { return item.*name_of_item == name; });
}

}  // namespace

const Rule* find_rule(const State& state, std::string_view id) {
  return find(state.content.rules, id, &Rule::id);
}

const Network* find_network(const State& state, std::string_view network) {
  return find(state.content.networks, network, &Network::network);
}

}  // namespace limit_policy

namespace {

using namespace limit_policy;
using Events = std::vector<LimitPolicy::Event>;

/// How many rules a route has.
struct Count {
  std::size_t rules = 0;
  std::size_t concurrent = 0;
  const Rule* last = nullptr;  ///< a route may be named twice

  void add(const Rule& rule) {
    if (std::exchange(last, &rule) == &rule) return;
    ++rules;
    if (rule.concurrent > 0) ++concurrent;
  }
};

Result<void> check_rules(const std::vector<Rule>& rules) {
  if (rules.size() > limits::kRulesMax) {
    return fail(ErrorCode::kConflict, "limits.rules_full", "there may be 1000 rules");
  }
  Count of_all;
  std::map<std::string_view, Count> of_routes{{"", {}}};  // the first stands for routes that no rule names
  for (const auto& rule : rules) {
    if (rule.routes.empty()) of_all.add(rule);
    for (const auto& route : rule.routes) of_routes[route].add(rule);
  }
  for (const auto& [route, own] : of_routes) {
    if (of_all.rules + own.rules > limits::kRulesOfRouteMax ||
        of_all.concurrent + own.concurrent > limits::kConcurrentOfRouteMax) {
      return fail(ErrorCode::kConflict, "limits.rules_full_of_route",
                  "a route may have 16 rules, of which 4 count requests at once");
    }
  }
  return {};
}

/// Only its form; what it means is said where addresses are understood.
Result<void> check(const Network& network) {
  const auto is_fit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '.' || c == ':' || c == '/';
  };
  const std::string& text = network.network;
  if (text.empty() || text.size() > kNetworkSizeMax || !std::ranges::all_of(text, is_fit)) {
    return fail(ErrorCode::kInvalid, "limits.network_invalid", "a network is written like 192.0.2.0/24");
  }
  if (!is_line_of(network.note, 0, kNoteSizeMax)) {
    return fail(ErrorCode::kInvalid, "limits.note_invalid", "a note has at most 200 characters on one line");
  }
  return {};
}

Result<void> check(const Content& content) {
  if (content.networks.size() > kNetworksMax) {
    return fail(ErrorCode::kConflict, "limits.networks_full", "there may be 10000 networks");
  }
  for (const auto& rule : content.rules) {
    if (auto valid = limits::validate(rule); !valid) return valid;
  }
  for (const auto& network : content.networks) {
    if (auto valid = check(network); !valid) return valid;
  }
  return check_rules(content.rules);
}

/// However they were given: by id, and of those with one id the last.
std::vector<Rule> in_order(const std::vector<Rule>& rules) {
  std::vector<Rule> out;
  for (const auto& rule : rules) put(out, rule, &Rule::id);
  return out;
}

Content in_order(const Content& content) {
  Content out{in_order(content.rules), {}};
  for (const auto& network : content.networks) put(out.networks, network, &Network::network);
  return out;
}

Result<Events> on(const State& state, const Begin& command) {
  if (state.begun) return Events{};
  // What administrators have said by then counts for more.
  Content content{in_order(command.rules), {}};
  for (const auto& rule : state.content.rules) put(content.rules, rule, &Rule::id);
  if (auto valid = check(content); !valid) {
    if (state.content.rules.empty()) return tl::unexpected<Error>(std::move(valid.error()));
    content.rules = state.content.rules;
  }
  return Events{Begun{content.rules}};
}

Result<Events> on(const State& state, const PutRule& command) {
  auto valid = limits::validate(command.rule);
  const Rule* known = find_rule(state, command.rule.id);
  if (valid && known != nullptr && *known == command.rule) return Events{};
  if (valid) {
    auto rules = state.content.rules;
    put(rules, command.rule, &Rule::id);
    valid = check_rules(rules);
  }
  if (!valid) return tl::unexpected<Error>(std::move(valid.error()));
  return Events{RulePut{command.rule}};
}

Result<Events> on(const State& state, const RemoveRule& command) {
  if (find_rule(state, command.id) == nullptr) {
    return fail(ErrorCode::kNotFound, "limits.rule_not_found", "there is no such rule");
  }
  return Events{RuleRemoved{command.id}};
}

Result<Events> on(const State& state, const PutNetwork& command) {
  if (auto valid = check(command.network); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  const Network* known = find_network(state, command.network.network);
  if (known != nullptr && *known == command.network) return Events{};
  if (known == nullptr && state.content.networks.size() >= kNetworksMax) {
    return fail(ErrorCode::kConflict, "limits.networks_full", "there may be 10000 networks");
  }
  return Events{NetworkPut{command.network}};
}

Result<Events> on(const State& state, const RemoveNetwork& command) {
  if (find_network(state, command.network) == nullptr) {
    return fail(ErrorCode::kNotFound, "limits.network_not_found", "nothing is said of this network");
  }
  return Events{NetworkRemoved{command.network}};
}

Result<Events> on(const State& state, const RollBack& command) {
  if (!state.begun || command.version == Version{}) {
    return fail(ErrorCode::kInvalid, "limits.version_unknown", "there was no such version");
  }
  auto content = in_order(command.content);
  if (auto valid = check(content); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  if (content == state.content) return Events{};
  return Events{RolledBack{command.version, std::move(content)}};
}

void apply(State& state, const Begun& event) {
  state.begun = true;
  state.content.rules = event.rules;
}
void apply(State& state, const RulePut& event) {
  put(state.content.rules, event.rule, &Rule::id);
}
void apply(State& state, const RuleRemoved& event) {
  remove(state.content.rules, event.id, &Rule::id);
}
void apply(State& state, const NetworkPut& event) {
  put(state.content.networks, event.network, &Network::network);
}
void apply(State& state, const NetworkRemoved& event) {
  remove(state.content.networks, event.network, &Network::network);
}
void apply(State& state, const RolledBack& event) {
  state.begun = true;
  state.content = event.content;
}

}  // namespace

Result<std::vector<LimitPolicy::Event>> LimitPolicy::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

LimitPolicy::State LimitPolicy::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects LimitPolicy::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<LimitPolicy::Command> LimitPolicy::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
