#include "gateway/permissions/access_rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace souk {
namespace {

using access_policy::NumberedRow;
using access_policy::Row;
using permissions::Change;
using permissions::Rule;
using permissions::RuleId;

constexpr std::array<std::pair<std::string_view, std::string_view AccessQuestion::*>, 6> kColumns{{
    {"sub", &AccessQuestion::subject},
    {"role", &AccessQuestion::role},
    {"obj", &AccessQuestion::pattern},
    {"act", &AccessQuestion::method},
    {"path", &AccessQuestion::path},
    {"route", &AccessQuestion::route},
}};

Rule rule_of(const Row& row) {
  return {row.kind, row.values};
}

Change addition_of(const NumberedRow& row) {
  return Change::add(rule_of(row.row), RuleId{static_cast<std::uint64_t>(row.number)});
}

}  // namespace

Result<AccessRules::Ptr> AccessRules::make(std::string model, Rows rows, std::int64_t last_number) {
  auto out = std::make_shared<AccessRules>();
  const auto parsed = permissions::Model::parse(model);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  for (const auto& name : (*parsed)->requests().front().columns) {
    const auto known = std::ranges::find(kColumns, name, &decltype(kColumns)::value_type::first);
    if (known == kColumns.end()) {
      return fail(ErrorCode::kInvalid, "permissions.request_unknown",
                  "a request has no " + name + ", but sub, role, obj, act, path and route");
    }
    out->columns_.push_back(known->second);
  }
  std::ranges::sort(rows, {}, &NumberedRow::number);
  std::vector<Change> changes;
  changes.reserve(rows.size());
  for (const auto& row : rows) changes.push_back(addition_of(row));
  const auto empty = permissions::Policy::make(*parsed, {});
  if (!empty) return tl::unexpected<Error>(empty.error());
  auto policy = (*empty)->with(changes);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  out->model_ = std::move(model);
  out->policy_ = std::move(*policy);
  out->last_number_ = last_number;
  return out;
}

Result<AccessRules::Ptr> AccessRules::make(const access_policy::State& state) {
  Rows rows;
  rows.reserve(state.rows.size());
  for (const auto& [key, row] : state.rows) rows.push_back(row);
  return make(state.model, std::move(rows), state.last_number);
}

Result<AccessRules::Ptr> AccessRules::with(const std::vector<Row>& remove, const std::vector<Row>& add) const {
  auto out = std::make_shared<AccessRules>(*this);
  std::vector<Change> changes;
  std::map<PolicyRowId, bool> there;  // of those that were named: whether they are there by now
  const auto is_there = [&](const Row& row) -> bool& {
    const auto known = there.try_emplace(key_of(row), false);
    if (known.second) known.first->second = policy_->find(rule_of(row)).has_value();
    return known.first->second;
  };
  for (const auto& row : remove) {
    if (std::exchange(is_there(row), false)) changes.push_back(Change::remove(rule_of(row)));
  }
  for (const auto& row : add) {
    if (!std::exchange(is_there(row), true)) changes.push_back(addition_of({++out->last_number_, row}));
  }
  auto policy = policy_->with(changes);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  out->policy_ = std::move(*policy);
  return out;
}

Result<AccessRules::Ptr> AccessRules::with_model(std::string model) const {
  Rows rows;
  rows.reserve(size());
  for_each_row({}, [&](const NumberedRow& row) { rows.push_back(row); });
  return make(std::move(model), std::move(rows), last_number_);
}

Result<AccessRules::Ptr> AccessRules::with_rows(const access_policy::Rows& rows) const {
  auto out = std::make_shared<AccessRules>(*this);
  std::vector<Change> changes;
  std::map<PolicyRowId, bool> kept;
  for_each_row({}, [&](const NumberedRow& row) {
    const auto key = key_of(row.row);
    const auto wanted = rows.find(key);
    if (wanted != rows.end() && wanted->second == row) {
      kept.emplace(key, true);
    } else {
      changes.push_back(Change::remove(rule_of(row.row)));
    }
  });
  for (const auto& [key, row] : rows) {
    if (kept.contains(key)) continue;
    changes.push_back(addition_of(row));
    out->last_number_ = std::max(out->last_number_, row.number);
  }
  auto policy = policy_->with(changes);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  out->policy_ = std::move(*policy);
  return out;
}

AccessRules::Ptr AccessRules::at(Version version, Position position) const {
  auto out = std::make_shared<AccessRules>(*this);
  out->version_ = version;
  out->position_ = position;
  return out;
}

std::vector<permissions::Value> AccessRules::values_of(const AccessQuestion& question) const {
  std::vector<permissions::Value> out;
  out.reserve(columns_.size());
  for (const auto column : columns_) out.push_back(permissions::Value::of(question.*column));
  return out;
}

permissions::Verdict AccessRules::ask(const AccessQuestion& question) const {
  return policy_->enforce(values_of(question));
}

permissions::Explanation AccessRules::explain(const AccessQuestion& question) const {
  return policy_->explain(values_of(question));
}

std::vector<std::string> AccessRules::kinds() const {
  std::vector<std::string> out;
  for (const auto& rules : policy_->model().rules()) out.push_back(rules.definition.name);
  for (const auto& role : policy_->model().roles()) out.push_back(role.name);
  return out;
}

void AccessRules::for_each_row(std::string_view kind, const std::function<void(const NumberedRow&)>& callback) const {
  for (const auto& one : kinds()) {
    if (!kind.empty() && one != kind) continue;
    policy_->for_each_rule(one, [&](RuleId id, const Rule& rule) {
      callback({static_cast<std::int64_t>(id), {rule.kind, rule.values}});
      return true;
    });
  }
}

std::size_t AccessRules::size() const {
  std::size_t out = 0;
  for (const auto& kind : kinds()) out += policy_->size(kind);
  return out;
}

}  // namespace souk
