/// What a condition is for one request and one rule.
///
/// `&&` and `||` do not depend on the order of their sides: what is false makes an `&&` false, whatever else could not
/// be evaluated, and so with true and `||`. Else a part that could not be evaluated makes the whole a fault: an
/// attribute that is missing, types that do not fit, an address that is none. Limits: texts that are put together have
/// kTextBytesMax.
#pragma once

#include <deque>
#include <span>
#include <string>

#include "permissions/expression.hpp"
#include "permissions/role_search.hpp"
#include "permissions/row.hpp"
#include "permissions/value.hpp"

namespace souk::permissions {

class Evaluator {
 public:
  /// For one request. It, and what it is made of, must live as long as values are used.
  void begin(std::span<const Value> request, std::span<const std::shared_ptr<const RowTable>> roles) {
    request_ = request;
    roles_.begin(roles);
  }

  /// `row` may be null: then all columns are empty, as in a policy without rules.
  Value evaluate(const Expression& expression, NodeIndex index, const Row* row);
  /// Values that were made until now are of no use any more.
  void forget_values() {
    texts_.clear();
    lists_.clear();
  }

  RoleSearch& roles() { return roles_; }

 private:
  static constexpr std::size_t kTextBytesMax = 64 * 1024;

  Value logical(const Expression& expression, const Node& node, const Row* row, bool decisive);
  Value compare(const Expression& expression, const Node& node, const Row* row);
  Value contains(const Expression& expression, const Node& node, const Row* row);
  Value is_one_of(const Value& wanted, const Expression& expression, const Node& written, const Row* row);
  Value calculate(const Expression& expression, const Node& node, const Row* row);
  Value list(const Expression& expression, const Node& node, const Row* row);
  Value role(const Expression& expression, const Node& node, const Row* row);
  Value pattern(const Expression& expression, const Node& node, const Row* row);
  Value ip_match(const Expression& expression, const Node& node, const Row* row);

  std::span<const Value> request_;
  RoleSearch roles_;
  std::deque<std::string> texts_;  ///< that were put together
  std::deque<std::vector<Value>> lists_;
};

}  // namespace souk::permissions
