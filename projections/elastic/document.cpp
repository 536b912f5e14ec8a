#include "projections/elastic/document.hpp"

#include <limits>
#include <utility>

#include "projections/search/document_index.hpp"
#include "projections/search/search_projection.hpp"
#include "projections/search/selection.hpp"
#include "projections/search/text.hpp"

namespace souk::elastic {

struct DocumentReader::Row {
  Versioned one;
  std::optional<CategoryId> category;
  std::optional<BrandId> brand;
};

template <class... Arguments>
Result<std::vector<Versioned>> DocumentReader::read(std::string_view condition, const Arguments&... arguments) {
  std::vector<Row> rows;
  {
    auto query = db_.query(
        "SELECT slot, product_id, created, price_minor, category_id, brand_id, published AND NOT deleted, in_stock,"
        " sold, name_words, changed FROM offers " +
            std::string(condition),
        arguments...);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto found = query->step();
      if (!found) return tl::unexpected<Error>(std::move(found.error()));
      if (!*found) break;
      Row& row = rows.emplace_back();
      row.one.slot = query->integer(0);
      row.one.product = ProductId{query->id(1)};
      row.one.changed = Position{static_cast<std::uint64_t>(query->integer(10))};
      auto& document = row.one.document;
      document.created = Position{static_cast<std::uint64_t>(query->integer(2))};
      document.price = query->integer(3);
      if (!query->is_null(4)) row.category = CategoryId{query->id(4)};
      if (!query->is_null(5)) row.brand = BrandId{query->id(5)};
      document.seen = query->integer(6) != 0;
      document.in_stock = query->integer(7) != 0;
      document.sold = query->integer(8);
      document.rank = search::rank_of(document.sold);
      document.share = search::share_of_name(query->integer(9));
    }
  }
  std::vector<Versioned> all;
  all.reserve(rows.size());
  for (auto& row : rows) {
    if (auto done = complete(row); !done) return tl::unexpected<Error>(std::move(done.error()));
    all.push_back(std::move(row.one));
  }
  return all;
}

Result<void> DocumentReader::complete(Row& row) {
  auto& document = row.one.document;
  if (!document.seen) return {};
  auto texts = search::DocumentIndex(db_).texts(row.one.slot);
  if (!texts) return tl::unexpected<Error>(std::move(texts.error()));
  if (!*texts) return {};
  const auto& [name, facts, description, sold] = **texts;
  document.name = search::words_of(name, search::Singles::kIndexed);
  document.facts = search::words_of(facts, search::Singles::kIndexed);
  document.description = search::words_of(description, search::Singles::kLeftOut);
  if (with_text_) document.text = search::normal_form(name + '\n' + facts + '\n' + description);
  if (row.category) {
    auto chain = within(*row.category);
    if (!chain) return tl::unexpected<Error>(std::move(chain.error()));
    if (!chain->empty()) document.category = row.category;
    document.within = std::move(*chain);
  }
  if (row.brand) {
    const auto there = lives(*row.brand);
    if (!there) return tl::unexpected<Error>(there.error());
    if (*there) document.brand = row.brand;
  }
  return {};
}

Result<std::vector<CategoryId>> DocumentReader::within(CategoryId category) {
  if (const auto known = within_.find(category); known != within_.end()) return known->second;
  auto query = db_.query(
      "WITH RECURSIVE above (id, parent, deleted, height) AS ("
      " SELECT category_id, parent_id, deleted, 0 FROM categories WHERE category_id = ?1 UNION ALL"
      " SELECT c.category_id, c.parent_id, c.deleted, height + 1 FROM categories c"
      "  JOIN above ON c.category_id = above.parent WHERE height < 16)"
      "SELECT id, deleted FROM above ORDER BY height",
      category.value);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  std::vector<CategoryId> chain;
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) break;
    // A living category's parents live.
    if (query->integer(1) != 0) {
      chain.clear();
      break;
    }
    chain.push_back(CategoryId{query->id(0)});
  }
  within_.emplace(category, chain);
  return chain;
}

Result<bool> DocumentReader::lives(BrandId brand) {
  auto query = db_.query("SELECT 1 FROM brands WHERE brand_id = ? AND NOT deleted", brand.value);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  return query->step();
}

Result<std::vector<Versioned>> DocumentReader::changed_behind(PlaceOfChange place, std::size_t limit) {
  return read("WHERE (changed, slot) > (?, ?) ORDER BY changed, slot LIMIT ?",
              static_cast<std::int64_t>(place.changed.value), place.slot, static_cast<std::int64_t>(limit));
}

Result<std::vector<Versioned>> DocumentReader::created_behind(std::int64_t slot, std::size_t limit) {
  return read("WHERE slot > ? ORDER BY slot LIMIT ?", slot, static_cast<std::int64_t>(limit));
}

Result<std::optional<Versioned>> DocumentReader::find(ProductId product) {
  auto found = read("WHERE product_id = ?", product.value);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  return found->empty() ? std::optional<Versioned>() : std::optional(std::move(found->front()));
}

Result<ParkedInFile> DocumentReader::parked(std::optional<Position> upto) {
  auto query = db_.query("SELECT count(*), coalesce(max(position), 0) FROM souk_parked WHERE position <= ?",
                         upto ? static_cast<std::int64_t>(upto->value) : std::numeric_limits<std::int64_t>::max());
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  const auto row = query->step();
  if (!row) return tl::unexpected<Error>(row.error());
  return ParkedInFile{query->integer(0), Position{static_cast<std::uint64_t>(query->integer(1))}};
}

}  // namespace souk::elastic
