/// How often what may be asked, and by which networks: the rules and networks that administrators have set, one entity.
///
/// Its version is that of the policy: a roll back is one more version with the content of an earlier one, which comes
/// in with the command, for a state knows nothing of its past. Errors: kInvalid "limits.…" (rule.hpp),
/// "limits.network_invalid", "limits.note_invalid", "limits.version_unknown"; kNotFound "limits.rule_not_found",
/// "limits.network_not_found"; kConflict "limits.rules_full", "limits.rules_full_of_route", "limits.networks_full".
#pragma once

#include "engine/entity.hpp"
#include "engine/limits/rule.hpp"

namespace souk::limit_policy {

using limits::Rule;

inline constexpr std::size_t kNetworksMax = 10'000;
inline constexpr std::size_t kNetworkSizeMax = 43;
inline constexpr std::size_t kNoteSizeMax = 200;

enum class Standing : std::uint8_t {
  kBlocked,  ///< nothing is answered but a refusal
  kExempt,   ///< no rule counts it
};

struct Network {
  std::string network;  ///< such as "192.0.2.0/24", as net/address.hpp writes it
  Standing standing = Standing::kBlocked;
  std::string note = {};  ///< why

  static constexpr auto fields() {
    return field_list(field("network", &Network::network), field("standing", &Network::standing),
                      defaulted("note", &Network::note));
  }
  friend bool operator==(const Network&, const Network&) = default;
};

struct Content {
  std::vector<Rule> rules;        ///< by id
  std::vector<Network> networks;  ///< by their text

  static constexpr auto fields() {
    return field_list(field("rules", &Content::rules), field("networks", &Content::networks));
  }
  friend bool operator==(const Content&, const Content&) = default;
};

struct State {
  bool begun = false;  ///< whether it was said what a shop begins with
  Content content;

  static constexpr auto fields() {
    return field_list(field("begun", &State::begun), field("content", &State::content));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Null if there is none.
const Rule* find_rule(const State& state, std::string_view id);
const Network* find_network(const State& state, std::string_view network);

// --- commands

/// What a shop begins with; obeyed only while nothing was ever set.
struct Begin {
  std::vector<Rule> rules;
  friend bool operator==(const Begin&, const Begin&) = default;
};

/// Adds it, or replaces the one of its id.
struct PutRule {
  Rule rule;
  friend bool operator==(const PutRule&, const PutRule&) = default;
};

struct RemoveRule {
  std::string id;
  friend bool operator==(const RemoveRule&, const RemoveRule&) = default;
};

/// Adds it, or replaces what is said of it.
struct PutNetwork {
  Network network;
  friend bool operator==(const PutNetwork&, const PutNetwork&) = default;
};

struct RemoveNetwork {
  std::string network;
  friend bool operator==(const RemoveNetwork&, const RemoveNetwork&) = default;
};

struct RollBack {
  Version version;
  Content content;  ///< as it was then
  friend bool operator==(const RollBack&, const RollBack&) = default;
};

// --- events

struct Begun {
  static constexpr std::string_view kType = "limits.begun";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<Rule> rules;

  static constexpr auto fields() { return field_list(field("rules", &Begun::rules)); }
  friend bool operator==(const Begun&, const Begun&) = default;
};

struct RulePut {
  static constexpr std::string_view kType = "limits.rule_put";
  static constexpr std::uint16_t kSchema = 1;
  Rule rule;

  static constexpr auto fields() { return field_list(field("rule", &RulePut::rule)); }
  friend bool operator==(const RulePut&, const RulePut&) = default;
};

struct RuleRemoved {
  static constexpr std::string_view kType = "limits.rule_removed";
  static constexpr std::uint16_t kSchema = 1;
  std::string id;

  static constexpr auto fields() { return field_list(field("id", &RuleRemoved::id)); }
  friend bool operator==(const RuleRemoved&, const RuleRemoved&) = default;
};

struct NetworkPut {
  static constexpr std::string_view kType = "limits.network_put";
  static constexpr std::uint16_t kSchema = 1;
  Network network;

  static constexpr auto fields() { return field_list(field("network", &NetworkPut::network)); }
  friend bool operator==(const NetworkPut&, const NetworkPut&) = default;
};

struct NetworkRemoved {
  static constexpr std::string_view kType = "limits.network_removed";
  static constexpr std::uint16_t kSchema = 1;
  std::string network;

  static constexpr auto fields() { return field_list(field("network", &NetworkRemoved::network)); }
  friend bool operator==(const NetworkRemoved&, const NetworkRemoved&) = default;
};

struct RolledBack {
  static constexpr std::string_view kType = "limits.rolled_back";
  static constexpr std::uint16_t kSchema = 1;
  Version version;
  Content content;

  static constexpr auto fields() {
    return field_list(field("version", &RolledBack::version), field("content", &RolledBack::content));
  }
  friend bool operator==(const RolledBack&, const RolledBack&) = default;
};

}  // namespace souk::limit_policy

template <>
struct souk::EnumNames<souk::limit_policy::Standing> {
  static constexpr std::array<std::string_view, 2> values = {"blocked", "exempt"};
};

namespace souk {

struct LimitPolicy {
  static constexpr std::string_view kKind = "limits";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = LimitPolicyId;
  using State = limit_policy::State;
  using Command = std::variant<limit_policy::Begin, limit_policy::PutRule, limit_policy::RemoveRule,
                               limit_policy::PutNetwork, limit_policy::RemoveNetwork, limit_policy::RollBack>;
  using Event = std::variant<limit_policy::Begun, limit_policy::RulePut, limit_policy::RuleRemoved,
                             limit_policy::NetworkPut, limit_policy::NetworkRemoved, limit_policy::RolledBack>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

/// There is one policy.
inline constexpr LimitPolicyId kLimitPolicy{Id128{0, 1}};

}  // namespace souk
