/// The functions that compare a key with a pattern: keyMatch to keyMatch5, regexMatch, globMatch, and keyGet to
/// keyGet3.
///
/// `:name` and `{name}` stand for one segment, `/*` for whatever follows. A pattern in which each placeholder ends its
/// segment and `/*` comes last is plain: it is matched as it stands. Any other one is a regular expression with
/// placeholders in it, which `prepare` compiles; characters that mean something there mean it here.
/// Thread-safety: all of it is pure.
/// Source: Casbin, "Functions in matchers"; where that is silent, the package `casbin` for Python: a regular expression
/// is matched from the beginning of the key on, and needs an end only if it says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/result.hpp"
#include "permissions/regex.hpp"

namespace souk::permissions {

enum class PatternKind : std::uint8_t {
  kKeyMatch,
  kKeyMatch2,
  kKeyMatch3,
  kKeyMatch4,
  kKeyMatch5,
  kRegexMatch,
  kGlobMatch,
  kKeyGet,
  kKeyGet2,
  kKeyGet3,
};

/// What `matches` and `key_get` want beside the pattern: null for a plain one.
/// Errors: as Regex::compile.
Result<std::shared_ptr<const Regex>> prepare(PatternKind kind, std::string_view pattern);

/// `regex` is what `prepare` gave for the same kind and pattern.
bool matches(PatternKind kind, std::string_view key, std::string_view pattern, const Regex* regex);

/// What the placeholder called `name` stands for in the key (keyGet: what follows the part before the star); empty if
/// the key does not match. A part of the key.
std::string_view key_get(PatternKind kind, std::string_view key, std::string_view pattern, std::string_view name,
                         const Regex* regex);

/// What every key that matches has in common.
struct Beginning {
  std::string_view text;    ///< ends with a slash, or is empty, unless `whole`
  bool whole = false;       ///< the pattern matches this one text only
  std::size_t slashes = 0;  ///< in the text, unless `whole`; kPrefixSlashesMax at most
};
Beginning beginning_of(PatternKind kind, std::string_view pattern);

/// The part of a key that is compared: keyMatch5 looks at nothing behind a question mark.
std::string_view compared_part(PatternKind kind, std::string_view key);

}  // namespace souk::permissions
