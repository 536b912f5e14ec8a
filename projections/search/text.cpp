#include "projections/search/text.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>
#include <utility>

#include "projections/search/fold.hpp"

namespace souk::search {

namespace {

/// The next character of UTF-8; what is malformed counts as a space.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  std::size_t more = 0;
  if (first >= 0xc2 && first < 0xe0) more = 1;
  if (first >= 0xe0 && first < 0xf0) more = 2;
  if (first >= 0xf0 && first < 0xf5) more = 3;
  if (more == 0 || at + more > text.size()) return U' ';
  char32_t c = first & (0x3fU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return U' ';
    c = c << 6 | (byte(at + i) & 0x3fU);
  }
  at += more;
  return c;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xc0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3f)));
  }
}

bool is_ascii_word(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Words that end like a plural, or whose plural ends like that of other words.
constexpr std::array<std::string_view, 10> kInS{"atlas", "canvas", "christmas", "cosmos", "gas",
                                                "iris",  "lens",   "pancreas",  "series", "species"};
constexpr std::array<std::string_view, 26> kInIe{
    "auntie", "beanie", "birdie", "bowtie",    "brownie", "budgie",   "calorie",  "collie", "cookie",
    "doggie", "foodie", "genie",  "hankie",    "hoodie",  "junkie",   "lingerie", "magpie", "movie",
    "newbie", "onesie", "pixie",  "scrunchie", "selfie",  "smoothie", "veggie",   "zombie"};

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

/// How many letters of a word are its plural's ending: batteries, buses, dishes, tomatoes, cups. Those of "batteries"
/// stand for a y.
std::size_t plural_size(std::string_view word) {
  const auto ends = [&](std::string_view end) { return word.ends_with(end); };
  if (ends("es") && is_one_of(word.substr(0, word.size() - 2), kInS)) return 2;
  if (ends("ies")) return word.size() == 4 || is_one_of(word.substr(0, word.size() - 1), kInIe) ? 1 : 3;
  if (ends("sses") || ends("shes") || ends("ches") || ends("xes")) return 2;
  if (ends("uses") && word.size() > 4) return ends("ouses") || ends("auses") || ends("fuses") ? 1 : 2;
  // Not of shoes, canoes and toes.
  if (ends("oes") && word.size() > 5) return ends("shoes") || ends("noes") ? 1 : 2;
  return 1;
}

/// The singular of a regular English plural. "glass", "bus" and "lens" stay. What comes of it stays, too.
void make_singular(std::string& word) {
  if (word.size() < 4 || word.back() != 's' || !is_ascii_word(word)) return;
  const std::string_view text = word;
  if (text.ends_with("ss") || text.ends_with("us") || text.ends_with("is") || is_one_of(text, kInS)) return;
  const auto ending = plural_size(text);
  word.resize(word.size() - ending);
  if (ending == 3) word.push_back('y');
}

constexpr std::array<std::string_view, 16> kWeakWords{"a",  "an", "and", "by", "for", "from", "in",   "is",
                                                      "it", "of", "on",  "or", "the", "to",   "with", "your"};
constexpr std::array<std::string_view, 3> kParticles{"的", "了", "吗"};
/// Particles between two words; elsewhere they are part of one, as in 和牛.
constexpr std::array<std::string_view, 3> kConjunctions{"和", "与", "之"};

/// A folded word, or a run of folded characters, and where in the text it stands.
struct TextRun {
  struct Unit {
    std::uint32_t begin = 0;  ///< in `folded`
    std::uint32_t source_begin = 0;
    std::uint32_t source_end = 0;
  };

  CharClass kind = CharClass::kNone;
  std::string folded;       ///< UTF-8
  std::vector<Unit> units;  ///< of each character, if it is wide; else one

  [[nodiscard]] bool is_wide() const { return kind == CharClass::kWide; }
  [[nodiscard]] std::string_view characters(std::size_t first, std::size_t count) const {
    const auto begin = units[first].begin;
    const auto end = first + count < units.size() ? units[first + count].begin : folded.size();
    return std::string_view(folded).substr(begin, end - begin);
  }
};

/// Puts characters together into runs, and hands each to `Tell`. There is one at a time, in the same memory: texts are
/// long, and all of a catalogue's are read when its index is made anew.
template <class Tell>
class Runs {
 public:
  explicit Runs(const Tell& tell) : tell_(tell) {}

  void read(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const auto begin = static_cast<std::uint32_t>(at);
      const auto character = next_character(text, at);
      const auto folded = fold(character);
      const auto end_of = static_cast<std::uint32_t>(at);
      for (std::uint32_t i = 0; i < folded.size; ++i) add(folded.characters[i], begin, end_of);
      // A mark that is dropped belongs to what it stands on.
      if (folded.size == 0 && !run_.units.empty()) run_.units.back().source_end = end_of;
    }
    end();
  }

 private:
  void add(FoldedCharacter c, std::uint32_t begin, std::uint32_t end_of) {
    const auto kind = c.kind;
    if (kind == CharClass::kJoining && run_.kind == CharClass::kLetter) return;
    if (kind == CharClass::kNone || kind == CharClass::kJoining) {
      end();
      return;
    }
    if (kind != run_.kind) {
      end();
      run_.kind = kind;
    }
    if (run_.is_wide() || run_.units.empty()) {
      run_.units.push_back({static_cast<std::uint32_t>(run_.folded.size()), begin, end_of});
    }
    run_.units.back().source_end = end_of;
    append_utf8(run_.folded, c.value);
  }

  void end() {
    if (run_.kind == CharClass::kNone) return;
    if (run_.kind == CharClass::kLetter) make_singular(run_.folded);
    tell_(run_);
    run_.kind = CharClass::kNone;
    run_.folded.clear();
    run_.units.clear();
  }

  const Tell& tell_;
  TextRun run_;
};

