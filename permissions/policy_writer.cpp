#include "permissions/policy_writer.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "engine/base/utf8.hpp"
#include "net/address.hpp"
#include "permissions/expression_parser.hpp"
#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

Result<void> check_value(const std::string& value) {
  if (value.size() <= kValueBytesMax && is_line_of(value, 0, kValueBytesMax)) return {};
  return fail(ErrorCode::kInvalid, "permissions.rule_value",
              "a value has at most 1,024 bytes of UTF-8 without control characters");
}

Result<RuleEffect> effect_of(std::string_view text) {
  if (text == "allow") return RuleEffect::kAllow;
  if (text == "deny") return RuleEffect::kDeny;
  return fail(ErrorCode::kInvalid, "permissions.rule_effect", "'" + std::string(text) + "' is neither allow nor deny");
}

Result<void> check_network(std::string_view text) {
  if (net::Network::around(text)) return {};
  return fail(ErrorCode::kInvalid, "permissions.rule_pattern",
              "\"" + std::string(text) + "\": it is no address or network");
}

/// A condition belongs to one rule, so what its patterns and networks are is known when the rule is added.
Result<void> check_condition(const Expression& condition, std::span<const std::string> values) {
  for (const Node& node : condition.nodes()) {
    if (node.kind != Node::Kind::kPattern && node.kind != Node::Kind::kIpMatch) continue;
    const Node& operand = condition[condition.child(node, 1)];
    if (operand.kind != Node::Kind::kColumn) continue;
    const std::string& value = values[operand.index];
    auto checked =
        node.kind == Node::Kind::kIpMatch ? check_network(value) : prepare(node.pattern, value).map([](const auto&) {});
    if (!checked) return checked;
  }
  return {};
}

/// What is no number comes last.
std::int64_t priority_of(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() ? out : INT64_MAX;
}

}  // namespace

PolicyWriter::PolicyWriter(const Policy& before) : out_(new Policy(before)) {}

PolicyWriter::PolicyWriter(std::shared_ptr<const Model> model) : out_(new Policy()) {
  out_->model_ = std::move(model);
  for (const auto& rules : out_->model_->rules()) {
    out_->rules_.push_back(std::make_shared<RowTable>(rules.indexes, rules.slots));
  }
  for (std::size_t i = 0; i < out_->model_->roles().size(); ++i) {
    out_->roles_.push_back(std::make_shared<RowTable>(out_->model_->role_indexes(i), std::span<const Slot>()));
  }
  roles_changed_ = true;
}

RowTable* PolicyWriter::own(std::vector<std::shared_ptr<const RowTable>>& tables, std::size_t number) {
  auto& table = tables[number];
  const auto is_this = [&](const auto& one) { return one == table; };
  const auto found = std::find_if(owned_.begin(), owned_.end(), is_this);
  if (found != owned_.end()) return found->get();
  owned_.push_back(std::make_shared<RowTable>(*table));
  table = owned_.back();
  return owned_.back().get();
}

Result<PolicyWriter::Target> PolicyWriter::target_of(const Rule& rule) {
  const Model& model = *out_->model_;
  for (std::size_t i = 0; i < model.rules().size(); ++i) {
    const auto& rules = model.rules()[i];
    if (rules.definition.name != rule.kind) continue;
    return Target{own(out_->rules_, i), &rules, rules.definition.columns.size()};
  }
  for (std::size_t i = 0; i < model.roles().size(); ++i) {
    if (model.roles()[i].name != rule.kind) continue;
    roles_changed_ = true;
    return Target{own(out_->roles_, i), nullptr, model.roles()[i].has_domain ? std::size_t{3} : std::size_t{2}};
  }
  return fail(ErrorCode::kInvalid, "permissions.rule_kind", "the model defines no '" + rule.kind + "'");
}

std::size_t PolicyWriter::regexes() const {
  std::size_t count = 0;
  for (const auto& table : out_->rules_) count += table->regexes();
  return count;
}

Result<std::vector<Row::Prepared>> PolicyWriter::prepare_row(const Target& target,
                                                             const std::vector<std::string>& values) const {
  std::vector<Row::Prepared> out;
  if (target.rules == nullptr) return out;
  const auto& slots = target.rules->slots;
  bool is_needed = false;
  out.resize(slots.size());
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& value = values[slots[i].column];
    if (slots[i].kind == Slot::Kind::kNetwork) {
      if (auto checked = check_network(value); !checked) return tl::unexpected(std::move(checked.error()));
      continue;
    }
    if (slots[i].kind == Slot::Kind::kCondition) {
      auto condition = parse_expression(value, out_->model_->scope_of(slots[i].context));
      if (!condition) return fail(ErrorCode::kInvalid, "permissions.rule_condition", condition.error().detail);
      if (auto checked = check_condition(**condition, values); !checked) {
        return tl::unexpected(std::move(checked.error()));
      }
      out[i].condition = std::move(*condition);
      is_needed = true;
      continue;
    }
    out[i].regex = target.table->find_regex(slots[i].pattern, value);
    if (out[i].regex == nullptr) {
      auto regex = prepare(slots[i].pattern, value);
      if (!regex) return tl::unexpected(std::move(regex.error()));
      out[i].regex = std::move(*regex);
      fresh += out[i].regex != nullptr ? 1 : 0;
    }
    is_needed = is_needed || out[i].regex != nullptr;
  }
  if (fresh > 0 && regexes() + fresh > kRegexesMax) {
    return fail(ErrorCode::kConflict, "permissions.too_many_patterns",
                "there are at most 2,048 different patterns that are regular expressions");
  }
  if (!is_needed) out.clear();
  return out;
}

