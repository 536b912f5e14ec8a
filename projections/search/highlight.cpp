#include "projections/search/highlight.hpp"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <memory>

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

struct CloseIterator {
  void operator()(UBreakIterator* opened) const { ubrk_close(opened); }
};

/// Where characters begin as people see them: a letter with its marks, an emoji of several.
class Characters {
 public:
  explicit Characters(std::string_view text) {
    UErrorCode error = U_ZERO_ERROR;
    // Opening one takes longer than all that is asked of it.
    thread_local const std::unique_ptr<UBreakIterator, CloseIterator> opened(
        ubrk_open(UBRK_CHARACTER, "", nullptr, 0, &error));
    utext_openUTF8(&text_, text.data(), static_cast<std::int64_t>(text.size()), &error);
    if (opened) ubrk_setUText(opened.get(), &text_, &error);
    if (U_SUCCESS(error) != 0) iterator_ = opened.get();
  }
  Characters(const Characters&) = delete;
  Characters& operator=(const Characters&) = delete;
  ~Characters() { utext_close(&text_); }

  [[nodiscard]] std::size_t begin_of(std::size_t at) const {
    if (is_boundary(at)) return at;
    return static_cast<std::size_t>(std::max(ubrk_preceding(iterator_, static_cast<std::int32_t>(at)), 0));
  }
  [[nodiscard]] std::size_t end_of(std::size_t at) const {
    if (is_boundary(at)) return at;
    return static_cast<std::size_t>(ubrk_following(iterator_, static_cast<std::int32_t>(at)));
  }

 private:
  [[nodiscard]] bool is_boundary(std::size_t at) const {
    return iterator_ == nullptr || ubrk_isBoundary(iterator_, static_cast<std::int32_t>(at)) != 0;
  }

  UText text_ = UTEXT_INITIALIZER;
  UBreakIterator* iterator_ = nullptr;
};

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
  const Characters characters(text);
  const std::size_t first = spans.empty() ? 0 : spans.front().begin;
  auto begin = backward(text, first, size / kLeadShare);
  const auto end = characters.end_of(forward(text, begin, size));
  if (end == text.size()) begin = backward(text, end, size);
  begin = characters.begin_of(begin);
  return (begin > 0 ? "…" : "") + mark(text, spans, begin, end) + (end < text.size() ? "…" : "");
}

}  // namespace souk::search
