#include "permissions/enforcement.hpp"

#include <algorithm>

#include "permissions/text_hash.hpp"

namespace souk::permissions {
namespace {

/// Whether a rule's condition holds: a number does if it is not nought, as in Casbin.
bool holds(const Value& value) {
  return value.is(true) || (value.is_number() && value.number() != 0);
}
bool does_not_hold(const Value& value) {
  return value.is(false) || (value.is_number() && value.number() == 0);
}

const char* fault_of(const Value& value) {
  return value.is_fault() ? value.why() : "a matcher's value is neither true nor false";
}

/// Patterns that may match the key begin with one of its beginnings, or are the key.
void add_beginnings(std::string_view key, const BeginningCounts& counts, std::vector<std::uint64_t>& hashes) {
  if (counts.whole > 0) hashes.push_back(hash_of_beginning({key, true}));
  std::size_t end = 0;
  for (std::size_t slashes = 0; slashes <= kPrefixSlashesMax; ++slashes) {
    if (counts.with_slashes[slashes] > 0) hashes.push_back(hash_of_beginning({key.substr(0, end), false}));
    const auto slash = key.find('/', end);
    if (slash == std::string_view::npos) return;
    end = slash + 1;
  }
}

}  // namespace

Enforcement::Enforcement(const Policy& policy, const Model::Context& context, std::span<const Value> request,
                         Workspace& workspace)
    : policy_(policy),
      context_(context),
      table_(*policy.rules_[context.rules]),
      workspace_(workspace),
      evaluator_(workspace.evaluator) {
  evaluator_.begin(request, policy.roles_);
}

Verdict Enforcement::judge() {
  if (table_.size() == 0) return without_rules();
  for (const auto& branch : context_.plan.branches) {
    if (is_excluded(branch)) continue;
    if (branch.index && try_branch(branch)) continue;
    try_all();
    break;
  }
  return verdict();
}

Verdict Enforcement::judge_by_scan() {
  if (table_.size() == 0) return without_rules();
  try_all();
  return verdict();
}

Verdict Enforcement::without_rules() {
  const auto value = evaluator_.evaluate(*context_.matcher, context_.matcher->root(), nullptr);
  Verdict out;
  out.why = Verdict::Why::kModel;
  if (holds(value)) {
    out.allowed = true;
  } else if (does_not_hold(value)) {
    out.allowed = context_.combining == Combining::kDenyOverride;
  } else {
    out.fault = fault_of(value);
  }
  return out;
}

/// A number decides nothing here: within a matcher it is a fault, and a rule that denies is believed then.
bool Enforcement::is_excluded(const Branch& branch) {
  return std::any_of(branch.guards.begin(), branch.guards.end(), [&](NodeIndex guard) {
    evaluator_.forget_values();
    return evaluator_.evaluate(*context_.matcher, guard, nullptr).is(false);
  });
}

void Enforcement::try_all() {
  for (auto cursor = table_.rows().begin(); !cursor.at_end(); cursor.next()) {
    if (!consider(**cursor)) return;
  }
}

bool Enforcement::add_probe(const Probe& probe, std::vector<std::uint64_t>& hashes, const PatternIndex* index) {
  evaluator_.forget_values();
  const auto value = evaluator_.evaluate(*context_.matcher, probe.request, nullptr);
  // What is no text equals no column.
  if (probe.kind == Probe::Kind::kEqual && !value.is_fault() && !value.is_text()) return true;
  if (!value.is_text()) return false;
  const auto hash = [&](std::string_view text) {
    return index != nullptr ? hash_of_beginning(beginning_of(index->kind, text)) : hash_of(text);
  };
  if (probe.kind == Probe::Kind::kEqual) {
    hashes.push_back(hash(value.text()));
  } else if (probe.kind == Probe::Kind::kPattern) {
    add_beginnings(compared_part(probe.pattern, value.text()), index->beginnings, hashes);
  } else {
    const auto domain = probe.has_domain ? evaluator_.evaluate(*context_.matcher, probe.domain, nullptr) : value;
    if (!domain.is_text()) return false;
    const auto domain_text = domain.text();
    const auto& roles =
        evaluator_.roles().roles_of(probe.definition, value.text(), probe.has_domain ? &domain_text : nullptr);
    for (const auto& name : roles.names()) hashes.push_back(index != nullptr ? hash(name.text) : name.hash);
  }
  return true;
}

bool Enforcement::collect(const BoundColumn& bound, std::vector<std::uint64_t>& hashes, const PatternIndex* index) {
  hashes.clear();
  // A rule that allows and cannot be evaluated says nothing, and where rules only allow no other one says anything:
  // then what is found otherwise is all there is.
  return std::all_of(bound.probes.begin(), bound.probes.end(), [&](const Probe& probe) {
    return add_probe(probe, hashes, index) || context_.combining == Combining::kAllowOverride;
  });
}

bool Enforcement::try_branch(const Branch& branch) {
  auto& columns = workspace_.columns;
  if (columns.size() < branch.columns.size()) columns.resize(branch.columns.size());
  std::size_t places = 1;
  for (std::size_t i = 0; i < branch.columns.size(); ++i) {
    if (!collect(branch.columns[i], columns[i], nullptr)) return false;
    places *= columns[i].size();
    if (places > table_.size()) return false;
  }
  workspace_.groups.clear();
  add_groups(branch.columns.size(), 0, kNoColumns);
  std::sort(workspace_.groups.begin(), workspace_.groups.end());
  const auto& index = table_.index(*branch.index);
  workspace_.patterns.assign(1, 0);
  if (branch.pattern) {
    const PatternIndex of{pattern_of(*branch.pattern).value(), index.beginnings};
    if (!collect(*branch.pattern, workspace_.patterns, &of)) return false;
  }
  for (const auto pattern : workspace_.patterns) try_pattern(index.entries, pattern);
  return true;
}

void Enforcement::add_groups(std::size_t columns, std::size_t column, std::uint64_t group) {
  if (column == columns) {
    workspace_.groups.push_back(group);
    return;
  }
  for (const auto hash : workspace_.columns[column]) add_groups(columns, column + 1, hash_with(group, hash));
}

void Enforcement::try_pattern(const RowTable::Entries& index, std::uint64_t pattern) {
  const auto& groups = workspace_.groups;
  auto next = groups.begin();
  if (next == groups.end()) return;
  for (auto cursor = index.find({pattern, *next}); !cursor.at_end() && (*cursor).pattern == pattern;) {
    const auto group = (*cursor).group;
    next = std::lower_bound(next, groups.end(), group);
    if (next == groups.end()) return;
    if (group != *next) {
      cursor = index.find({pattern, *next});
      continue;
    }
    while (!cursor.at_end() && (*cursor).group == group && (*cursor).pattern == pattern && consider(*(*cursor).row)) {
      cursor.next();
    }
    if (++next == groups.end()) return;
  }
}

RuleOrder Enforcement::order_of(const Row& row) const {
  if (context_.combining != Combining::kSubjectPriority) return row.order();
  const auto& rules = policy_.model_->rules()[context_.rules];
  std::string name(rules.domain ? row.value(*rules.domain) : std::string_view());
  name.append("::").append(row.value(0));
  const auto level = policy_.levels_->find(name);
  return {level == policy_.levels_->end() ? 0 : level->second, row.order().number};
}

bool Enforcement::consider(const Row& row) {
  const auto order = order_of(row);
  const bool denies = row.effect() == RuleEffect::kDeny;
  const bool stops = context_.combining != Combining::kSubjectPriority;
  switch (context_.combining) {
    case Combining::kAllowOverride:
      if (allow_.row != nullptr && order >= allow_.order) return false;
      if (!denies) try_row(row, order, allow_);
      return true;
    case Combining::kDenyOverride:
      if (deny_.row != nullptr && order >= deny_.order) return false;
      if (denies) try_row(row, order, deny_);
      return true;
    case Combining::kAllowAndDeny:
      if (deny_.row != nullptr && order >= deny_.order) return false;
      if (denies)
        try_row(row, order, deny_);
      else if (deny_.row == nullptr && (allow_.row == nullptr || order < allow_.order))
        try_row(row, order, allow_);
      return true;
    case Combining::kPriority:
    case Combining::kSubjectPriority:
      if (allow_.row != nullptr && order >= allow_.order) return !stops;
      try_row(row, order, allow_);
      return true;
  }
  return true;
}

void Enforcement::try_row(const Row& row, const RuleOrder& order, Best& best) {
  evaluator_.forget_values();
  const auto value = evaluator_.evaluate(*context_.matcher, context_.matcher->root(), &row);
  if (does_not_hold(value)) return;
  const bool is_known = holds(value);
  // Whether it holds cannot be told: who denies is believed, who allows is not.
  if (!is_known && row.effect() == RuleEffect::kAllow) return;
  best = {&row, order, is_known ? nullptr : fault_of(value)};
}

void Enforcement::add_roles_used(const Expression& expression, NodeIndex index, const Row& row,
                                 std::vector<std::vector<std::string>>& out) {
  const Node& node = expression[index];
  switch (node.kind) {
    case Node::Kind::kAnd:
    case Node::Kind::kOr:
      for (const auto child : expression.children(node)) {
        // What does not hold is not why the rule does.
        if (!evaluator_.evaluate(expression, child, &row).is(false)) add_roles_used(expression, child, row, out);
      }
      return;
    case Node::Kind::kCondition: {
      const Expression& condition = *row.condition(static_cast<std::size_t>(node.slot));
      return add_roles_used(condition, condition.root(), row, out);
    }
    case Node::Kind::kRole: return add_way(expression, node, row, out);
    default: return;
  }
}

void Enforcement::add_way(const Expression& expression, const Node& node, const Row& row,
                          std::vector<std::vector<std::string>>& out) {
  const auto subject = evaluator_.evaluate(expression, expression.child(node, 0), &row);
  const auto role = evaluator_.evaluate(expression, expression.child(node, 1), &row);
  const auto domain =
      node.children_count == 3 ? evaluator_.evaluate(expression, expression.child(node, 2), &row) : role;
  if (!subject.is_text() || !role.is_text() || !domain.is_text()) return;
  const auto domain_text = domain.text();
  const auto& roles =
      evaluator_.roles().roles_of(node.index, subject.text(), node.children_count == 3 ? &domain_text : nullptr);
  auto at = roles.find(role.text());
  if (!at || *at == 0) return;
  std::vector<std::string> way;
  for (; *at != 0; at = roles.names()[*at].parent) way.emplace_back(roles.names()[*at].text);
  way.emplace_back(subject.text());
  std::reverse(way.begin(), way.end());
  out.push_back(std::move(way));
}

std::vector<std::vector<std::string>> Enforcement::roles_used(const Row& row) {
  std::vector<std::vector<std::string>> out;
  evaluator_.forget_values();
  add_roles_used(*context_.matcher, context_.matcher->root(), row, out);
  return out;
}

Verdict Enforcement::verdict() const {
  const Best& best = deny_.row != nullptr ? deny_ : allow_;
  Verdict out;
  if (best.row == nullptr) {
    out.allowed = context_.combining == Combining::kDenyOverride;
    out.why = out.allowed ? Verdict::Why::kNotDenied : Verdict::Why::kNoRule;
    return out;
  }
  out.allowed = best.row->effect() == RuleEffect::kAllow;
  out.why = best.fault == nullptr ? Verdict::Why::kRule : Verdict::Why::kUnreadable;
  out.rule = best.row;
  out.fault = best.fault;
  return out;
}

}  // namespace souk::permissions
