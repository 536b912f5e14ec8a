#include "permissions/match_plan.hpp"

#include <algorithm>

#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

bool asks_request_alone(const Node& node) {
  return !node.asks_rule;
}

bool has_beginning(PatternKind kind) {
  switch (kind) {
    case PatternKind::kKeyGet:
    case PatternKind::kKeyGet2:
    case PatternKind::kKeyGet3: return false;
    default: return true;
  }
}

struct Binding {
  std::uint16_t column;
  Probe probe;
};

std::optional<Binding> equality(const Expression& matcher, const Node& node) {
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto other = matcher.child(node, 1 - side);
    const Node& column = matcher[matcher.child(node, side)];
    if (column.kind != Node::Kind::kColumn || !asks_request_alone(matcher[other])) continue;
    Probe probe{Probe::Kind::kEqual};
    probe.request = other;
    return Binding{column.index, probe};
  }
  return std::nullopt;
}

std::optional<Binding> binding_of(const Expression& matcher, const Node& node) {
  if (node.kind == Node::Kind::kEqual) return equality(matcher, node);
  if (node.kind != Node::Kind::kRole && node.kind != Node::Kind::kPattern) return std::nullopt;
  const Node& column = matcher[matcher.child(node, 1)];
  if (column.kind != Node::Kind::kColumn || !asks_request_alone(matcher[matcher.child(node, 0)])) return std::nullopt;
  Probe probe{node.kind == Node::Kind::kRole ? Probe::Kind::kRole : Probe::Kind::kPattern};
  probe.request = matcher.child(node, 0);
  if (node.kind == Node::Kind::kPattern) {
    if (!has_beginning(node.pattern)) return std::nullopt;
    probe.pattern = node.pattern;
    return Binding{column.index, probe};
  }
  probe.definition = node.index;
  if (node.children_count == 3) {
    probe.has_domain = true;
    probe.domain = matcher.child(node, 2);
    if (!asks_request_alone(matcher[probe.domain])) return std::nullopt;
  }
  return Binding{column.index, probe};
}

/// What a conjunct says of one column; nothing if it says something of several, or something else.
std::optional<BoundColumn> bound_by(const Expression& matcher, NodeIndex conjunct) {
  BoundColumn out;
  const Node& node = matcher[conjunct];
  const auto alone = std::span(&conjunct, 1);
  for (const auto choice : node.kind == Node::Kind::kOr ? matcher.children(node) : alone) {
    const auto binding = binding_of(matcher, matcher[choice]);
    if (!binding || (!out.probes.empty() && out.column != binding->column)) return std::nullopt;
    out.column = binding->column;
    out.probes.push_back(binding->probe);
  }
  return out;
}

bool has_one_pattern(const BoundColumn& bound) {
  const auto kind = pattern_of(bound);
  return std::all_of(bound.probes.begin(), bound.probes.end(),
                     [&](const Probe& probe) { return probe.kind != Probe::Kind::kPattern || probe.pattern == *kind; });
}

bool is_bound(const Branch& branch, std::uint16_t column) {
  return std::any_of(branch.columns.begin(), branch.columns.end(), [&](auto& one) { return one.column == column; }) ||
         (branch.pattern && branch.pattern->column == column);
}

/// Of two patterns the one for keys is worth more: regular expressions seldom begin with a path.
bool is_better(const BoundColumn& pattern, const std::optional<BoundColumn>& than) {
  return !than || (*pattern_of(*than) == PatternKind::kRegexMatch && *pattern_of(pattern) != PatternKind::kRegexMatch);
}

Branch branch_of(const Expression& matcher, NodeIndex index) {
  Branch out;
  const Node& node = matcher[index];
  const auto alone = std::span(&index, 1);
  for (const auto conjunct : node.kind == Node::Kind::kAnd ? matcher.children(node) : alone) {
    if (asks_request_alone(matcher[conjunct])) {
      out.guards.push_back(conjunct);
      continue;
    }
    auto bound = bound_by(matcher, conjunct);
    if (!bound || is_bound(out, bound->column) || !has_one_pattern(*bound)) continue;
    if (!pattern_of(*bound))
      out.columns.push_back(std::move(*bound));
    else if (is_better(*bound, out.pattern))
      out.pattern = std::move(bound);
  }
  return out;
}

IndexShape shape_of(const Branch& branch) {
  IndexShape out;
  for (const auto& bound : branch.columns) out.columns.push_back(bound.column);
  if (branch.pattern) out.pattern = IndexShape::Pattern{branch.pattern->column, *pattern_of(*branch.pattern)};
  return out;
}

}  // namespace

std::optional<PatternKind> pattern_of(const BoundColumn& bound) {
  for (const auto& probe : bound.probes) {
    if (probe.kind == Probe::Kind::kPattern) return probe.pattern;
  }
  return std::nullopt;
}

MatchPlan plan_of(const Expression& matcher, std::vector<IndexShape>& shapes) {
  MatchPlan out;
  const auto root = matcher.root();
  const auto alone = std::span(&root, 1);
  const auto choices = matcher[root].kind == Node::Kind::kOr ? matcher.children(matcher[root]) : alone;
  for (const auto choice : choices) {
    auto branch = branch_of(matcher, choice);
    if (choices.size() <= kBranchesMax && (!branch.columns.empty() || branch.pattern)) {
      const auto shape = shape_of(branch);
      auto found = std::find(shapes.begin(), shapes.end(), shape);
      if (found == shapes.end()) found = shapes.insert(shapes.end(), shape);
      branch.index = static_cast<std::size_t>(found - shapes.begin());
    }
    out.branches.push_back(std::move(branch));
  }
  return out;
}

}  // namespace souk::permissions
