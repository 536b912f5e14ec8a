#include "permissions/expression_parser.hpp"

#include <algorithm>
#include <array>

#include "net/address.hpp"
#include "permissions/expression_lexer.hpp"
#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

struct Function {
  std::string_view name;
  std::size_t arguments;
  PatternKind pattern;
};

constexpr std::array<Function, 10> kFunctions = {{
    {"keyMatch", 2, PatternKind::kKeyMatch},
    {"keyMatch2", 2, PatternKind::kKeyMatch2},
    {"keyMatch3", 2, PatternKind::kKeyMatch3},
    {"keyMatch4", 2, PatternKind::kKeyMatch4},
    {"keyMatch5", 2, PatternKind::kKeyMatch5},
    {"regexMatch", 2, PatternKind::kRegexMatch},
    {"globMatch", 2, PatternKind::kGlobMatch},
    {"keyGet", 2, PatternKind::kKeyGet},
    {"keyGet2", 3, PatternKind::kKeyGet2},
    {"keyGet3", 3, PatternKind::kKeyGet3},
}};

struct Operator {
  std::string_view symbol;
  Node::Kind kind;
};

constexpr std::array<Operator, 7> kComparisons = {{
    {"==", Node::Kind::kEqual},
    {"!=", Node::Kind::kUnequal},
    {"<", Node::Kind::kLess},
    {"<=", Node::Kind::kLessOrEqual},
    {">", Node::Kind::kGreater},
    {">=", Node::Kind::kGreaterOrEqual},
    {"in", Node::Kind::kIn},
}};
constexpr std::array<Operator, 2> kSums = {{{"+", Node::Kind::kAdd}, {"-", Node::Kind::kSubtract}}};
constexpr std::array<Operator, 2> kProducts = {{{"*", Node::Kind::kMultiply}, {"/", Node::Kind::kDivide}}};