template <class Tell>
void each_run(std::string_view text, const Tell& tell) {
  Runs<Tell>(tell).read(text);
}

/// Calls `tell` with each word: its text, and the first and the last of its units.
template <class Tell>
void each_word(const TextRun& run, Singles singles, const Tell& tell) {
  if (!run.is_wide()) {
    tell(std::string_view(run.folded), run.units.front(), run.units.front());
    return;
  }
  const auto size = run.units.size();
  for (std::size_t i = 0; i < size; ++i) {
    if (singles == Singles::kIndexed) tell(run.characters(i, 1), run.units[i], run.units[i]);
    if (i + 1 < size) tell(run.characters(i, 2), run.units[i], run.units[i + 1]);
  }
}

}  // namespace

std::string words_of(std::string_view text, Singles singles) {
  std::string out;
  each_run(text, [&](const TextRun& run) {
    each_word(run, singles, [&](std::string_view word, const auto& /*first*/, const auto& /*last*/) {
      if (!out.empty()) out.push_back(' ');
      out.append(word);
    });
  });
  return out;
}

std::uint8_t count_words(std::string_view text) {
  std::size_t count = 0;
  each_run(text,
           [&](const TextRun& run) { count += run.is_wide() ? std::max<std::size_t>(run.units.size(), 2) - 1 : 1; });
  return static_cast<std::uint8_t>(std::min<std::size_t>(count, 255));
}

namespace {

bool is_particle(const TextRun& run, std::size_t i) {
  const auto text = run.characters(i, 1);
  return is_one_of(text, kParticles) || (i > 0 && i + 1 < run.units.size() && is_one_of(text, kConjunctions));
}

/// Calls `tell` with each word that a run of a query is looked for by. A pair with a particle says nothing, unless a
/// character is left that is in no other pair: then it is looked for by itself, or by the pair.
template <class Tell>
void each_query_word(const TextRun& run, const Tell& tell) {
  const auto size = run.units.size();
  if (!run.is_wide() || size == 1) {
    const bool is_weak = run.is_wide() ? is_one_of(run.folded, kParticles) || is_one_of(run.folded, kConjunctions)
                                       : is_one_of(run.folded, kWeakWords);
    tell(QueryWord{run.folded,
                   {},
                   is_ascii_word(run.folded),
                   is_weak,
                   run.units.front().source_begin,
                   run.units.front().source_end});
    return;
  }
  const auto stands_alone = [&](std::size_t i) {
    return !is_particle(run, i) && (i == 0 || is_particle(run, i - 1)) && (i + 1 == size || is_particle(run, i + 1));
  };
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const bool is_weak = is_particle(run, i) || is_particle(run, i + 1);
    const auto alone = stands_alone(i) ? i : stands_alone(i + 1) ? i + 1 : size;
    QueryWord word;
    word.text = run.characters(i, 2);
    if (alone < size) word.pair = std::exchange(word.text, run.characters(alone, 1));
    word.is_weak = is_weak && alone == size;
    word.source_begin = run.units[alone < size ? alone : i].source_begin;
    word.source_end = run.units[alone < size ? alone : i + 1].source_end;
    tell(std::move(word));
  }
}

}  // namespace

