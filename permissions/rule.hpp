/// A line of a policy as people write it: `p, editor, /posts/*, write` or `g, alice, editor`.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::permissions {

struct Rule {
  std::string kind;  ///< "p", "p2", … or "g", "g2", …
  std::vector<std::string> values;

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// Reads one rule a line. Values stand between commas, without the spaces around them; in double quotes where they hold
/// commas, with quotes in them doubled. Empty lines and such that begin with `#` are passed over.
/// Errors: kInvalid "permissions.rule_syntax" with the line.
Result<std::vector<Rule>> read_rules(std::string_view text);

/// The line that `read_rules` reads as this rule.
std::string to_line(const Rule& rule);

/// The number by which a rule is known: as they were added, from 1 on. Never given twice in the versions of a policy.
enum class RuleId : std::uint64_t {};

enum class RuleEffect : std::uint8_t { kAllow, kDeny };

/// Where a rule stands among the others.
struct RuleOrder {
  std::int64_t priority = 0;  ///< the smaller one comes first
  std::uint64_t number = 0;

  friend auto operator<=>(const RuleOrder&, const RuleOrder&) = default;
};

}  // namespace souk::permissions
