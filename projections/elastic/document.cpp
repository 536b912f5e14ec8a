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

namespace {

constexpr std::size_t kAnyBytes = std::numeric_limits<std::size_t>::max();

std::size_t bytes_of(const Document& document) {
  const std::size_t text = document.text ? document.text->size() : 0;
  return document.name.size() + document.facts.size() + document.description.size() + text;
}

}  // namespace

template <class... Arguments>
Result<DocumentReader::Page> DocumentReader::read(std::size_t bytes_max, std::string_view condition,
                                                  const Arguments&... arguments) {
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
  Page page;
  page.documents.reserve(rows.size());
  std::size_t bytes = 0;
  for (auto& row : rows) {
    if (bytes > bytes_max) return page;
    if (auto done = complete(row); !done) return tl::unexpected<Error>(std::move(done.error()));
    bytes += bytes_of(row.one.document);
    page.documents.push_back(std::move(row.one));
  }
  page.is_last = true;
  return page;
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

Result<DocumentReader::Page> DocumentReader::changed_behind(PlaceOfChange place, std::size_t limit,
                                                            std::size_t bytes_max) {
  auto page = read(bytes_max, "WHERE (changed, slot) > (?, ?) ORDER BY changed, slot LIMIT ?",
                   static_cast<std::int64_t>(place.changed.value), place.slot, static_cast<std::int64_t>(limit));
  if (page) page->is_last = page->is_last && page->documents.size() < limit;
  return page;
}

Result<std::vector<Versioned>> DocumentReader::created_behind(std::int64_t slot, std::size_t limit) {
  return read(kAnyBytes, "WHERE slot > ? ORDER BY slot LIMIT ?", slot, static_cast<std::int64_t>(limit))
      .map([](Page page) { return std::move(page.documents); });
}

Result<std::optional<Versioned>> DocumentReader::find(ProductId product) {
  auto found = read(kAnyBytes, "WHERE product_id = ?", product.value);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  auto& documents = found->documents;
  return documents.empty() ? std::optional<Versioned>() : std::optional(std::move(documents.front()));
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
