#include "projections/running_hash.hpp"

#include <sodium/crypto_shorthash_siphash24.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace souk {

namespace {

constexpr std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> kKey{'s', 'o', 'u', 'k', ' ', 'r', 'o', 'w'};

}  // namespace

TableHash& TableHash::operator+=(const TableHash& other) {
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

TableHash& TableHash::operator-=(const TableHash& other) {
  const bool borrows = low < other.low;
  low -= other.low;
  high -= other.high + (borrows ? 1 : 0);
  return *this;
}

std::string TableHash::bytes() const {
  std::string out;
  for (const auto half : {high, low}) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(half >> shift));
  }
  return out;
}

TableHash TableHash::from_bytes(std::string_view bytes) {
  TableHash hash;
  for (std::size_t i = 0; i < 16 && bytes.size() == 16; ++i) {
    auto& half = i < 8 ? hash.high : hash.low;
    half = half << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return hash;
}

Result<RunningHash> RunningHash::open(sqlite::Database& db) {
  RunningHash running;
  auto query = db.query(
      "SELECT name, wr FROM pragma_table_list l WHERE schema = 'main' AND name NOT LIKE 'souk~_%' ESCAPE '~'"
      " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND (type = 'table' OR (type = 'shadow' AND EXISTS ("
      "   SELECT 1 FROM sqlite_master m WHERE l.name = m.name || '_content'"
      "   AND m.sql LIKE 'CREATE VIRTUAL TABLE % USING fts5 %')))"
      " ORDER BY name");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return running;
    running.tables_.push_back({std::string(query->text(0)), query->integer(1) == 0});
  }
}

TableHash RunningHash::of(const sqlite::RowChange& change) {
  TableHash hash;
  const auto table = std::ranges::find(tables_, change.table, &Table::name);
  if (table == tables_.end()) return hash;
  const bool has_rowids = table->has_rowids;
  const bool is_in_place =
      has_rowids && change.has_before && change.has_after && change.rowid_before == change.rowid_after;
  if (is_in_place) {
    for (int column = 0; column < change.columns; ++column) {
      const auto before = change.before(column);
      const auto after = change.after(column);
      if (before == after) continue;
      hash += part(change.table, change.rowid_after, column, after);
      hash -= part(change.table, change.rowid_before, column, before);
    }
    return hash;
  }
  if (change.has_after) {
    hash += row(change.table, change.rowid_after, has_rowids, change.columns, [&](int i) { return change.after(i); });
  }
  if (change.has_before) {
    hash -= row(change.table, change.rowid_before, has_rowids, change.columns, [&](int i) { return change.before(i); });
  }
  return hash;
}

template <class ValueAt>
TableHash RunningHash::row(std::string_view table, std::int64_t rowid, bool has_rowids, int columns,
                           const ValueAt& value_at) {
  if (!has_rowids) {
    begin(table);
    for (int column = 0; column < columns; ++column) add(value_at(column));
    return end();
  }
  TableHash hash;
  for (int column = 0; column < columns; ++column) hash += part(table, rowid, column, value_at(column));
  return hash;
}

TableHash RunningHash::part(std::string_view table, std::int64_t rowid, int column, const sqlite::Value& value) {
  begin(table);
  add(rowid);
  add(column);
  add(value);
  return end();
}

void RunningHash::begin(std::string_view table) {
  buffer_.assign(table);
  buffer_.push_back('\0');
}

void RunningHash::add(std::int64_t number) {
  std::array<char, sizeof number> bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  buffer_.append(bytes.data(), bytes.size());
}

void RunningHash::add(const sqlite::Value& value) {
  buffer_.push_back(static_cast<char>(value.type));
  switch (value.type) {
    case sqlite::Value::Type::kNull: return;
    case sqlite::Value::Type::kInteger:
    case sqlite::Value::Type::kReal: add(value.integer); return;
    case sqlite::Value::Type::kText:
    case sqlite::Value::Type::kBlob: add(static_cast<std::int64_t>(value.bytes.size())); buffer_.append(value.bytes);
  }
}

TableHash RunningHash::end() const {
  std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> out{};
  crypto_shorthash_siphashx24(out.data(), reinterpret_cast<const unsigned char*>(buffer_.data()), buffer_.size(),
                              kKey.data());
  return TableHash::from_bytes({reinterpret_cast<const char*>(out.data()), out.size()});
}

Result<TableHash> RunningHash::of_rows(sqlite::Database& db) {
  TableHash hash;
  for (const auto& [table, has_rowids] : tables_) {
    auto query = db.query((has_rowids ? "SELECT rowid, * FROM \"" : "SELECT 0, * FROM \"") + table + "\"");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto found = query->step();
      if (!found) return tl::unexpected<Error>(std::move(found.error()));
      if (!*found) break;
      hash += row(table, query->integer(0), has_rowids, query->columns() - 1,
                  [&](int column) { return query->value(column + 1); });
    }
  }
  return hash;
}

}  // namespace souk
