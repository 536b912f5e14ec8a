/// A compiled regular expression: RE2's, whose time is linear in the text.
///
/// Thread-safety: const after construction; any thread may ask.
/// Limits: `kRegexMemoryBytes` for each; one that needs more is refused.
/// Errors: kInvalid "permissions.rule_pattern" with what is wrong.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk::permissions {

class Regex {
 public:
  static constexpr std::size_t kGroupsMax = 32;

  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  /// Whether the text begins with a match.
  [[nodiscard]] bool matches(std::string_view text) const;
  /// The same; then `groups` are what its first groups matched, empty for those that took no part.
  [[nodiscard]] bool matches(std::string_view text, std::span<std::string_view> groups) const;
  [[nodiscard]] std::size_t groups() const;

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
};

}  // namespace souk::permissions
