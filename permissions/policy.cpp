#include "permissions/policy.hpp"

#include <algorithm>

#include "permissions/enforcement.hpp"
#include "permissions/policy_writer.hpp"

namespace souk::permissions {
namespace {

Workspace& workspace() {
  thread_local Workspace own;
  return own;
}

}  // namespace

std::string_view name_of(Verdict::Why why) {
  switch (why) {
    case Verdict::Why::kRule: return "rule";
    case Verdict::Why::kNoRule: return "no_rule";
    case Verdict::Why::kNotDenied: return "not_denied";
    case Verdict::Why::kModel: return "model";
    case Verdict::Why::kUnreadable: return "unreadable";
    case Verdict::Why::kMalformed: return "malformed";
  }
  return {};
}

Result<std::shared_ptr<const Policy>> Policy::make(std::shared_ptr<const Model> model, std::span<const Rule> rules) {
  PolicyWriter writer(std::move(model));
  for (const auto& rule : rules) {
    auto done = writer.add(rule);
    if (!done) {
      done.error().detail = to_line(rule) + ": " + done.error().detail;
      return tl::unexpected(std::move(done.error()));
    }
  }
  return writer.finish();
}

Result<std::shared_ptr<const Policy>> Policy::with(std::span<const Change> changes) const {
  PolicyWriter writer(*this);
  for (const auto& change : changes) {
    if (auto done = writer.apply(change); !done) return tl::unexpected(std::move(done.error()));
  }
  return writer.finish();
}

Verdict Policy::enforce(std::span<const Value> request, std::size_t number) const {
  const auto* context = model_->context(number);
  if (context == nullptr || request.size() != model_->requests()[context->requests].columns.size()) {
    return {false, Verdict::Why::kMalformed};
  }
  return Enforcement(*this, *context, request, workspace()).judge();
}

Verdict Policy::enforce_by_scan(std::span<const Value> request, std::size_t number) const {
  const auto* context = model_->context(number);
  if (context == nullptr || request.size() != model_->requests()[context->requests].columns.size()) {
    return {false, Verdict::Why::kMalformed};
  }
  return Enforcement(*this, *context, request, workspace()).judge_by_scan();
}

Explanation Policy::explain(std::span<const Value> request, std::size_t number) const {
  const auto verdict = enforce(request, number);
  Explanation out{verdict.allowed, verdict.why, {}, {}, {}, verdict.fault == nullptr ? "" : verdict.fault};
  if (verdict.rule == nullptr) return out;
  const auto& context = *model_->context(number);
  out.rule_id = verdict.rule->id();
  out.rule = to_line(verdict.rule->to_rule(model_->rules()[context.rules].definition.name));
  // A matcher may come to the same way twice: by who asks, and by the role of their token.
  for (auto& way : Enforcement(*this, context, request, workspace()).roles_used(*verdict.rule)) {
    if (std::ranges::find(out.roles, way) == out.roles.end()) out.roles.push_back(std::move(way));
  }
  return out;
}

std::size_t Policy::size(std::string_view kind) const {
  const auto* table = table_of(kind);
  return table == nullptr ? 0 : table->size();
}

const RowTable* Policy::table_of(std::string_view kind) const {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (model_->rules()[i].definition.name == kind) return rules_[i].get();
  }
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (model_->roles()[i].name == kind) return roles_[i].get();
  }
  return nullptr;
}

std::optional<RuleId> Policy::find(const Rule& rule) const {
  const auto* table = table_of(rule.kind);
  const Row* row = table == nullptr ? nullptr : table->find(rule.values);
  if (row == nullptr) return std::nullopt;
  return row->id();
}

void Policy::for_each_rule(std::string_view kind, FunctionRef<bool(RuleId, const Rule&)> callback) const {
  const auto* table = table_of(kind);
  if (table == nullptr) return;
  for (auto cursor = table->rows().begin(); !cursor.at_end(); cursor.next()) {
    if (!callback((*cursor)->id(), (*cursor)->to_rule(kind))) return;
  }
}

}  // namespace souk::permissions
