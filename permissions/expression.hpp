/// A parsed condition: of a matcher, or of a rule that brings its own.
///
/// A tree in one array. What it names (values of the request, columns of the rule, role definitions) are numbers
/// already. Ownership: values of literals point into it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "permissions/key_pattern.hpp"

namespace souk::permissions {

using NodeIndex = std::uint16_t;

struct Node {
  static constexpr std::int16_t kNoSlot = -1;   ///< the pattern is known only when it is asked for
  static constexpr std::int16_t kLiteral = -2;  ///< the pattern is a literal, `regex` was prepared of it

  enum class Kind : std::uint8_t {
    kText,       ///< `text`
    kNumber,     ///< `number`
    kTruth,      ///< `index` is 0 or 1
    kRequest,    ///< value `index` of the request
    kColumn,     ///< column `index` of the rule
    kAttribute,  ///< the attribute `text` of its child
    kList,       ///< of its children
    kNot,
    kAnd,  ///< of two children or more
    kOr,   ///< of two children or more
    kEqual,
    kUnequal,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kIn,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kNegate,
    kRole,       ///< role definition `index`: subject, role, and the domain if it has one
    kPattern,    ///< `pattern` of key, pattern, and the name for keyGet2 and keyGet3
    kIpMatch,    ///< of address and network
    kCondition,  ///< the condition in column `index` of the rule
  };

  Kind kind;
  PatternKind pattern = PatternKind::kKeyMatch;
  bool asks_request = false;  ///< it, or one below it, is of the request
  bool asks_rule = false;     ///< it, or one below it, is of the rule
  NodeIndex index = 0;
  NodeIndex children_begin = 0;
  NodeIndex children_count = 0;
  std::int16_t slot = kNoSlot;  ///< where a rule keeps what was prepared of its pattern or condition
  double number = 0;
  std::string text = {};
  std::shared_ptr<const Regex> regex = {};
};

class Expression {
 public:
  [[nodiscard]] const Node& operator[](NodeIndex index) const { return nodes_[index]; }
  [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }
  [[nodiscard]] NodeIndex root() const { return root_; }
  [[nodiscard]] std::span<const NodeIndex> children(const Node& node) const {
    return std::span(children_).subspan(node.children_begin, node.children_count);
  }
  [[nodiscard]] NodeIndex child(const Node& node, std::size_t number) const { return children(node)[number]; }

 private:
  friend class ExpressionParser;
  std::vector<Node> nodes_;
  std::vector<NodeIndex> children_;
  NodeIndex root_ = 0;
};

/// What a column of the rules is used as, which is looked at when a rule is added, and kept ready: the regular
/// expression of a pattern, a parsed condition, a network (of which nothing need be kept).
struct Slot {
  enum class Kind : std::uint8_t { kPattern, kCondition, kNetwork };

  std::uint16_t column = 0;
  Kind kind = Kind::kPattern;
  PatternKind pattern = PatternKind::kKeyMatch;
  std::uint16_t context = 0;  ///< whose names a condition uses

  friend bool operator==(const Slot&, const Slot&) = default;
};

/// What the names in an expression mean.
struct Scope {
  std::string_view request_name;  ///< such as "r2"
  std::span<const std::string> request_values;
  std::string_view rule_name;  ///< such as "p2"
  std::span<const std::string> columns;
  struct Role {
    std::string name;
    bool has_domain = false;
  };
  std::span<const Role> roles;
  std::uint16_t context = 0;
  /// Slots of the rules, which a matcher adds to. Null in a condition: it keeps nothing, and has no conditions in it.
  std::vector<Slot>* slots = nullptr;
};

}  // namespace souk::permissions
