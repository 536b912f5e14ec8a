/// A query between its text and the expression that FTS5 is given: groups of words, each found by itself or by a
/// synonym.
///
/// Thread-safety: values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "projections/search/synonyms.hpp"
#include "projections/search/text.hpp"

namespace souk::search {

/// One thing that is looked for.
struct WordGroup {
  std::vector<WordList> alternatives;  ///< all words of one of them must be there
  bool is_latin = false;               ///< a single word that may be misspelt
  bool is_weak = false;
  std::uint32_t source_begin = 0;
  std::uint32_t source_end = 0;
};

/// Without weak groups, unless there are no others.
std::vector<WordGroup> groups_of(std::string_view text, const Synonyms& synonyms);

enum class Need : std::uint8_t { kAll, kHalf };  ///< of the groups

/// What FTS5 is asked, and how its matches are counted.
///
/// Where some of the groups are enough, each choice of so many stands in the text as a whole, unless there are too many
/// choices: so only what has enough of them is visited, and not everything that has one. A group stands there several
/// times then. Of one that a product has, some choice that matches says so, and with all columns.
class Expression {
 public:
  Expression(const std::vector<WordGroup>& groups, Need need);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t groups() const { return groups_.size(); }
  [[nodiscard]] bool needs_all() const { return needed_ == groups_.size(); }

  /// Points of each group by the best column that it stands in.
  struct Weights {
    std::int32_t name;
    std::int32_t facts;
    std::int32_t description;
  };
  struct Found {
    std::size_t groups = 0;   ///< how many were found
    std::size_t in_name = 0;  ///< words of them in the name
    std::int64_t points = 0;  ///< the sum over the groups
    bool is_enough = false;   ///< as many as are needed
  };
  /// `columns_of(i)`: a bit for each column with the phrase i.
  template <class ColumnsOf>
  [[nodiscard]] Found judge(const ColumnsOf& columns_of, const Weights& weights) const {
    Found found;
    std::array<bool, kQueryWordsMax> is_found{};
    int phrase = 0;
    for (const auto group : order_) {
      std::int64_t best = 0;
      std::size_t best_in_name = 0;
      for (const auto size : groups_[group]) {
        std::int64_t points = 0;
        std::size_t in_name = 0;
        bool is_whole = true;
        for (std::size_t i = 0; i < size; ++i) {
          const std::uint32_t columns = columns_of(phrase++);
          is_whole = is_whole && columns != 0;
          in_name += columns & 1U;
          const auto weight = (columns & 1U) != 0   ? weights.name
                              : (columns & 2U) != 0 ? weights.facts
                                                    : weights.description;
          // Word by word, as another backend adds them.
          points += weight / static_cast<std::int64_t>(size);
        }
        if (is_whole && (points > best || (points == best && in_name > best_in_name))) {
          best = points;
          best_in_name = in_name;
        }
      }
      if (best == 0 || is_found[group]) continue;
      is_found[group] = true;
      ++found.groups;
      found.points += best;
      found.in_name += best_in_name;
    }
    found.is_enough = found.groups >= needed_;
    return found;
  }

 private:
  void write_group(const WordGroup& group);
  void write_choices(const std::vector<WordGroup>& groups);

  std::string text_;
  std::size_t needed_;
  /// Of each group, how many words each alternative has.
  std::vector<std::vector<std::size_t>> groups_;
  /// The groups as they stand in the text, some more than once; phrases are counted through.
  std::vector<std::size_t> order_;
};

/// All words that may have been found, for highlighting.
std::vector<std::string> words_in(const std::vector<WordGroup>& groups);

}  // namespace souk::search
