/// How large what people write may be: models, rules, conditions. Beyond them it is refused, never cut.
#pragma once

#include <cstddef>

namespace souk::permissions {

inline constexpr std::size_t kModelBytesMax = 64 * 1024;
inline constexpr std::size_t kContextsMax = 8;  ///< matchers in one model: m, m2, … m8
inline constexpr std::size_t kRolesMax = 8;     ///< role definitions: g, g2, … g8
inline constexpr std::size_t kColumnsMax = 12;  ///< of a request, and of a rule
inline constexpr std::size_t kValueBytesMax = 1024;
inline constexpr std::size_t kRulesMax = 1'000'000;  ///< of one kind

inline constexpr std::size_t kExpressionBytesMax = 8 * 1024;
inline constexpr std::size_t kExpressionDepthMax = 64;
inline constexpr std::size_t kExpressionNodesMax = 1'024;

/// Names on the way from a subject to a role that it has, both included: nine steps, as Casbin does it.
inline constexpr std::size_t kRoleLevelsMax = 10;

/// Different regular expressions in the rules of all kinds together; keys with plain placeholders need none.
inline constexpr std::size_t kRegexesMax = 2'048;
inline constexpr std::size_t kRegexMemoryBytes = 256 * 1024;
/// Patterns that are made while a request is judged; kept for each thread.
inline constexpr std::size_t kRegexesPerThreadMax = 64;

/// Alternatives of a matcher that have an index each; one with more is answered by trying every rule.
inline constexpr std::size_t kBranchesMax = 8;
/// A key's beginnings are looked up to this many slashes.
inline constexpr std::size_t kPrefixSlashesMax = 16;

}  // namespace souk::permissions
