/// How the rules are found that a matcher can hold for, without trying each.
///
/// A matcher is a choice of branches (`||`), a branch a conjunction (`&&`). Of a branch are used: what asks the request
/// alone, and what binds one column of the rule to it: `r.x == p.x`, `g(r.x, p.x)`, `keyMatch(r.x, p.x)` and the like,
/// or a choice of these for one column, such as `r.act == p.act || p.act == "*"`. The rest is left to evaluation, which
/// has the last word on every rule that is found.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "permissions/expression.hpp"
#include "permissions/row_table.hpp"

namespace souk::permissions {

/// One way in which a column can be right.
struct Probe {
  enum class Kind : std::uint8_t {
    kEqual,    ///< it is the text `request`
    kRole,     ///< it is a role of `request`
    kPattern,  ///< it is a pattern for `request`
  };
  Kind kind;
  NodeIndex request = 0;
  NodeIndex domain = 0;          ///< of a role
  std::uint16_t definition = 0;  ///< of a role
  bool has_domain = false;       ///< of a role
  PatternKind pattern = PatternKind::kKeyMatch;
};

struct BoundColumn {
  std::uint16_t column = 0;
  std::vector<Probe> probes;
};

/// The kind of the patterns among the probes; they have one at most.
std::optional<PatternKind> pattern_of(const BoundColumn& bound);

struct Branch {
  std::vector<NodeIndex> guards;       ///< ask the request alone
  std::vector<BoundColumn> columns;    ///< in the order of the index
  std::optional<BoundColumn> pattern;  ///< bound by a pattern
  std::optional<std::size_t> index;    ///< of the rules' table; without one every rule is tried
};

struct MatchPlan {
  std::vector<Branch> branches;
};

/// `shapes` are the indexes of the rules' table; what this matcher needs is added.
MatchPlan plan_of(const Expression& matcher, std::vector<IndexShape>& shapes);

}  // namespace souk::permissions