using Parsed = Result<NodeIndex>;

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(std::vector<Token> tokens, const Scope& scope)
      : tokens_(std::move(tokens)), scope_(scope), out_(std::make_shared<Expression>()) {}

  Result<std::shared_ptr<const Expression>> run() {
    const auto root = alternatives();
    if (!root) return tl::unexpected(root.error());
    if (peek().kind != Token::Kind::kEnd) return condition_error(peek().at, "nothing more is expected here");
    out_->root_ = *root;
    return std::shared_ptr<const Expression>(std::move(out_));
  }

 private:
  [[nodiscard]] const Token& peek() const { return tokens_[at_]; }
  [[nodiscard]] bool is_next(std::string_view symbol) const {
    const auto kind = peek().kind;
    return (kind == Token::Kind::kSymbol || kind == Token::Kind::kName) && peek().text == symbol;
  }
  bool take(std::string_view symbol) {
    if (!is_next(symbol)) return false;
    ++at_;
    return true;
  }
  Result<void> expect(std::string_view symbol) {
    if (take(symbol)) return {};
    return condition_error(peek().at, "'" + std::string(symbol) + "' is missing");
  }

  Parsed add(Node node, std::span<const NodeIndex> children = {}) {
    if (out_->nodes_.size() >= kExpressionNodesMax) return condition_error(peek().at, "the condition is too long");
    node.children_begin = static_cast<NodeIndex>(out_->children_.size());
    node.children_count = static_cast<NodeIndex>(children.size());
    for (const auto child : children) {
      out_->children_.push_back(child);
      node.asks_request = node.asks_request || out_->nodes_[child].asks_request;
      node.asks_rule = node.asks_rule || out_->nodes_[child].asks_rule;
    }
    out_->nodes_.push_back(std::move(node));
    return static_cast<NodeIndex>(out_->nodes_.size() - 1);
  }
  Parsed add(Node node, std::initializer_list<NodeIndex> children) {
    return add(std::move(node), std::span(children.begin(), children.size()));
  }

  /// `a || b || c` and the like become one node of all of them.
  template <class Next>
  Parsed sequence(Node::Kind kind, std::string_view symbol, const Next& next) {
    std::vector<NodeIndex> parts;
    do {
      const auto part = next();
      if (!part) return part;
      const Node& node = (*out_)[*part];
      if (node.kind == kind) {
        const auto nested = out_->children(node);
        parts.insert(parts.end(), nested.begin(), nested.end());
      } else {
        parts.push_back(*part);
      }
    } while (take(symbol));
    if (parts.size() == 1) return parts.front();
    return add(Node{kind}, parts);
  }

  Parsed alternatives() {
    if (++depth_ > kExpressionDepthMax) return condition_error(peek().at, "the condition is nested too deeply");
    const auto out = sequence(Node::Kind::kOr, "||", [&] { return conjunction(); });
    --depth_;
    return out;
  }

  Parsed conjunction() {
    return sequence(Node::Kind::kAnd, "&&", [&] { return negation(); });
  }

  Parsed negation() {
    std::size_t count = 0;
    while (take("!")) ++count;
    auto out = comparison();
    // Twice is not the same as not at all: what is no truth stays none.
    for (count = std::min<std::size_t>(count, 2 - count % 2); out && count > 0; --count) {
      out = add(Node{Node::Kind::kNot}, {*out});
    }
    return out;
  }

  Parsed comparison() {
    const auto left = sum();
    if (!left) return left;
    const auto* found =
        std::find_if(kComparisons.begin(), kComparisons.end(), [&](auto& one) { return is_next(one.symbol); });
    if (found == kComparisons.end()) return left;
    ++at_;
    const bool is_in_parentheses = is_next("(");
    auto right = sum();
    if (!right) return right;
    if (std::any_of(kComparisons.begin(), kComparisons.end(), [&](auto& one) { return is_next(one.symbol); })) {
      return condition_error(peek().at, "comparisons do not follow one another");
    }
    const bool is_single =
        found->kind == Node::Kind::kIn && is_in_parentheses && (*out_)[*right].kind != Node::Kind::kList;
    Node node{found->kind};
    node.index = is_single ? 1 : 0;
    return add(std::move(node), {*left, *right});
  }

  template <std::size_t n, class Next>
  Parsed chain(const std::array<Operator, n>& operators, const Next& next) {
    auto left = next();
    while (left) {
      const auto* found =
          std::find_if(operators.begin(), operators.end(), [&](auto& one) { return is_next(one.symbol); });
      if (found == operators.end()) break;
      ++at_;
      const auto right = next();
      if (!right) return right;
      left = add(Node{found->kind}, {*left, *right});
    }
    return left;
  }

  Parsed sum() {
    return chain(kSums, [&] { return product(); });
  }
  Parsed product() {
    return chain(kProducts, [&] { return signed_value(); });
  }

  Parsed signed_value() {
    if (!take("-")) return value_with_attributes();
    if (is_next("-")) return condition_error(peek().at, "one minus is enough");
    const auto of = value_with_attributes();
    return of ? add(Node{Node::Kind::kNegate}, {*of}) : of;
  }

  Parsed value_with_attributes() {
    auto out = value();
    while (out && take(".")) {
      if (peek().kind != Token::Kind::kName) return condition_error(peek().at, "the name of an attribute is missing");
      Node node{Node::Kind::kAttribute};
      node.text = peek().text;
      ++at_;
      if (is_next("(")) return condition_error(peek().at, "attributes are not called");
      out = add(std::move(node), {*out});
    }
    return out;
  }

  Parsed value() {
    const Token& token = peek();
    switch (token.kind) {
      case Token::Kind::kText: {
        Node node{Node::Kind::kText};
        node.text = token.text;
        ++at_;
        return add(std::move(node));
      }
      case Token::Kind::kNumber: {
        Node node{Node::Kind::kNumber};
        node.number = token.number;
        ++at_;
        return add(std::move(node));
      }
      case Token::Kind::kName: return named();
      case Token::Kind::kSymbol:
        if (take("(")) return list_until(")", true);
        if (take("[")) return list_until("]", false);
        break;
      case Token::Kind::kEnd: break;
    }
    return condition_error(token.at, "a value is missing");
  }

  Result<std::vector<NodeIndex>> values_until(std::string_view closing) {
    std::vector<NodeIndex> out;
    if (take(closing)) return out;
    do {
      const auto one = alternatives();
      if (!one) return tl::unexpected(one.error());
      out.push_back(*one);
    } while (take(","));
    if (const auto closed = expect(closing); !closed) return tl::unexpected(closed.error());
    return out;
  }

  Parsed list_until(std::string_view closing, bool may_be_one) {
    const auto at = peek().at;
    const auto values = values_until(closing);
    if (!values) return tl::unexpected(values.error());
    if (values->empty() && may_be_one) return condition_error(at, "there is nothing between the parentheses");
    if (values->size() == 1 && may_be_one) return values->front();
    return add(Node{Node::Kind::kList}, *values);
  }

  Parsed named() {
    const Token& token = peek();
    ++at_;
    if (is_next("(")) return call(token);
    if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
      Node node{Node::Kind::kTruth};
      node.index = token.text == "true" || token.text == "True" ? 1 : 0;
      return add(std::move(node));
    }
    if (token.text == scope_.request_name) return member(Node::Kind::kRequest, scope_.request_values);
    if (token.text == scope_.rule_name) return member(Node::Kind::kColumn, scope_.columns);
    return condition_error(token.at, "'" + token.text + "' is not known");
  }

  Parsed member(Node::Kind kind, std::span<const std::string> names) {
    if (const auto dot = expect("."); !dot) return tl::unexpected(dot.error());
    const auto found = std::find(names.begin(), names.end(), peek().text);
    if (peek().kind != Token::Kind::kName || found == names.end()) {
      return condition_error(peek().at, "'" + peek().text + "' is not defined");
    }
    ++at_;
    Node node{kind};
    node.index = static_cast<NodeIndex>(found - names.begin());
    (kind == Node::Kind::kRequest ? node.asks_request : node.asks_rule) = true;
    return add(std::move(node));
  }

  Parsed call(const Token& name) {
    ++at_;
    const auto arguments = values_until(")");
    if (!arguments) return tl::unexpected(arguments.error());
    const auto wrong_count = [&] {
      return condition_error(name.at, "'" + name.text + "' takes another number of values");
    };
    if (name.text == "eval") return condition_call(name, *arguments);
    if (name.text == "ipMatch") {
      if (arguments->size() != 2) return wrong_count();
      return network_call(name, *arguments);
    }
    for (std::size_t i = 0; i < scope_.roles.size(); ++i) {
      if (scope_.roles[i].name != name.text) continue;
      if (arguments->size() != (scope_.roles[i].has_domain ? 3 : 2)) return wrong_count();
      Node node{Node::Kind::kRole};
      node.index = static_cast<NodeIndex>(i);
      return add(std::move(node), *arguments);
    }
    const auto* found =
        std::find_if(kFunctions.begin(), kFunctions.end(), [&](auto& one) { return one.name == name.text; });
    if (found == kFunctions.end()) return condition_error(name.at, "there is no function '" + name.text + "'");
    if (arguments->size() != found->arguments) return wrong_count();
    return pattern_call(name, found->pattern, *arguments);
  }

  Parsed pattern_call(const Token& name, PatternKind kind, std::span<const NodeIndex> arguments) {
    Node node{Node::Kind::kPattern};
    node.pattern = kind;
    const Node& pattern = (*out_)[arguments[1]];
    if (pattern.kind == Node::Kind::kText) {
      auto regex = prepare(kind, pattern.text);
      if (!regex) return condition_error(name.at, regex.error().detail);
      node.regex = std::move(*regex);
      node.slot = Node::kLiteral;
    } else if (pattern.kind == Node::Kind::kColumn) {
      node.slot = slot_of({pattern.index, Slot::Kind::kPattern, kind, 0});
    }
    return add(std::move(node), arguments);
  }

  Parsed network_call(const Token& name, std::span<const NodeIndex> arguments) {
    Node node{Node::Kind::kIpMatch};
    const Node& network = (*out_)[arguments[1]];
    if (network.kind == Node::Kind::kText && !net::Network::around(network.text)) {
      return condition_error(name.at, "'" + network.text + "' is no address or network");
    }
    if (network.kind == Node::Kind::kColumn) {
      node.slot = slot_of({network.index, Slot::Kind::kNetwork, PatternKind::kKeyMatch, 0});
    }
    return add(std::move(node), arguments);
  }

  Parsed condition_call(const Token& name, std::span<const NodeIndex> arguments) {
    if (arguments.size() != 1 || (*out_)[arguments[0]].kind != Node::Kind::kColumn) {
      return condition_error(name.at, "'eval' takes one column of the rule");
    }
    if (scope_.slots == nullptr) return condition_error(name.at, "a rule's condition has no other one in it");
    Node node{Node::Kind::kCondition};
    node.index = (*out_)[arguments[0]].index;
    node.asks_request = true;
    node.slot = slot_of({node.index, Slot::Kind::kCondition, PatternKind::kKeyMatch, scope_.context});
    return add(std::move(node), arguments);
  }

  [[nodiscard]] std::int16_t slot_of(const Slot& wanted) const {
    if (scope_.slots == nullptr) return Node::kNoSlot;
    auto& slots = *scope_.slots;
    const auto found = std::find(slots.begin(), slots.end(), wanted);
    const auto number = found - slots.begin();
    if (found == slots.end()) slots.push_back(wanted);
    return static_cast<std::int16_t>(number);
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  const Scope& scope_;
  std::shared_ptr<Expression> out_;
};

Result<std::shared_ptr<const Expression>> parse_expression(std::string_view text, const Scope& scope) {
  if (text.size() > kExpressionBytesMax) return condition_error(kExpressionBytesMax, "the condition is too long");
  auto tokens = tokens_of(text);
  if (!tokens) return tl::unexpected(std::move(tokens.error()));
  return ExpressionParser(std::move(*tokens), scope).run();
}

}  // namespace souk::permissions
