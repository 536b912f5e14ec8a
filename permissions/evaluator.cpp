#include "permissions/evaluator.hpp"

#include <algorithm>
#include <unordered_map>

#include "net/address.hpp"

namespace souk::permissions {
namespace {

constexpr const char* kNoTruth = "what is no truth was used as one";
constexpr const char* kNoText = "what is no text was used as one";
constexpr const char* kNoNumbers = "what are not two numbers were calculated with";

/// Regular expressions of patterns that no rule and no matcher has ready.
Result<std::shared_ptr<const Regex>> prepared_now(PatternKind kind, std::string_view pattern) {
  thread_local std::unordered_map<std::string, Result<std::shared_ptr<const Regex>>> kept;
  std::string key(1, static_cast<char>(kind));
  key += pattern;
  const auto found = kept.find(key);
  if (found != kept.end()) return found->second;
  if (pattern.size() > kValueBytesMax) return fail(ErrorCode::kInvalid, "permissions.rule_pattern", "it is too long");
  if (kept.size() >= kRegexesPerThreadMax) kept.clear();
  return kept.emplace(std::move(key), prepare(kind, pattern)).first->second;
}

bool is_ordered(Node::Kind kind, int order) {
  switch (kind) {
    case Node::Kind::kLess: return order < 0;
    case Node::Kind::kLessOrEqual: return order <= 0;
    case Node::Kind::kGreater: return order > 0;
    default: return order >= 0;
  }
}

}  // namespace

Value Evaluator::evaluate(const Expression& expression, NodeIndex index, const Row* row) {
  const Node& node = expression[index];
  switch (node.kind) {
    case Node::Kind::kText: return Value::of(std::string_view(node.text));
    case Node::Kind::kNumber: return Value::of(node.number);
    case Node::Kind::kTruth: return Value::of(node.index != 0);
    case Node::Kind::kRequest: return request_[node.index];
    case Node::Kind::kColumn: return Value::of(row == nullptr ? std::string_view() : row->value(node.index));
    case Node::Kind::kAttribute: return evaluate(expression, expression.child(node, 0), row).attribute(node.text);
    case Node::Kind::kList: return list(expression, node, row);
    case Node::Kind::kAnd: return logical(expression, node, row, false);
    case Node::Kind::kOr: return logical(expression, node, row, true);
    case Node::Kind::kNot: {
      const auto value = evaluate(expression, expression.child(node, 0), row);
      if (value.is_fault()) return value;
      return value.is(true) || value.is(false) ? Value::of(value.is(false)) : Value::fault(kNoTruth);
    }
    case Node::Kind::kEqual:
    case Node::Kind::kUnequal:
    case Node::Kind::kLess:
    case Node::Kind::kLessOrEqual:
    case Node::Kind::kGreater:
    case Node::Kind::kGreaterOrEqual: return compare(expression, node, row);
    case Node::Kind::kIn: return contains(expression, node, row);
    case Node::Kind::kAdd:
    case Node::Kind::kSubtract:
    case Node::Kind::kMultiply:
    case Node::Kind::kDivide: return calculate(expression, node, row);
    case Node::Kind::kNegate: {
      const auto value = evaluate(expression, expression.child(node, 0), row);
      if (value.is_fault()) return value;
      return value.is_number() ? Value::of(-value.number()) : Value::fault(kNoNumbers);
    }
    case Node::Kind::kRole: return role(expression, node, row);
    case Node::Kind::kPattern: return pattern(expression, node, row);
    case Node::Kind::kIpMatch: return ip_match(expression, node, row);
    case Node::Kind::kCondition: {
      if (row == nullptr) return Value::fault("there is no rule whose condition could be asked");
      const Expression& condition = *row->condition(static_cast<std::size_t>(node.slot));
      return evaluate(condition, condition.root(), row);
    }
  }
  return Value::fault(kNoTruth);
}

Value Evaluator::logical(const Expression& expression, const Node& node, const Row* row, bool decisive) {
  auto out = Value::of(!decisive);
  for (const auto child : expression.children(node)) {
    auto value = evaluate(expression, child, row);
    if (value.is(decisive)) return value;
    if (!value.is(!decisive) && !value.is_fault()) value = Value::fault(kNoTruth);
    if (value.is_fault() && !out.is_fault()) out = value;
  }
  return out;
}

Value Evaluator::compare(const Expression& expression, const Node& node, const Row* row) {
  const auto left = evaluate(expression, expression.child(node, 0), row);
  const auto right = evaluate(expression, expression.child(node, 1), row);
  if (left.is_fault()) return left;
  if (right.is_fault()) return right;
  if (node.kind == Node::Kind::kEqual) return Value::of(left.equals(right));
  if (node.kind == Node::Kind::kUnequal) return Value::of(!left.equals(right));
  if (left.is_number() && right.is_number()) {
    return Value::of(is_ordered(node.kind, left.number() < right.number()   ? -1
                                           : left.number() > right.number() ? 1
                                                                            : 0));
  }
  if (left.is_text() && right.is_text()) return Value::of(is_ordered(node.kind, left.text().compare(right.text())));
  return Value::fault("what has no order was compared");
}

Value Evaluator::contains(const Expression& expression, const Node& node, const Row* row) {
  const auto wanted = evaluate(expression, expression.child(node, 0), row);
  if (const Node& written = expression[expression.child(node, 1)]; written.kind == Node::Kind::kList) {
    return is_one_of(wanted, expression, written, row);
  }
  const auto all = evaluate(expression, expression.child(node, 1), row);
  if (wanted.is_fault()) return wanted;
  if (all.is_fault()) return all;
  if (!all.is_list()) {
    return node.index != 0 ? Value::of(wanted.equals(all)) : Value::fault("what is no list was searched");
  }
  const auto list = all.list();
  return Value::of(std::any_of(list.begin(), list.end(), [&](const Value& one) { return one.equals(wanted); }));
}

Value Evaluator::is_one_of(const Value& wanted, const Expression& expression, const Node& written, const Row* row) {
  auto out = wanted.is_fault() ? wanted : Value::of(false);
  for (const auto child : expression.children(written)) {
    const auto value = evaluate(expression, child, row);
    if (value.is_fault()) return value;
    if (value.equals(wanted)) out = Value::of(true);
  }
  return out;
}

Value Evaluator::calculate(const Expression& expression, const Node& node, const Row* row) {
  const auto left = evaluate(expression, expression.child(node, 0), row);
  const auto right = evaluate(expression, expression.child(node, 1), row);
  if (left.is_fault()) return left;
  if (right.is_fault()) return right;
  if (node.kind == Node::Kind::kAdd && left.is_text() && right.is_text()) {
    if (left.text().size() + right.text().size() > kTextBytesMax) return Value::fault("a text became too long");
    texts_.emplace_back(left.text()).append(right.text());
    return Value::of(std::string_view(texts_.back()));
  }
  if (!left.is_number() || !right.is_number()) return Value::fault(kNoNumbers);
  switch (node.kind) {
    case Node::Kind::kAdd: return Value::of(left.number() + right.number());
    case Node::Kind::kSubtract: return Value::of(left.number() - right.number());
    case Node::Kind::kMultiply: return Value::of(left.number() * right.number());
    default:
      if (right.number() == 0) return Value::fault("something was divided by nothing");
      return Value::of(left.number() / right.number());
  }
}

Value Evaluator::list(const Expression& expression, const Node& node, const Row* row) {
  auto& out = lists_.emplace_back();
  out.reserve(node.children_count);
  for (const auto child : expression.children(node)) {
    const auto value = evaluate(expression, child, row);
    if (value.is_fault()) return value;
    out.push_back(value);
  }
  return Value::of(std::span<const Value>(out));
}

Value Evaluator::role(const Expression& expression, const Node& node, const Row* row) {
  const auto subject = evaluate(expression, expression.child(node, 0), row);
  const auto wanted = evaluate(expression, expression.child(node, 1), row);
  if (subject.is_fault()) return subject;
  if (!subject.is_text() || !wanted.is_text()) return wanted.is_fault() ? wanted : Value::fault(kNoText);
  if (node.children_count == 2) return Value::of(roles_.has_role(node.index, subject.text(), wanted.text(), nullptr));
  const auto domain = evaluate(expression, expression.child(node, 2), row);
  if (!domain.is_text()) return domain.is_fault() ? domain : Value::fault(kNoText);
  const auto domain_text = domain.text();
  return Value::of(roles_.has_role(node.index, subject.text(), wanted.text(), &domain_text));
}

Value Evaluator::pattern(const Expression& expression, const Node& node, const Row* row) {
  const auto key = evaluate(expression, expression.child(node, 0), row);
  const auto pattern = evaluate(expression, expression.child(node, 1), row);
  if (key.is_fault()) return key;
  if (!key.is_text() || !pattern.is_text()) return pattern.is_fault() ? pattern : Value::fault(kNoText);
  const Regex* regex = node.regex.get();
  std::shared_ptr<const Regex> now;
  if (node.slot >= 0 && row != nullptr) {
    regex = row->peek_regex(static_cast<std::size_t>(node.slot));
  } else if (node.slot != Node::kLiteral) {
    auto made = prepared_now(node.pattern, pattern.text());
    if (!made) return Value::fault("a pattern is not well-formed");
    now = std::move(*made);
    regex = now.get();
  }
  switch (node.pattern) {
    case PatternKind::kKeyGet: return Value::of(key_get(node.pattern, key.text(), pattern.text(), {}, regex));
    case PatternKind::kKeyGet2:
    case PatternKind::kKeyGet3: {
      const auto name = evaluate(expression, expression.child(node, 2), row);
      if (!name.is_text()) return name.is_fault() ? name : Value::fault(kNoText);
      return Value::of(key_get(node.pattern, key.text(), pattern.text(), name.text(), regex));
    }
    default: return Value::of(matches(node.pattern, key.text(), pattern.text(), regex));
  }
}

Value Evaluator::ip_match(const Expression& expression, const Node& node, const Row* row) {
  const auto address = evaluate(expression, expression.child(node, 0), row);
  const auto network = evaluate(expression, expression.child(node, 1), row);
  if (address.is_fault()) return address;
  if (!address.is_text() || !network.is_text()) return network.is_fault() ? network : Value::fault(kNoText);
  const auto asked = net::Address::parse(address.text());
  if (!asked) return Value::fault("what is no network address was used as one");
  const auto wanted = net::Network::around(network.text());
  if (!wanted) return Value::fault("what is no network was used as one");
  return Value::of(wanted->holds(*asked));
}

}  // namespace souk::permissions
