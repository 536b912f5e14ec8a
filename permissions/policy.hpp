/// A policy: a model and the rules in force under it, compiled. What changes is another policy, which shares with the
/// one before whatever stayed.
///
///   auto model = Model::parse(text).value();
///   auto policy = Policy::make(model, read_rules("p, alice, data1, read").value()).value();
///   const std::array request{Value::of("alice"), Value::of("data1"), Value::of("read")};
///   policy->enforce(request).allowed;
///
/// Rules stand in the order of their ids, which is that in which they were added, or by their column "priority" and
/// then so; an updated rule keeps its id, and its place unless its priority changed. Thread-safety: never changes. Any
/// thread asks any version, without locks; whoever holds a version may go on with it. Errors of `make` and `with`:
/// kInvalid "permissions.rule_kind" (the model defines no such), "permissions.rule_size" (too few or too many values),
/// "permissions.rule_value" (too long, no UTF-8, control characters), "permissions.rule_effect" (neither allow nor
/// deny), "permissions.rule_pattern", "permissions.rule_condition"; kConflict "permissions.rule_exists",
/// "permissions.too_many_rules", "permissions.too_many_patterns", "permissions.role_circle" (only where roles decide
/// the order); kNotFound "permissions.rule_not_found". Nothing is changed then. Limits: limits.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/json_reader.hpp"
#include "engine/base/result.hpp"
#include "permissions/model.hpp"
#include "permissions/row_table.hpp"
#include "permissions/rule.hpp"
#include "permissions/value.hpp"

namespace souk::permissions {

struct Change {
  enum class Kind : std::uint8_t { kAdd, kRemove, kUpdate };
  Kind kind = Kind::kAdd;
  Rule rule;                             ///< the one that is added, removed, or there before
  std::vector<std::string> values = {};  ///< of an update: what it becomes
  RuleId id = {};  ///< of one that is added and has a number already, which no other rule has; 0: the next

  static Change add(Rule rule, RuleId id = {}) { return {Kind::kAdd, std::move(rule), {}, id}; }
  static Change remove(Rule rule) { return {Kind::kRemove, std::move(rule)}; }
  static Change update(Rule rule, std::vector<std::string> values) {
    return {Kind::kUpdate, std::move(rule), std::move(values)};
  }
};

struct Verdict {
  enum class Why : std::uint8_t {
    kRule,        ///< the rule decided
    kNoRule,      ///< no rule holds: denied by default
    kNotDenied,   ///< no rule denies it, which is enough under this effect
    kModel,       ///< there are no rules; the matcher alone decided
    kUnreadable,  ///< the rule denies, and whether it holds could not be told: denied to be on the safe side
    kMalformed,   ///< the request has another number of values, or there is no such context: denied
  };
  bool allowed = false;
  Why why = Why::kNoRule;
  const Row* rule = nullptr;    ///< the one that decided, if one did; belongs to the policy
  const char* fault = nullptr;  ///< what could not be evaluated, of kUnreadable and perhaps kModel
};

/// A verdict in words of its own.
struct Explanation {
  bool allowed = false;
  Verdict::Why why = Verdict::Why::kNoRule;
  std::optional<RuleId> rule_id;
  std::string rule;  ///< its line, such as "p, editor, /posts/*, write"; empty if none decided
  std::vector<std::vector<std::string>> roles;  ///< by which the rule applies: "alice", "editor", "author"
  std::string fault;
};

/// "rule", "no_rule", "not_denied", "model", "unreadable", "malformed". Stable.
std::string_view name_of(Verdict::Why why);

class Policy {
 public:
  static Result<std::shared_ptr<const Policy>> make(std::shared_ptr<const Model> model, std::span<const Rule> rules);
  /// The policy after these changes, one after the other: all of them, or an error.
  [[nodiscard]] Result<std::shared_ptr<const Policy>> with(std::span<const Change> changes) const;

  /// `request` has a value for each name of the request's definition. Context 0 is that of m, 1 that of m2.
  [[nodiscard]] Verdict enforce(std::span<const Value> request, std::size_t context = 0) const;
  /// The same verdict with its reasons. Slower.
  [[nodiscard]] Explanation explain(std::span<const Value> request, std::size_t context = 0) const;
  /// What `enforce` says, found by trying every rule: for tests.
  [[nodiscard]] Verdict enforce_by_scan(std::span<const Value> request, std::size_t context = 0) const;

  [[nodiscard]] const Model& model() const { return *model_; }
  /// How many rules of this kind there are; 0 for kinds that there are not.
  [[nodiscard]] std::size_t size(std::string_view kind) const;
  [[nodiscard]] std::optional<RuleId> find(const Rule& rule) const;
  /// The rules of a kind in their order, until the callback returns false.
  void for_each_rule(std::string_view kind, FunctionRef<bool(RuleId, const Rule&)> callback) const;

 private:
  friend class PolicyWriter;
  friend class Enforcement;
  /// How far a subject is from those that have it as a role: the order under subjectPriority.
  using Levels = std::unordered_map<std::string, std::int64_t>;

  [[nodiscard]] const RowTable* table_of(std::string_view kind) const;

  Policy() = default;
  Policy(const Policy&) = default;

  std::shared_ptr<const Model> model_;
  std::vector<std::shared_ptr<const RowTable>> rules_;  ///< by the model's rules()
  std::vector<std::shared_ptr<const RowTable>> roles_;  ///< by the model's roles()
  std::shared_ptr<const Levels> levels_;
  std::uint64_t last_number_ = 0;
};

}  // namespace souk::permissions
