#include "permissions/regex.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

re2::RE2::Options options() {
  re2::RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(static_cast<std::int64_t>(kRegexMemoryBytes));
  return out;
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(std::string_view pattern) : re2(piece(pattern), options()) {}
  const re2::RE2 re2;
};

Regex::Regex(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kInvalid, "permissions.rule_pattern", '"' + std::string(pattern) + "\": " + why);
  };
  auto compiled = std::make_unique<Compiled>(pattern);
  if (!compiled->re2.ok()) return refuse(compiled->re2.error());
  if (compiled->re2.NumberOfCapturingGroups() > static_cast<int>(kGroupsMax)) return refuse("it has too many groups");
  return std::shared_ptr<const Regex>(new Regex(std::move(compiled)));
}

bool Regex::matches(std::string_view text) const {
  return compiled_->re2.Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
}

bool Regex::matches(std::string_view text, std::span<std::string_view> groups) const {
  std::array<re2::StringPiece, kGroupsMax + 1> found;
  const auto count = static_cast<int>(std::min(groups.size(), kGroupsMax));
  if (!compiled_->re2.Match(piece(text), 0, text.size(), re2::RE2::ANCHOR_START, found.data(), count + 1)) return false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    groups[i] = {found[i + 1].data(), found[i + 1].size()};
  return true;
}

std::size_t Regex::groups() const {
  return static_cast<std::size_t>(compiled_->re2.NumberOfCapturingGroups());
}

}  // namespace souk::permissions