Result<std::shared_ptr<const Row>> PolicyWriter::make_row(const Target& target, const std::vector<std::string>& values,
                                                          std::uint64_t number) const {
  if (values.size() != target.values) {
    return fail(
        ErrorCode::kInvalid, "permissions.rule_size",
        "there are " + std::to_string(values.size()) + " values where " + std::to_string(target.values) + " belong");
  }
  for (const auto& value : values) {
    if (auto checked = check_value(value); !checked) return tl::unexpected(std::move(checked.error()));
  }
  auto effect = RuleEffect::kAllow;
  RuleOrder order{0, number};
  if (target.rules != nullptr && target.rules->effect) {
    const auto said = effect_of(values[*target.rules->effect]);
    if (!said) return tl::unexpected(said.error());
    effect = *said;
  }
  if (target.rules != nullptr && target.rules->priority) order.priority = priority_of(values[*target.rules->priority]);
  auto prepared = prepare_row(target, values);
  if (!prepared) return tl::unexpected(std::move(prepared.error()));
  return Row::make(order, effect, values, std::move(*prepared));
}

Result<void> PolicyWriter::insert(const Target& target, const std::vector<std::string>& values, std::uint64_t number) {
  const auto row = make_row(target, values, number);
  if (!row) return tl::unexpected(row.error());
  if (target.table->find(values) != nullptr) {
    return fail(ErrorCode::kConflict, "permissions.rule_exists", "there is this rule already");
  }
  if (const auto place = target.table->rows().find((*row)->order());
      !place.at_end() && (*place)->order() == (*row)->order()) {
    return fail(ErrorCode::kConflict, "permissions.rule_exists", "another rule has its number");
  }
  target.table->insert(*row, edit_);
  return {};
}

Result<void> PolicyWriter::add(const Rule& rule, RuleId id) {
  const auto target = target_of(rule);
  if (!target) return tl::unexpected(target.error());
  if (target->table->size() >= kRulesMax) {
    return fail(ErrorCode::kConflict, "permissions.too_many_rules", "there are at most 1,000,000 rules of a kind");
  }
  const auto number = id == RuleId{} ? out_->last_number_ + 1 : static_cast<std::uint64_t>(id);
  out_->last_number_ = std::max(out_->last_number_, number);
  return insert(*target, rule.values, number);
}

Result<void> PolicyWriter::apply(const Change& change) {
  const auto in_words = [&](Result<void> done) {
    if (!done) done.error().detail = to_line(change.rule) + ": " + done.error().detail;
    return done;
  };
  if (change.kind == Change::Kind::kAdd) return in_words(add(change.rule, change.id));
  const auto target = target_of(change.rule);
  if (!target) return in_words(tl::unexpected(target.error()));
  const Row* row = target->table->find(change.rule.values);
  if (row == nullptr) {
    return in_words(fail(ErrorCode::kNotFound, "permissions.rule_not_found", "there is no such rule"));
  }
  const auto number = row->order().number;
  target->table->erase(*row, edit_);
  if (change.kind == Change::Kind::kRemove) return {};
  return in_words(insert(*target, change.values, number));
}

/// Levels as Casbin counts them: 0 has who is nobody's role, any other one more than the highest of those who have it.
Result<void> PolicyWriter::order_subjects() {
  const RowTable& table = *out_->roles_.front();
  const bool has_domain = out_->model_->roles().front().has_domain;
  std::unordered_map<std::string, std::vector<std::string>> roles_of;
  std::unordered_map<std::string, std::size_t> members_left;
  for (auto cursor = table.rows().begin(); !cursor.at_end(); cursor.next()) {
    const Row& row = **cursor;
    const auto name = [&](std::size_t column) {
      return std::string(has_domain ? row.value(2) : std::string_view()).append("::").append(row.value(column));
    };
    roles_of[name(0)].push_back(name(1));
    members_left.try_emplace(name(0), 0);
    ++members_left[name(1)];
  }
  auto levels = std::make_shared<Policy::Levels>();
  std::vector<std::string> ready;
  for (const auto& [name, count] : members_left) {
    if (count == 0) ready.push_back(name);
  }
  for (; !ready.empty();) {
    const auto name = std::move(ready.back());
    ready.pop_back();
    const auto level = levels->try_emplace(name, 0).first->second;
    for (const auto& role : roles_of[name]) {
      auto& own = (*levels)[role];
      own = std::max(own, level + 1);
      if (--members_left[role] == 0) ready.push_back(role);
    }
  }
  const auto is_left = [](const auto& one) { return one.second != 0; };
  if (std::any_of(members_left.begin(), members_left.end(), is_left)) {
    return fail(ErrorCode::kConflict, "permissions.role_circle",
                "roles go in a circle, so there is no order of subjects");
  }
  out_->levels_ = std::move(levels);
  return {};
}

Result<std::shared_ptr<const Policy>> PolicyWriter::finish() {
  if (roles_changed_ && out_->model_->has_subject_priority()) {
    if (auto ordered = order_subjects(); !ordered) return tl::unexpected(std::move(ordered.error()));
  }
  return std::shared_ptr<const Policy>(std::move(out_));
}

}  // namespace souk::permissions
