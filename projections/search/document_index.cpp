#include "projections/search/document_index.hpp"

#include <utility>

#include "engine/base/codec.hpp"
#include "engine/category/state.hpp"
#include "engine/product/fields.hpp"
#include "projections/search/search_projection.hpp"
#include "projections/search/text.hpp"

namespace souk::search {

namespace {

/// What an attribute says; its name says little ("colour") and would be found everywhere.
std::string values_of(std::string_view attributes_json) {
  std::string out;
  const auto attributes = decode<std::vector<product::Attribute>>(attributes_json, UnknownFields::kIgnored);
  for (const auto& attribute : attributes.value_or(std::vector<product::Attribute>{})) {
    for (const auto& value : attribute.values) out.append(value).push_back(' ');
  }
  return out;
}

}  // namespace

Result<std::optional<DocumentTexts>> DocumentIndex::texts(std::int64_t slot) {
  DocumentTexts texts;
  std::optional<Id128> category;
  std::optional<Id128> brand;
  {
    auto query = db_.query(
        "SELECT name, description, sku, attributes, category, brand, category_id, brand_id, sold"
        " FROM offers JOIN documents USING (slot) WHERE slot = ? AND published AND NOT deleted",
        slot);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return std::optional<DocumentTexts>{};
    texts.name = query->text(0);
    texts.description = query->text(1);
    texts.facts.append(query->text(2)).push_back('\n');
    texts.facts.append(values_of(query->text(3))).push_back('\n');
    texts.facts.append(query->text(4)).push_back('\n');
    texts.facts.append(query->text(5)).push_back('\n');
    if (!query->is_null(6)) category = query->id(6);
    if (!query->is_null(7)) brand = query->id(7);
    texts.sold = query->integer(8);
  }
  if (category) {
    auto path = category_path(*category);
    if (!path) return tl::unexpected<Error>(std::move(path.error()));
    texts.facts.append(*path).push_back('\n');
  }
  if (brand) {
    auto called = brand_name(*brand);
    if (!called) return tl::unexpected<Error>(std::move(called.error()));
    texts.facts.append(*called);
  }
  return std::optional(std::move(texts));
}

Result<void> DocumentIndex::add(std::int64_t slot) {
  const auto found = texts(slot);
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return {};
  const auto& texts = **found;
  return db_.execute("INSERT INTO search_index (rowid, name, facts, description) VALUES (?, ?, ?, ?)",
                     row_number(slot, texts.sold), words_of(texts.name, Singles::kIndexed),
                     words_of(texts.facts, Singles::kIndexed), words_of(texts.description, Singles::kLeftOut));
}

Result<void> DocumentIndex::add_again(std::int64_t slot, std::int64_t position) {
  auto noted = db_.execute("UPDATE offers SET worded = max(worded, ?1), changed = max(changed, ?1) WHERE slot = ?2",
                           position, slot);
  return noted ? add(slot) : noted;
}

Result<void> DocumentIndex::remove(std::int64_t slot) {
  std::int64_t row_number_now = 0;
  {
    auto query = db_.query("SELECT sold FROM offers WHERE slot = ? AND published AND NOT deleted", slot);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    row_number_now = row_number(slot, query->integer(0));
  }
  return db_.execute("DELETE FROM search_index WHERE rowid = ?", row_number_now);
}

Result<void> DocumentIndex::renumber(std::int64_t slot, std::int64_t sold_before, std::int64_t sold) {
  const auto before = row_number(slot, sold_before);
  const auto now = row_number(slot, sold);
  if (before == now) return {};
  return db_.execute("UPDATE search_index SET rowid = ? WHERE rowid = ?", now, before);
}

Result<void> DocumentIndex::again_below(CategoryId category, std::int64_t position, Change change) {
  auto found = slots(
      "SELECT slot FROM offers WHERE category_id IN (WITH RECURSIVE below (id) AS (SELECT ?1 UNION"
      " SELECT c.category_id FROM categories c JOIN below ON c.parent_id = below.id) SELECT id FROM below)",
      category.value);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  return again(*found, position, change);
}

Result<void> DocumentIndex::again_of(BrandId brand, std::int64_t position, Change change) {
  auto found = slots("SELECT slot FROM offers WHERE brand_id = ?1", brand.value);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  return again(*found, position, change);
}

Result<std::vector<std::int64_t>> DocumentIndex::slots(std::string_view statement, const Id128& id) {
  std::vector<std::int64_t> found;
  auto query = db_.query(statement, id);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return found;
    found.push_back(query->integer(0));
  }
}

Result<void> DocumentIndex::again(const std::vector<std::int64_t>& slots, std::int64_t position, Change change) {
  for (const auto slot : slots) {
    if (auto removed = remove(slot); !removed) return removed;
  }
  if (auto changed = change(); !changed) return changed;
  for (const auto slot : slots) {
    if (auto added = add_again(slot, position); !added) return added;
  }
  return db_.execute("UPDATE names SET changed = max(changed, ?)", position);
}

Result<std::string> DocumentIndex::category_path(const Id128& category) {
  // A living category's parents live. Step by step, which takes a quarter of the time of a recursive query.
  std::string path;
  std::optional<Id128> at = category;
  for (std::size_t depth = 0; at && depth < category_tree::kDepthMax; ++depth) {
    auto query = db_.query("SELECT parent_id, name, deleted FROM categories WHERE category_id = ?", *at);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) break;
    if (query->integer(2) != 0) return std::string();
    path.insert(0, "/").insert(0, query->text(1));
    at = query->is_null(0) ? std::nullopt : std::optional(query->id(0));
  }
  return path;
}

Result<std::string> DocumentIndex::brand_name(const Id128& brand) {
  auto query = db_.query("SELECT name FROM brands WHERE brand_id = ? AND NOT deleted", brand);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  return *row ? std::string(query->text(0)) : std::string();
}

}  // namespace souk::search
