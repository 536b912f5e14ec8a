#include "engine/base/utf8.hpp"

#include <cstdint>

namespace souk {
namespace {

constexpr char32_t kBad = 0xFFFFFFFF;

/// Takes one code point off the front; kBad when there is none that is well-formed.
char32_t take(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  std::size_t size = 0;
  char32_t point = 0;
  char32_t least = 0;
  if ((lead & 0xE0) == 0xC0) {
    size = 2, point = lead & 0x1FU, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    size = 3, point = lead & 0x0FU, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    size = 4, point = lead & 0x07U, least = 0x10000;
  } else {
    return kBad;
  }
  if (text.size() < size) return kBad;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kBad;
    point = (point << 6) | (byte(i) & 0x3FU);
  }
  if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return kBad;
  text.remove_prefix(size);
  return point;
}

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

template <class Allowed>
bool has_only(std::string_view text, std::size_t min, std::size_t max, Allowed allowed) {
  std::size_t count = 0;
  while (!text.empty()) {
    const char32_t point = take(text);
    if (point == kBad || !allowed(point) || ++count > max) return false;
  }
  return count >= min;
}

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    if (take(text) == kBad) return std::nullopt;
  }
  return count;
}

bool is_line_of(std::string_view text, std::size_t min, std::size_t max) {
  return has_only(text, min, max, [](char32_t point) { return !is_control(point); });
}

bool is_prose_of(std::string_view text, std::size_t min, std::size_t max) {
  return has_only(text, min, max, [](char32_t point) {
    return !is_control(point) || point == U'\n' || point == U'\r' || point == U'\t';
  });
}

bool has_outer_space(std::string_view text) {
  constexpr std::string_view kIdeographicSpace = "\xE3\x80\x80";
  if (text.empty()) return false;
  return text.front() == ' ' || text.back() == ' ' || text.starts_with(kIdeographicSpace) ||
         text.ends_with(kIdeographicSpace);
}

}  // namespace souk
