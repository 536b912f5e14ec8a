#include "permissions/key_pattern.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "permissions/glob.hpp"
#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

constexpr auto kNowhere = std::string_view::npos;
constexpr std::size_t kPlaceholdersMax = 16;
/// What means something in a regular expression.
constexpr std::string_view kSpecial = ".^$*+?{}[]\\|()";
constexpr std::string_view kRepetitions = "*+?{";

struct Part {
  enum class Kind : std::uint8_t { kLiteral, kPlaceholder, kRest, kOther };
  Kind kind;
  std::size_t begin;
  std::size_t end;
  std::string_view name = {};
};

bool has_colons(PatternKind kind) {
  return kind == PatternKind::kKeyMatch2 || kind == PatternKind::kKeyGet2;
}
bool has_braces(PatternKind kind) {
  return kind == PatternKind::kKeyMatch3 || kind == PatternKind::kKeyMatch4 || kind == PatternKind::kKeyMatch5 ||
         kind == PatternKind::kKeyGet3;
}
bool has_placeholders(PatternKind kind) {
  return has_colons(kind) || has_braces(kind);
}

/// Where the placeholder that begins at `at` ends; nowhere if none does.
std::size_t placeholder_end(PatternKind kind, std::string_view pattern, std::size_t at) {
  const auto slash = std::min(pattern.find('/', at), pattern.size());
  if (has_colons(kind) && pattern[at] == ':') return slash > at + 1 ? slash : kNowhere;
  if (!has_braces(kind) || pattern[at] != '{' || slash < at + 3) return kNowhere;
  const bool is_shortest = kind == PatternKind::kKeyMatch3 || kind == PatternKind::kKeyGet3;
  const auto segment = pattern.substr(0, slash);
  const auto close = is_shortest ? segment.find('}', at + 2) : segment.rfind('}');
  return close == kNowhere || close < at + 2 ? kNowhere : close + 1;
}

Part part_at(PatternKind kind, std::string_view pattern, std::size_t at) {
  if (const auto end = placeholder_end(kind, pattern, at); end != kNowhere) {
    const std::size_t closing = has_braces(kind) ? 1 : 0;
    return {Part::Kind::kPlaceholder, at, end, pattern.substr(at + 1, end - closing - at - 1)};
  }
  if (has_placeholders(kind) && pattern[at] == '*' && at > 0 && pattern[at - 1] == '/') {
    return {Part::Kind::kRest, at, at + 1};
  }
  if (kSpecial.find(pattern[at]) != kNowhere) return {Part::Kind::kOther, at, at + 1};
  auto end = at + 1;
  while (end < pattern.size() && kSpecial.find(pattern[end]) == kNowhere &&
         placeholder_end(kind, pattern, end) == kNowhere) {
    ++end;
  }
  return {Part::Kind::kLiteral, at, end};
}

bool is_everything(PatternKind kind, std::string_view pattern) {
  return has_colons(kind) && pattern == "*";
}

bool is_plain(PatternKind kind, std::string_view pattern) {
  if (kind == PatternKind::kRegexMatch) return pattern.find_first_of(kSpecial) == kNowhere;
  if (is_everything(kind, pattern)) return true;
  std::size_t placeholders = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto part = part_at(kind, pattern, at);
    at = part.end;
    switch (part.kind) {
      case Part::Kind::kLiteral: break;
      case Part::Kind::kPlaceholder:
        if (++placeholders > kPlaceholdersMax || (at < pattern.size() && pattern[at] != '/')) return false;
        break;
      case Part::Kind::kRest:
        if (at < pattern.size()) return false;
        break;
      case Part::Kind::kOther: return false;
    }
  }
  return true;
}

struct Captured {
  std::string_view name;
  std::string_view text;
};

/// What placeholders stand for, in their order; kept only where somebody asks.
struct Captures {
  std::array<Captured, kPlaceholdersMax> all;
  std::size_t count = 0;
  void add(Captured one) { all[count++] = one; }
};

bool is_one_line(std::string_view text) {
  return text.find('\n') == kNowhere;
}

bool match_plain(PatternKind kind, std::string_view key, std::string_view pattern, Captures* captures) {
  if (is_everything(kind, pattern)) return is_one_line(key);
  for (std::size_t at = 0; at < pattern.size();) {
    const auto part = part_at(kind, pattern, at);
    at = part.end;
    if (part.kind == Part::Kind::kRest) return is_one_line(key);
    if (part.kind == Part::Kind::kPlaceholder) {
      const auto segment = key.substr(0, key.find('/'));
      if (segment.empty()) return false;
      if (captures != nullptr) captures->add({part.name, segment});
      key.remove_prefix(segment.size());
    } else {
      const auto literal = pattern.substr(part.begin, part.end - part.begin);
      if (!key.starts_with(literal)) return false;
      key.remove_prefix(literal.size());
    }
  }
  return key.empty();
}

bool are_repeats_equal(const Captures& captures) {
  for (std::size_t i = 0; i < captures.count; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (captures.all[k].name == captures.all[i].name && captures.all[k].text != captures.all[i].text) return false;
    }
  }
  return true;
}

std::string_view regex_of_placeholder(PatternKind kind) {
  switch (kind) {
    case PatternKind::kKeyMatch4:
    case PatternKind::kKeyGet2: return "([^/]+)";
    case PatternKind::kKeyGet3: return "([^/]+?)";
    default: return "[^/]+";
  }
}

