/// Words that mean the same, from a file that people edit.
///
///   # a comment
///   mug, 马克杯          each of a line is found by each other
///   mobile => phone      only this way
///
/// Entries are read as queries are, so case, script and width do not matter. An entry may have several words.
/// Thread-safety: `Synonyms` const after construction; `SynonymFile` one thread at a time.
/// Limits: a file of 1 MiB, 10,000 lines, 20 entries in a line; what is beyond them is an error.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::search {

/// The words of an entry, as query_words makes them.
using WordList = std::vector<std::string>;

class Synonyms {
 public:
  /// Errors: kInvalid "search.synonyms_invalid" with the line.
  static Result<Synonyms> parse(std::string_view text);

  struct Match {
    std::size_t size = 0;  ///< how many words of the query it covers; 0: none
    const std::vector<WordList>* others = nullptr;
  };
  /// The longest entry that the words from `first` on begin with.
  [[nodiscard]] Match find(const std::vector<std::string>& words, std::size_t first) const;

 private:
  struct Entry {
    WordList words;
    std::vector<WordList> others;
  };
  void add(const WordList& words, const WordList& other);

  /// By their first word.
  std::unordered_map<std::string, std::vector<Entry>> entries_;
};

/// Reads the file again when it has changed.
class SynonymFile {
 public:
  /// An empty path: there is none, and no synonyms.
  explicit SynonymFile(std::string path) : path_(std::move(path)) {}

  /// It was not looked at within the last second. Any thread may ask.
  [[nodiscard]] bool is_due() const;
  /// Looks at the file if that is due.
  void refresh();
  /// What holds now. A file that cannot be read or is wrong leaves what held before; `take_problem` says so.
  [[nodiscard]] const Synonyms& current() const { return synonyms_; }
  /// Raised whenever what holds is another.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  /// Of the last reading, once.
  [[nodiscard]] std::optional<Error> take_problem();

 private:
  void look();

  std::string path_;
  std::atomic<std::int64_t> looked_ms_ = -1;
  std::string stamp_;
  std::uint64_t version_ = 0;
  Synonyms synonyms_;
  std::optional<Error> problem_;
};

}  // namespace souk::search
