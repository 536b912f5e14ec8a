/// How a text becomes the words that are indexed, and a query the words that are looked for. Both backends use it, so
/// that they agree on what is the same.
///
/// A run of characters that are written without spaces (Chinese, kana, Hangul) becomes its pairs: "龙井茶" is 龙井 and
/// 井茶, and where single ones are asked for 龙, 井 and 茶 as well. Letters and digits become words: "500g" is 500 and
/// g, a plural is its singular, "Pu'er" is puer. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souk::search {

/// Whether single characters are words too: in short texts, where one says what a thing is.
enum class Singles : std::uint8_t { kLeftOut, kIndexed };

/// The words of a text with spaces between them: of ASCII they have only letters and digits.
std::string words_of(std::string_view text, Singles singles);
/// How many there are without the single ones; at most 255.
std::uint8_t count_words(std::string_view text);

/// A word of a query.
struct QueryWord {
  std::string text;
  std::string pair;       ///< a single character's with the particle beside it, which may be a word; else empty
  bool is_latin = false;  ///< it may be misspelt, and be the beginning of another
  bool is_weak = false;   ///< such as "the": it need not be there
  std::uint32_t source_begin = 0;
  std::uint32_t source_end = 0;
};

inline constexpr std::size_t kQueryWordsMax = 24;

/// The first kQueryWordsMax of them.
std::vector<QueryWord> query_words(std::string_view text);

/// Folded, with one space between runs: equal texts, equal queries.
std::string normal_form(std::string_view text);

/// Of UTF-8.
std::string_view first_character(std::string_view text);
/// Whole characters that both begin with.
std::string_view common_beginning(std::string_view a, std::string_view b);

/// Of a text in which the characters of `beginning` (folded, and written without spaces) stand: those that follow them
/// without a space between, at most kContinuedMax, where they stand first. Empty: none.
std::string continuation_of(std::string_view text, std::string_view beginning);
inline constexpr std::size_t kContinuedMax = 8;

/// What a text ends with while it is typed: a word, or characters that are written without spaces.
struct LastRun {
  std::string folded;  ///< empty: there is none
  bool is_latin = false;
  bool is_wide = false;
  std::uint32_t source_begin = 0;
  std::uint32_t source_end = 0;
};
LastRun last_run(std::string_view text);

/// Whether nothing is written there that could be seen.
bool is_blank(std::string_view text);

/// A part of a text that is one of the words.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// A few words that are looked for in many texts: nearly all that is in none of them is known by one bit.
class FoundWords {
 public:
  FoundWords() = default;
  explicit FoundWords(std::vector<std::string> words);

  [[nodiscard]] bool contains(std::string_view word) const;

 private:
  static std::uint64_t mark_of(std::string_view word);

  std::vector<std::string> words_;
  std::uint64_t marks_ = 0;
};

/// In order, those that touch as one.
std::vector<Span> find_words(std::string_view text, const FoundWords& words);

}  // namespace souk::search
