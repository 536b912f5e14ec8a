/// The Latin words that the index knows, for words that are misspelt or not whole yet.
///
/// Thread-safety: one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "projections/sqlite.hpp"

namespace souk::search {

/// How many letters must be put in, left out, replaced, or swapped with the next to make one of the other; more than
/// `max` counts as max + 1. Source: Damerau 1964; "optimal string alignment".
std::size_t distance_of(std::string_view a, std::string_view b, std::size_t max);

class Dictionary {
 public:
  /// Reads the words if the index is of another version than when they were read. Reading takes longer the more there
  /// are; so that it takes no more than a fiftieth of the time, what is read may be older.
  Result<void> refresh(sqlite::Database& db, std::uint64_t version);
  /// Whether what it knows is that of the version.
  [[nodiscard]] bool is_of(std::uint64_t version) const { return version_ == version; }
  /// The next `refresh` reads.
  void forget() { version_.reset(); }

  [[nodiscard]] bool knows(std::string_view word) const;
  /// The word that it is most like, if one is like it: one mistake in a word of 4 letters, two in one of 8.
  [[nodiscard]] std::optional<std::string> nearest(std::string_view word) const;
  /// Those that begin so, the most frequent first.
  [[nodiscard]] std::vector<std::string> beginning_with(std::string_view beginning, std::size_t limit) const;

 private:
  struct Word {
    std::string text;
    std::int64_t products = 0;
  };

  std::vector<Word> words_;             ///< sorted
  std::vector<std::uint32_t> letters_;  ///< of each, which letters are in it
  std::optional<std::uint64_t> version_;
  std::chrono::steady_clock::time_point read_at_{};
  std::chrono::steady_clock::duration took_{};
};

}  // namespace souk::search
