#include "projections/search/highlight.hpp"

#include <algorithm>

namespace souk::search {

namespace {

/// Of what comes before the first found word.
constexpr std::size_t kLeadShare = 4;

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out.push_back(c);
    }
  }
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

/// The place `count` characters behind `at`, or the end.
std::size_t forward(std::string_view text, std::size_t at, std::size_t count) {
  while (at < text.size() && count > 0) {
    ++at;
    if (at == text.size() || begins_character(text[at])) --count;
  }
  return at;
}

std::size_t backward(std::string_view text, std::size_t at, std::size_t count) {
  while (at > 0 && count > 0) {
    --at;
    if (begins_character(text[at])) --count;
  }
  return at;
}

std::string mark(std::string_view text, const std::vector<Span>& spans, std::size_t begin, std::size_t end) {
  std::string out;
  std::size_t at = begin;
  for (const auto& span : spans) {
    if (span.begin < begin || span.end > end) continue;
    append_escaped(out, text.substr(at, span.begin - at));
    out += "<em>";
    append_escaped(out, text.substr(span.begin, span.end - span.begin));
    out += "</em>";
    at = span.end;
  }
  append_escaped(out, text.substr(at, end - at));
  return out;
}

}  // namespace

std::string highlight(std::string_view text, const FoundWords& words) {
  return mark(text, find_words(text, words), 0, text.size());
}

std::string snippet(std::string_view text, const FoundWords& words, std::size_t size) {
  const auto spans = find_words(text, words);
  if (forward(text, 0, size) == text.size()) return mark(text, spans, 0, text.size());
  const std::size_t first = spans.empty() ? 0 : spans.front().begin;
  auto begin = backward(text, first, size / kLeadShare);
  const auto end = forward(text, begin, size);
  if (end == text.size()) begin = backward(text, end, size);
  return (begin > 0 ? "…" : "") + mark(text, spans, begin, end) + (end < text.size() ? "…" : "");
}

}  // namespace souk::search
