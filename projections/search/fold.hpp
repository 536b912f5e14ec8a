/// What a character is to the search: folded, so that writings of one word look alike, and classed.
///
/// Folding is NFKC_Casefold (full-width forms, ligatures, case), traditional Chinese characters as simplified ones, and
/// letters without marks that may be left out (accents; vowels of Arabic and Hebrew), by ICU ("Traditional-Simplified",
/// "Latin-ASCII"). It is done character by character, from a table that is made once, so that each folded character is
/// known to come from a place in the text.
/// Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace souk::search {

enum class CharClass : std::uint8_t {
  kNone,  ///< stands between words
  kWide,  ///< of a script that is written without spaces: a word may begin with each of them
  kLetter,
  kDigit,
  kJoining,  ///< an apostrophe: within a word it is nothing
};

/// At most so many characters come of one.
inline constexpr std::size_t kFoldedMax = 18;

struct FoldedCharacter {
  char32_t value = 0;
  CharClass kind = CharClass::kNone;
};

struct Folded {
  const FoldedCharacter* characters = nullptr;
  std::uint32_t size = 0;  ///< 0: a mark that is dropped, such as a combining accent
};

/// Valid until the next call on this thread.
Folded fold(char32_t character);

/// Changes when the same text may be folded to something else: what was indexed by another version must be made anew.
std::uint32_t fold_version();

}  // namespace souk::search
