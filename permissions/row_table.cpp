#include "permissions/row_table.hpp"

#include "permissions/text_hash.hpp"

namespace souk::permissions {
namespace {

std::uint64_t hash_of_regex(PatternKind kind, std::string_view pattern) {
  return hash_with(static_cast<std::uint64_t>(kind), hash_of(pattern));
}

}  // namespace

std::uint64_t hash_of_beginning(Beginning beginning) {
  return hash_with(beginning.whole ? 1 : 0, hash_of(beginning.text));
}

const Row* RowTable::find(std::span<const std::string> values) const {
  const auto hash = hash_of_values(values);
  for (auto cursor = by_values_.find({0, hash}); !cursor.at_end() && (*cursor).group == hash; cursor.next()) {
    if ((*cursor).row->has_values(values)) return (*cursor).row;
  }
  return nullptr;
}

std::shared_ptr<const Regex> RowTable::find_regex(PatternKind kind, std::string_view pattern) const {
  const auto hash = hash_of_regex(kind, pattern);
  for (auto cursor = by_regex_.find({hash, 0}); !cursor.at_end() && (*cursor).pattern == hash; cursor.next()) {
    const auto& [of_pattern, number, row] = *cursor;
    if (slots_[number].pattern == kind && row->value(slots_[number].column) == pattern) return row->regex(number);
  }
  return nullptr;
}

/// Calls `change` with the place of each regular expression that the row has, and counts the different ones.
template <class Change>
void RowTable::change_regexes(const Row& row, const Change& change) {
  for (std::size_t i = 0; row.has_prepared() && i < slots_.size(); ++i) {
    if (row.regex(i) == nullptr) continue;
    const auto hash = hash_of_regex(slots_[i].pattern, row.value(slots_[i].column));
    const auto is_there = [&] {
      const auto cursor = by_regex_.find({hash, 0});
      return !cursor.at_end() && (*cursor).pattern == hash;
    };
    const bool before = is_there();
    change(IndexEntry{hash, i, &row});
    if (before != is_there()) regexes_ += before ? std::size_t(-1) : 1;
  }
}

IndexEntry RowTable::entry_of(std::size_t index, const Row& row, std::uint32_t change) {
  const auto& shape = shapes_[index];
  IndexEntry out{0, kNoColumns, &row};
  for (const auto column : shape.columns) out.group = hash_with(out.group, hash_of(row.value(column)));
  if (shape.pattern) {
    const auto beginning = beginning_of(shape.pattern->kind, row.value(shape.pattern->column));
    out.pattern = hash_of_beginning(beginning);
    indexes_[index].beginnings[beginning] += change;
  }
  return out;
}

void RowTable::insert(const std::shared_ptr<const Row>& row, const Edit& edit) {
  rows_.insert(row, edit);
  by_values_.insert({0, hash_of_values(*row), row.get()}, edit);
  for (std::size_t i = 0; i < shapes_.size(); ++i) indexes_[i].entries.insert(entry_of(i, *row, 1), edit);
  change_regexes(*row, [&](const IndexEntry& entry) { by_regex_.insert(entry, edit); });
}

void RowTable::erase(const Row& row, const Edit& edit) {
  change_regexes(row, [&](const IndexEntry& entry) { by_regex_.erase(IndexOrder::key(entry), edit); });
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    indexes_[i].entries.erase(IndexOrder::key(entry_of(i, row, UINT32_MAX)), edit);
  }
  by_values_.erase({0, hash_of_values(row), row.order()}, edit);
  // The last: it may be the one that the row belongs to.
  rows_.erase(RuleOrder(row.order()), edit);
}

}  // namespace souk::permissions
