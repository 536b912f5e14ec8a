#include "projections/search/dictionary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

namespace souk::search {

namespace {

constexpr std::size_t kWordSizeMax = 32;  ///< longer ones are taken as they are
constexpr int kRestShare = 50;

std::size_t mistakes_in(std::size_t size) {
  if (size < 4) return 0;
  return size < 8 ? 1 : 2;
}

/// A bit for each letter that is in the word. One mistake changes two of them at most.
std::uint32_t letters_of(std::string_view word) {
  std::uint32_t letters = 0;
  for (const char c : word) letters |= 1U << (static_cast<unsigned>(c - 'a') % 32);
  return letters;
}

}  // namespace

std::size_t distance_of(std::string_view a, std::string_view b, std::size_t max) {
  if (a.size() > kWordSizeMax || b.size() > kWordSizeMax) return a == b ? 0 : max + 1;
  const auto longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > max) return max + 1;
  using Line = std::array<std::size_t, kWordSizeMax + 1>;
  Line before_last{};
  Line last{};
  Line line{};
  for (std::size_t j = 0; j <= b.size(); ++j) line[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, line);
    line[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = a[i - 1] == b[j - 1] ? 0 : 1;
      line[j] = std::min({last[j] + 1, line[j - 1] + 1, last[j - 1] + differs});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        line[j] = std::min(line[j], before_last[j - 2] + 1);
      }
      least = std::min(least, line[j]);
    }
    if (least > max) return max + 1;
  }
  return std::min(line[b.size()], max + 1);
}

Result<void> Dictionary::refresh(sqlite::Database& db, std::uint64_t version) {
  const auto now = std::chrono::steady_clock::now();
  if (version_ && (*version_ == version || now - read_at_ < took_ * kRestShare)) return {};
  std::vector<Word> words;
  auto query = db.query("SELECT term, doc FROM search_words WHERE term >= 'a' AND term < '{'");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) break;
    words.push_back({std::string(query->text(0)), query->integer(1)});
  }
  words_ = std::move(words);
  letters_.clear();
  letters_.reserve(words_.size());
  for (const auto& word : words_) letters_.push_back(letters_of(word.text));
  version_ = version;
  read_at_ = now;
  took_ = std::chrono::steady_clock::now() - now;
  return {};
}

bool Dictionary::knows(std::string_view word) const {
  const auto found = std::ranges::lower_bound(words_, word, {}, &Word::text);
  return found != words_.end() && found->text == word;
}

std::optional<std::string> Dictionary::nearest(std::string_view word) const {
  const auto max = mistakes_in(word.size());
  if (max == 0) return std::nullopt;
  const Word* best = nullptr;
  // The first letter is seldom the wrong one.
  std::tuple<std::size_t, bool, std::int64_t> best_rank{max + 1, false, 0};
  const auto letters = letters_of(word);
  for (std::size_t i = 0; i < words_.size(); ++i) {
    // This tells nearly all words from one that is like it, in a fraction of the time.
    if (static_cast<std::size_t>(std::popcount(letters ^ letters_[i])) > 2 * max) continue;
    const auto& candidate = words_[i];
    const auto distance = distance_of(word, candidate.text, max);
    if (distance > max) continue;
    const std::tuple rank{distance, candidate.text.front() != word.front(), -candidate.products};
    if (rank < best_rank) {
      best = &candidate;
      best_rank = rank;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(best->text);
}

std::vector<std::string> Dictionary::beginning_with(std::string_view beginning, std::size_t limit) const {
  std::vector<const Word*> found;
  for (auto at = std::ranges::lower_bound(words_, beginning, {}, &Word::text);
       at != words_.end() && at->text.starts_with(beginning); ++at) {
    found.push_back(&*at);
  }
  const auto count = std::min(limit, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count),
                            [](const auto* a, const auto* b) {
                              return std::tuple(-a->products, std::string_view(a->text)) <
                                     std::tuple(-b->products, std::string_view(b->text));
                            });
  std::vector<std::string> words;
  for (std::size_t i = 0; i < count; ++i) words.push_back(found[i]->text);
  return words;
}

}  // namespace souk::search
