#include "permissions/glob.hpp"

#include <cstddef>

namespace souk::permissions {
namespace {

constexpr auto kNowhere = std::string_view::npos;

/// The bytes of the code point that begins at `at`.
std::string_view character_at(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return text.substr(at, end - at);
}

/// Reads one character of a set, taking a backslash off; empty if the pattern ends.
std::string_view take_of_set(std::string_view pattern, std::size_t& at) {
  if (at < pattern.size() && pattern[at] == '\\') ++at;
  if (at >= pattern.size()) return {};
  const auto out = character_at(pattern, at);
  at += out.size();
  return out;
}

/// Whether the set that begins behind the bracket at `at` has the character; moves behind the set. Sets `at` to nowhere
/// if the set does not end.
bool is_in_set(std::string_view pattern, std::size_t& at, std::string_view character) {
  ++at;
  const bool is_negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (is_negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    const auto first = take_of_set(pattern, at);
    auto last = first;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      ++at;
      last = take_of_set(pattern, at);
    }
    // Bytes of UTF-8 are in the order of their code points.
    found = found || (!last.empty() && first <= character && character <= last);
  }
  if (at >= pattern.size()) {
    at = kNowhere;
    return false;
  }
  ++at;
  return found != is_negated;
}

}  // namespace

bool matches_glob(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_text = 0;
  // Where to go on when what follows the last star did not fit: the star takes one character more.
  std::size_t star = kNowhere;
  std::size_t star_text = 0;
  while (true) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = ++at;
      star_text = in_text;
      continue;
    }
    if (at == pattern.size() && in_text == text.size()) return true;
    bool fits = false;
    if (at < pattern.size() && in_text < text.size()) {
      const auto character = character_at(text, in_text);
      auto next = at + 1;
      if (pattern[at] == '?') {
        fits = character != "/";
      } else if (pattern[at] == '[') {
        next = at;
        fits = is_in_set(pattern, next, character) && character != "/";
        if (next == kNowhere) return false;
      } else {
        next = pattern[at] == '\\' && at + 1 < pattern.size() ? at + 1 : at;
        const auto wanted = character_at(pattern, next);
        fits = character == wanted;
        next += wanted.size();
      }
      if (fits) {
        at = next;
        in_text += character.size();
        continue;
      }
    }
    if (star == kNowhere || star_text >= text.size() || text[star_text] == '/') return false;
    star_text += character_at(text, star_text).size();
    at = star;
    in_text = star_text;
  }
}

}  // namespace souk::permissions
