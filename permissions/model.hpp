/// How requests, rules and verdicts look: Casbin's PERM model, read from its text.
///
///   [request_definition]
///   r = sub, obj, act
///   [policy_definition]
///   p = sub, obj, act
///   [role_definition]
///   g = _, _
///   [policy_effect]
///   e = some(where (p.eft == allow))
///   [matchers]
///   m = g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && r.act == p.act
///
/// A definition may go on in the next line behind a backslash; `#` begins a comment. `r2`, `p2`, `e2` and `m2` (up to
/// 8) are another context: a matcher m2 uses r2, p2 and e2, or r, p and e where there is no such one. Thread-safety:
/// never changes. Errors, all kInvalid, with the line: "permissions.model_size", "permissions.model_syntax",
/// "permissions.model_definition" (a name or list that is none, something that is missing or defined twice),
/// "permissions.model_effect" (none of Casbin's five), "permissions.model_matcher".
/// Limits: limits.hpp.
/// Source: Casbin, "Syntax for models", "Effector", "Priority model".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "permissions/expression.hpp"
#include "permissions/match_plan.hpp"
#include "permissions/row_table.hpp"

namespace souk::permissions {

enum class Combining : std::uint8_t {
  kAllowOverride,    ///< some(where (p.eft == allow))
  kDenyOverride,     ///< !some(where (p.eft == deny))
  kAllowAndDeny,     ///< some(where (p.eft == allow)) && !some(where (p.eft == deny))
  kPriority,         ///< priority(p.eft) || deny
  kSubjectPriority,  ///< subjectPriority(p.eft) || deny
};

class Model {
 public:
  struct Definition {
    std::string name;                  ///< "r", "p2"
    std::vector<std::string> columns;  ///< of the request or of the rules
  };
  struct RuleDefinition {
    Definition definition;
    std::optional<std::size_t> effect;    ///< the column "eft"
    std::optional<std::size_t> priority;  ///< the column "priority"
    std::optional<std::size_t> domain;    ///< the column "dom"
    std::vector<Slot> slots;
    std::vector<IndexShape> indexes;
  };
  struct Context {
    std::size_t requests = 0;  ///< number of the definition
    std::size_t rules = 0;     ///< number of the definition
    Combining combining = Combining::kAllowOverride;
    std::shared_ptr<const Expression> matcher;
    MatchPlan plan;
  };

  static Result<std::shared_ptr<const Model>> parse(std::string_view text);

  [[nodiscard]] std::span<const Definition> requests() const { return requests_; }
  [[nodiscard]] std::span<const RuleDefinition> rules() const { return rules_; }
  [[nodiscard]] std::span<const Scope::Role> roles() const { return roles_; }
  [[nodiscard]] std::span<const IndexShape> role_indexes(std::size_t definition) const {
    return std::span(&role_indexes_[definition], 1);
  }
  /// The context of m is 0, that of m2 is 1, …; null if there is none.
  [[nodiscard]] const Context* context(std::size_t number) const {
    return number < contexts_.size() && contexts_[number] ? &*contexts_[number] : nullptr;
  }
  /// Whether rules stand in the order of their subjects' roles.
  [[nodiscard]] bool has_subject_priority() const { return has_subject_priority_; }
  /// Whose names a condition in a rule uses.
  [[nodiscard]] Scope scope_of(std::size_t context) const;

 private:
  friend class ModelReader;
  std::vector<Definition> requests_;
  std::vector<RuleDefinition> rules_;
  std::vector<Scope::Role> roles_;
  std::vector<IndexShape> role_indexes_;
  std::vector<std::optional<Context>> contexts_;
  bool has_subject_priority_ = false;
};

}  // namespace souk::permissions
