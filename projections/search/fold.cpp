#include "projections/search/fold.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::search {

namespace {

constexpr char32_t kTableEnd = 0x10000;

void check(UErrorCode error) {
  if (U_FAILURE(error) != 0) throw std::runtime_error(std::string("ICU cannot fold text: ") + u_errorName(error));
}

struct CloseTransliterator {
  void operator()(void* opened) const { utrans_close(static_cast<UTransliterator*>(opened)); }
};

class Transliterator {
 public:
  explicit Transliterator(const char16_t* id) {
    UErrorCode error = U_ZERO_ERROR;
    opened_.reset(utrans_openU(id, -1, UTRANS_FORWARD, nullptr, 0, nullptr, &error));
    check(error);
  }

  void apply(std::u16string& text) const {
    std::array<UChar, 64> buffer{};
    auto size = static_cast<std::int32_t>(text.copy(buffer.data(), buffer.size()));
    std::int32_t limit = size;
    UErrorCode error = U_ZERO_ERROR;
    utrans_transUChars(static_cast<const UTransliterator*>(opened_.get()), buffer.data(), &size,
                       static_cast<std::int32_t>(buffer.size()), 0, &limit, &error);
    check(error);
    text.assign(buffer.data(), static_cast<std::size_t>(size));
  }

 private:
  std::unique_ptr<void, CloseTransliterator> opened_;
};

std::u16string normalized(const UNormalizer2* how, const std::u16string& text) {
  std::array<UChar, 64> buffer{};
  UErrorCode error = U_ZERO_ERROR;
  const auto size = unorm2_normalize(how, text.data(), static_cast<std::int32_t>(text.size()), buffer.data(),
                                     static_cast<std::int32_t>(buffer.size()), &error);
  check(error);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

/// Scripts whose letters are the same without their marks: accents, the vowels of Hebrew, Arabic and Syriac, and the
/// marks of voiced kana, which half-width writing has as characters of their own.
bool has_marks(char32_t c) {
  return c < 0x0780 || (c >= 0x08a0 && c < 0x0900) || (c >= 0x1e00 && c < 0x2000) || (c >= 0x3040 && c < 0x3100) ||
         (c >= 0xfb1d && c < 0xfe00) || (c >= 0xfe70 && c < 0xff00) || (c >= 0xff66 && c < 0xffa0);
}

/// A mark of a script whose words are others without it, such as a vowel of Devanagari or Thai.
bool is_letter_mark(char32_t c) {
  const auto type = u_charType(static_cast<UChar32>(c));
  if (type != U_NON_SPACING_MARK && type != U_COMBINING_SPACING_MARK) return false;
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(c), &error) > USCRIPT_INHERITED;
}

bool is_common_mark(char32_t c) {
  return u_charType(static_cast<UChar32>(c)) == U_NON_SPACING_MARK && !is_letter_mark(c);
}

bool is_wide(char32_t c) {
  if (c >= 0x20000 && c < 0x40000) return true;
  if (c < 0x2e80 || c >= kTableEnd) return false;
  return c < 0xa000 || (c >= 0xac00 && c < 0xd7b0) || (c >= 0xf900 && c < 0xfb00);
}

char32_t character_at(const std::u16string& text, std::int32_t at) {
  UChar32 c = 0;
  U16_NEXT(text.data(), at, static_cast<std::int32_t>(text.size()), c);
  return static_cast<char32_t>(c);
}

CharClass classify(char32_t c) {
  if (c == U'\'' || c == 0x2019 || c == 0x02bc) return CharClass::kJoining;
  if (u_isdigit(static_cast<UChar32>(c)) != 0) return CharClass::kDigit;
  if (is_letter_mark(c)) return CharClass::kLetter;
  if (u_isalpha(static_cast<UChar32>(c)) == 0 && u_charType(static_cast<UChar32>(c)) != U_LETTER_NUMBER) {
    return CharClass::kNone;
  }
  return is_wide(c) ? CharClass::kWide : CharClass::kLetter;
}

class Table {
 public:
  Table() {
    UErrorCode error = U_ZERO_ERROR;
    casefold_ = unorm2_getNFKCCasefoldInstance(&error);
    decompose_ = unorm2_getNFDInstance(&error);
    check(error);
    characters_.reserve(kTableEnd);
    places_.reserve(kTableEnd);
    for (char32_t c = 0; c < kTableEnd; ++c) {
      places_.push_back({static_cast<std::uint32_t>(characters_.size()), 0});
      const auto folded = made(c);
      characters_.insert(characters_.end(), folded.begin(), folded.end());
      places_.back().size = static_cast<std::uint32_t>(folded.size());
    }
  }

  [[nodiscard]] Folded of(char32_t c) const {
    if (c < kTableEnd) return {characters_.data() + places_[c].begin, places_[c].size};
    thread_local std::vector<FoldedCharacter> rare;
    rare = made(c);
    return {rare.data(), static_cast<std::uint32_t>(rare.size())};
  }

 private:
  struct Place {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };

  static FoldedCharacter classed(char32_t c) { return {c, classify(c)}; }

  [[nodiscard]] std::vector<FoldedCharacter> made(char32_t c) const {
    if (c < 0x80) return {classed((c >= U'A' && c <= U'Z') ? c + 0x20 : c)};
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return {classed(U' ')};
    std::u16string text;
    if (c < kTableEnd) {
      text.push_back(static_cast<char16_t>(c));
    } else {
      text.push_back(static_cast<char16_t>(U16_LEAD(c)));
      text.push_back(static_cast<char16_t>(U16_TRAIL(c)));
    }
    text = normalized(casefold_, text);
    const char32_t front = text.empty() ? 0 : character_at(text, 0);
    if (has_marks(c)) {
      std::erase_if(text = normalized(decompose_, text),
                    [](char16_t unit) { return u_charType(unit) == U_NON_SPACING_MARK; });
      to_ascii_.apply(text);
    } else if (!is_wide(front)) {
      text = normalized(decompose_, text);
    } else if (front < 0xac00) {
      to_simplified_.apply(text);
    }
    std::vector<FoldedCharacter> out;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(text.size());) {
      const char32_t next = character_at(text, i);
      i += U16_LENGTH(next);
      if (!is_common_mark(next)) out.push_back(classed(next));
    }
    return out;
  }

  const UNormalizer2* casefold_ = nullptr;
  const UNormalizer2* decompose_ = nullptr;
  const Transliterator to_simplified_{u"Traditional-Simplified"};
  const Transliterator to_ascii_{u"Latin-ASCII; Lower"};
  std::vector<Place> places_;
  std::vector<FoldedCharacter> characters_;
};

const Table& table() {
  static const Table made;
  return made;
}

}  // namespace

Folded fold(char32_t character) {
  return table().of(character);
}

std::uint32_t fold_version() {
  UVersionInfo version;
  u_getVersion(version);
  return static_cast<std::uint32_t>(version[0]) * 100 + version[1];
}

}  // namespace souk::search