std::vector<QueryWord> query_words(std::string_view text) {
  std::vector<QueryWord> words;
  each_run(text, [&](const TextRun& run) {
    each_query_word(run, [&](QueryWord word) {
      const bool is_known = std::ranges::find(words, word.text, &QueryWord::text) != words.end();
      if (!is_known && words.size() < kQueryWordsMax) words.push_back(std::move(word));
    });
  });
  return words;
}

LastRun last_run(std::string_view text) {
  LastRun last;
  each_run(text, [&](const TextRun& run) {
    last = {run.folded, is_ascii_word(run.folded), run.is_wide(), run.units.front().source_begin,
            run.units.back().source_end};
  });
  return last;
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto character = next_character(text, at);
    if (u_isUWhiteSpace(static_cast<UChar32>(character)) == 0 && fold(character).size > 0) return false;
  }
  return true;
}

std::string normal_form(std::string_view text) {
  std::string out;
  each_run(text, [&](const TextRun& run) {
    if (!out.empty()) out.push_back(' ');
    out.append(run.folded);
  });
  return out;
}

std::string_view first_character(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty()) next_character(text, at);
  return text.substr(0, at);
}

std::string_view common_beginning(std::string_view a, std::string_view b) {
  std::size_t same = 0;
  while (same < a.size()) {
    const auto next = first_character(a.substr(same));
    if (!b.substr(same).starts_with(next)) break;
    same += next.size();
  }
  return a.substr(0, same);
}

std::string continuation_of(std::string_view text, std::string_view beginning) {
  std::string found;
  each_run(text, [&](const TextRun& run) {
    if (!run.is_wide() || !found.empty()) return;
    const auto at = run.folded.find(beginning);
    if (at == std::string::npos) return;
    const auto next = std::ranges::find(run.units, at + beginning.size(), &TextRun::Unit::begin);
    if (next == run.units.end()) return;
    found = run.characters(static_cast<std::size_t>(next - run.units.begin()), kContinuedMax);
  });
  return found;
}

FoundWords::FoundWords(std::vector<std::string> words) : words_(std::move(words)) {
  for (const auto& word : words_) marks_ |= mark_of(word);
}

bool FoundWords::contains(std::string_view word) const {
  return (marks_ & mark_of(word)) != 0 && std::ranges::find(words_, word) != words_.end();
}

std::uint64_t FoundWords::mark_of(std::string_view word) {
  // The last byte of a character differs the most, and that of a pair's first one lies before its middle.
  const auto byte = [&](std::size_t at) { return static_cast<std::uint64_t>(static_cast<unsigned char>(word[at])); };
  const auto last = word.size() - 1;
  return 1ULL << ((byte(last) * 7 + byte(last / 2) * 3 + last) % 64);
}

std::vector<Span> find_words(std::string_view text, const FoundWords& words) {
  std::vector<Span> spans;
  each_run(text, [&](const TextRun& run) {
    each_word(run, Singles::kIndexed,
              [&](std::string_view word, const TextRun::Unit& first, const TextRun::Unit& last) {
                if (!words.contains(word)) return;
                if (!spans.empty() && first.source_begin <= spans.back().end) {
                  spans.back().end = std::max(spans.back().end, last.source_end);
                } else {
                  spans.push_back({first.source_begin, last.source_end});
                }
              });
  });
  return spans;
}

}  // namespace souk::search
