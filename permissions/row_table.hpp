/// All rules of one kind, in their order, with the indexes by which they are found. A copy is cheap, and so is a
/// change.
///
/// Thread-safety: as SortedChunks.
/// Ownership: the rows belong to the table; pointers to them are valid as long as a table that has them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "permissions/key_pattern.hpp"
#include "permissions/row.hpp"
#include "permissions/sorted_chunks.hpp"

namespace souk::permissions {

/// By which columns rules are found.
struct IndexShape {
  struct Pattern {
    std::uint16_t column = 0;
    PatternKind kind = PatternKind::kKeyMatch;

    friend bool operator==(const Pattern&, const Pattern&) = default;
  };
  std::vector<std::uint16_t> columns;  ///< whose values are known
  std::optional<Pattern> pattern;      ///< and one whose beginning is

  friend bool operator==(const IndexShape&, const IndexShape&) = default;
};

/// The hash of the columns' values together, begun with this one and continued by hash_with.
inline constexpr std::uint64_t kNoColumns = 0x5D1E7A3C;

/// The hash of a key's beginning, or of a key as a whole.
std::uint64_t hash_of_beginning(Beginning beginning);

struct RowOrder {
  using Key = RuleOrder;
  static Key key(const std::shared_ptr<const Row>& row) { return row->order(); }
  static bool before(const std::shared_ptr<const Row>& row, const Key& key) { return row->order() < key; }
};

/// By pattern first: of the beginnings that a key has, few are any rule's.
struct IndexEntry {
  std::uint64_t pattern;  ///< of the beginning; 0 if there is no pattern
  std::uint64_t group;    ///< of the columns
  const Row* row;
};

struct IndexOrder {
  struct Key {
    std::uint64_t pattern = 0;
    std::uint64_t group = 0;
    RuleOrder order = {INT64_MIN, 0};

    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static Key key(const IndexEntry& entry) { return {entry.pattern, entry.group, entry.row->order()}; }
  /// Looks at the row only where the hashes are equal: it may be far away.
  static bool before(const IndexEntry& entry, const Key& key) {
    if (entry.pattern != key.pattern) return entry.pattern < key.pattern;
    if (entry.group != key.group) return entry.group < key.group;
    return entry.row->order() < key.order;
  }
};

/// How many patterns have a beginning of so many slashes, so that nobody looks for beginnings that there are not.
struct BeginningCounts {
  std::array<std::uint32_t, kPrefixSlashesMax + 1> with_slashes{};
  std::uint32_t whole = 0;

  std::uint32_t& operator[](const Beginning& one) { return one.whole ? whole : with_slashes[one.slashes]; }
};

class RowTable {
 public:
  using Rows = SortedChunks<std::shared_ptr<const Row>, RowOrder>;
  using Entries = SortedChunks<IndexEntry, IndexOrder>;
  struct Index {
    Entries entries;
    BeginningCounts beginnings;  ///< if it is by a pattern
  };

  /// Both must outlive the table. `slots` are what its rows have prepared.
  RowTable(std::span<const IndexShape> shapes, std::span<const Slot> slots)
      : shapes_(shapes), slots_(slots), indexes_(shapes.size()) {}

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const Rows& rows() const { return rows_; }
  [[nodiscard]] const Index& index(std::size_t number) const { return indexes_[number]; }
  /// How many different regular expressions its rows have.
  [[nodiscard]] std::size_t regexes() const { return regexes_; }
  /// One of them that some row has for the same, or null.
  [[nodiscard]] std::shared_ptr<const Regex> find_regex(PatternKind kind, std::string_view pattern) const;
  /// The row with exactly these values, or null.
  [[nodiscard]] const Row* find(std::span<const std::string> values) const;

  void insert(const std::shared_ptr<const Row>& row, const Edit& edit);
  void erase(const Row& row, const Edit& edit);

 private:
  /// The row's entry in an index; adds `change` to the counts that it belongs to.
  IndexEntry entry_of(std::size_t index, const Row& row, std::uint32_t change);

  template <class Change>
  void change_regexes(const Row& row, const Change& change);

  std::span<const IndexShape> shapes_;
  std::span<const Slot> slots_;
  Rows rows_;
  Entries by_values_;
  std::vector<Index> indexes_;
  Entries by_regex_;  ///< by the hash of kind and pattern, and by slot
  std::size_t regexes_ = 0;
};

}  // namespace souk::permissions