std::string regex_of(PatternKind kind, std::string_view pattern) {
  std::string out = "^";
  for (std::size_t at = 0; at < pattern.size();) {
    const auto part = part_at(kind, pattern, at);
    at = part.end;
    switch (part.kind) {
      case Part::Kind::kPlaceholder: out += regex_of_placeholder(kind); break;
      case Part::Kind::kRest: out += ".*"; break;
      default: out += pattern.substr(part.begin, part.end - part.begin);
    }
  }
  return out + '$';
}

Captures placeholders_of(PatternKind kind, std::string_view pattern) {
  Captures out;
  for (std::size_t at = 0; at < pattern.size() && out.count < kPlaceholdersMax;) {
    const auto part = part_at(kind, pattern, at);
    at = part.end;
    if (part.kind == Part::Kind::kPlaceholder) out.add({part.name, {}});
  }
  return out;
}

bool match_with_captures(PatternKind kind, std::string_view key, std::string_view pattern, const Regex* regex,
                         Captures& captures) {
  if (regex == nullptr) return match_plain(kind, key, pattern, &captures);
  std::array<std::string_view, kPlaceholdersMax> groups;
  captures = placeholders_of(kind, pattern);
  if (!regex->matches(key, std::span(groups).first(captures.count))) return false;
  for (std::size_t i = 0; i < captures.count; ++i) captures.all[i].text = groups[i];
  return true;
}

/// How much of the pattern stands for itself, from its beginning on; all of it if nothing means anything.
std::size_t literal_size(PatternKind kind, std::string_view pattern) {
  if (kind == PatternKind::kKeyMatch || kind == PatternKind::kKeyGet)
    return std::min(pattern.find('*'), pattern.size());
  if (kind == PatternKind::kGlobMatch) return std::min(pattern.find_first_of("*?[\\"), pattern.size());
  // An alternative may begin anyhow.
  if (pattern.find('|') != kNowhere) return 0;
  std::size_t at = 0;
  while (at < pattern.size()) {
    const auto part = part_at(kind, pattern, at);
    if (part.kind == Part::Kind::kOther) {
      // What is repeated may be missing.
      const bool is_repetition = kRepetitions.find(pattern[at]) != kNowhere;
      return is_repetition && at > 0 ? at - 1 : at;
    }
    if (part.kind != Part::Kind::kLiteral) return at;
    at = part.end;
  }
  return at;
}

}  // namespace

Result<std::shared_ptr<const Regex>> prepare(PatternKind kind, std::string_view pattern) {
  if ((!has_placeholders(kind) && kind != PatternKind::kRegexMatch) || is_plain(kind, pattern)) return nullptr;
  if (kind == PatternKind::kRegexMatch) return Regex::compile(pattern);
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kInvalid, "permissions.rule_pattern",
                '"' + std::string(pattern) + "\": " + std::string(why));
  };
  if (kRepetitions.substr(0, 3).find(pattern.front()) != kNowhere)
    return refuse("nothing stands before what repeats it");
  auto regex = Regex::compile(regex_of(kind, pattern));
  if (regex && regex_of_placeholder(kind).front() == '(') {
    const auto placeholders = placeholders_of(kind, pattern).count;
    if ((*regex)->groups() != placeholders) return refuse("it has groups of its own, or more than 16 placeholders");
  }
  return regex;
}

std::string_view compared_part(PatternKind kind, std::string_view key) {
  return kind == PatternKind::kKeyMatch5 ? key.substr(0, key.find('?')) : key;
}

bool matches(PatternKind kind, std::string_view key, std::string_view pattern, const Regex* regex) {
  if (kind == PatternKind::kKeyMatch) {
    const auto star = pattern.find('*');
    return star == kNowhere ? key == pattern : key.starts_with(pattern.substr(0, star));
  }
  if (kind == PatternKind::kGlobMatch) return matches_glob(key, pattern);
  if (kind == PatternKind::kRegexMatch) return regex != nullptr ? regex->matches(key) : key.starts_with(pattern);
  if (kind == PatternKind::kKeyMatch4) {
    Captures captures;
    return match_with_captures(kind, key, pattern, regex, captures) && are_repeats_equal(captures);
  }
  key = compared_part(kind, key);
  return regex != nullptr ? regex->matches(key) : match_plain(kind, key, pattern, nullptr);
}

std::string_view key_get(PatternKind kind, std::string_view key, std::string_view pattern, std::string_view name,
                         const Regex* regex) {
  if (kind == PatternKind::kKeyGet) {
    const auto star = pattern.find('*');
    return star != kNowhere && key.starts_with(pattern.substr(0, star)) ? key.substr(star) : std::string_view();
  }
  Captures captures;
  if (!match_with_captures(kind, key, pattern, regex, captures)) return {};
  for (std::size_t i = 0; i < captures.count; ++i) {
    if (captures.all[i].name == name) return captures.all[i].text;
  }
  return {};
}

Beginning beginning_of(PatternKind kind, std::string_view pattern) {
  std::size_t skipped = 0;
  // It is matched from the beginning on in any case.
  if (kind == PatternKind::kRegexMatch && pattern.starts_with('^')) skipped = 1;
  const auto rest = pattern.substr(skipped);
  const auto size = literal_size(kind, rest);
  if (size == rest.size() && kind != PatternKind::kRegexMatch) return {rest, true};
  auto text = rest.substr(0, size);
  text = text.substr(0, text.rfind('/') + 1);
  Beginning out;
  for (std::size_t end = 0; out.slashes < kPrefixSlashesMax && end < text.size(); ++out.slashes) {
    end = text.find('/', end) + 1;
    out.text = text.substr(0, end);
  }
  return out;
}

}  // namespace souk::permissions
