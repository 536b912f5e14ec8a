#include "projections/search/search_projection.hpp"

#include <algorithm>
#include <utility>

#include "engine/brand/brand.hpp"
#include "engine/category/category.hpp"
#include "engine/product/product.hpp"
#include "engine/stock/stock.hpp"
#include "projections/apply_as.hpp"
#include "projections/search/document_index.hpp"
#include "projections/search/fold.hpp"
#include "projections/search/text.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE offers ("
    "  slot INTEGER PRIMARY KEY, created INTEGER NOT NULL, product_id BLOB NOT NULL UNIQUE, price_minor INTEGER NOT "
    "NULL,"
    "  currency TEXT NOT NULL, category_id BLOB, brand_id BLOB, published INTEGER NOT NULL, deleted INTEGER NOT NULL,"
    "  in_stock INTEGER NOT NULL, sold INTEGER NOT NULL, name_words INTEGER NOT NULL, worded INTEGER NOT NULL, changed "
    "INTEGER NOT NULL);"
    "CREATE INDEX offers_by_category ON offers (category_id);"
    "CREATE INDEX offers_by_brand ON offers (brand_id);"
    "CREATE TABLE documents ("
    "  slot INTEGER PRIMARY KEY, sku TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, pictures TEXT NOT "
    "NULL,"
    "  attributes TEXT NOT NULL, purchase_limit INTEGER, category TEXT NOT NULL, brand TEXT NOT NULL,"
    "  version INTEGER NOT NULL);"
    "CREATE TABLE stocks (product_id BLOB PRIMARY KEY, untracked INTEGER NOT NULL, on_hand INTEGER NOT NULL,"
    "  reserved INTEGER NOT NULL, sold INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE categories (category_id BLOB PRIMARY KEY, parent_id BLOB, name TEXT NOT NULL,"
    "  deleted INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX categories_by_parent ON categories (parent_id);"
    "CREATE TABLE brands (brand_id BLOB PRIMARY KEY, name TEXT NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID;"
    // Of the last change of a category or a brand.
    "CREATE TABLE names (changed INTEGER NOT NULL);"
    "INSERT INTO names VALUES (0);"
    // Of each word only the columns are kept, not the places: it is half as large, and ranking is faster. How many
    // words a row has is not kept, for bm25 is not used. What is inserted is held until a transaction ends, if it is no
    // more than 32 MiB, and more than a few parts are merged at a time: half the work when everything is inserted anew.
    "CREATE VIRTUAL TABLE search_index USING fts5 ("
    "  name, facts, description, tokenize = 'ascii', detail = 'column', columnsize = 0);"
    "INSERT INTO search_index (search_index, rank) VALUES ('hashsize', 33554432), ('automerge', 8);"
    "CREATE VIRTUAL TABLE search_words USING fts5vocab (search_index, 'row');";

/// What only readers ask for: while everything is made anew each event would change it twice.
constexpr const char* kIndexes = "CREATE INDEX IF NOT EXISTS offers_by_change ON offers (changed);";

/// No statement on the way of a product or its stock may change several rows and fail in the middle: SQLite makes a
/// savepoint for such a one, and at each savepoint FTS5 writes a part of its own for what it holds.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;
  search::DocumentIndex index{db};

  [[nodiscard]] std::int64_t position() const { return static_cast<std::int64_t>(record.position.value); }

  // --- products

  Result<void> on(const product::Created& event) {
    const auto slot = next_slot();
    if (!slot) return tl::unexpected<Error>(slot.error());
    auto written = db.execute("INSERT INTO offers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, ?9, ?2, ?2)", *slot,
                              position(), record.stream.id(), event.price.amount, event.price.currency.str(),
                              unless_empty(event.category_id), unless_empty(event.brand_id),
                              std::int64_t{event.published}, std::int64_t{search::count_words(event.name)});
    if (written) {
      written = db.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *slot, event.sku, event.name,
                           event.description, encode(event.pictures), encode(event.attributes), event.purchase_limit,
                           event.category.value_or(""), event.brand.value_or(""),
                           static_cast<std::int64_t>(record.version.value));
    }
    if (written) written = take_stock(record.stream.id());
    return written ? index.add(*slot) : written;
  }

  Result<std::int64_t> next_slot() {
    auto query = db.query("SELECT coalesce(max(slot), 0) + 1 FROM offers");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    return query->integer(0);
  }

  /// What is on sale by its price or is shown by another picture keeps its words.
  static bool changes_words(const product::Changed& event) {
    return event.name || event.description || event.category || event.brand || event.category_id || event.brand_id ||
           event.attributes;
  }

  Result<void> on(const product::Changed& event) {
    return with_slot([&](std::int64_t slot) -> Result<void> {
      const bool words = changes_words(event);
      if (words) {
        if (auto removed = index.remove(slot); !removed) return removed;
      }
      if (auto changed = change(event, slot); !changed) return changed;
      return words ? index.add_again(slot, position()) : Result<void>{};
    });
  }

  Result<void> change(const product::Changed& event, std::int64_t slot) {
    auto changed = change_offer(event, slot);
    std::optional<std::string> pictures;
    if (event.pictures) pictures = encode(*event.pictures);
    std::optional<std::string> attributes;
    if (event.attributes) attributes = encode(*event.attributes);
    // An id takes the place of a name that an older event gave.
    std::optional<std::string> category = event.category;
    if (event.category_id) category = "";
    std::optional<std::string> brand = event.brand;
    if (event.brand_id) brand = "";
    if (changed) {
      changed = db.execute(
          "UPDATE documents SET name = coalesce(?, name), description = coalesce(?, description),"
          "  pictures = coalesce(?, pictures), attributes = coalesce(?, attributes), category = coalesce(?, category),"
          "  brand = coalesce(?, brand), purchase_limit = nullif(coalesce(?, purchase_limit), 0), version = ?"
          " WHERE slot = ?",
          event.name, event.description, pictures, attributes, category, brand, event.purchase_limit,
          static_cast<std::int64_t>(record.version.value), slot);
    }
    return changed;
  }

  Result<void> change_offer(const product::Changed& event, std::int64_t slot) {
    std::optional<std::int64_t> price;
    std::optional<std::string_view> currency;
    if (event.price) {
      price = event.price->amount;
      currency = event.price->currency.str();
    }
    std::optional<std::int64_t> name_words;
    if (event.name) name_words = search::count_words(*event.name);
    auto changed = db.execute(
        "UPDATE offers SET price_minor = coalesce(?, price_minor), currency = coalesce(?, currency),"
        "  name_words = coalesce(?, name_words), changed = max(changed, ?) WHERE slot = ?",
        price, currency, name_words, position(), slot);
    if (changed && event.category_id) {
      changed = db.execute("UPDATE offers SET category_id = ? WHERE slot = ?", unless_empty(event.category_id), slot);
    }
    if (changed && event.brand_id) {
      changed = db.execute("UPDATE offers SET brand_id = ? WHERE slot = ?", unless_empty(event.brand_id), slot);
    }
    return changed;
  }

  Result<void> on(const product::Published& /*event*/) { return show("published = 1"); }
  Result<void> on(const product::Withdrawn& /*event*/) { return show("published = 0"); }
  Result<void> on(const product::Deleted& /*event*/) { return show("deleted = 1"); }
  Result<void> on(const product::Restored& /*event*/) { return show("deleted = 0"); }

  Result<void> show(const std::string& change) {
    return with_slot([&](std::int64_t slot) -> Result<void> {
      if (auto removed = index.remove(slot); !removed) return removed;
      auto changed =
          db.execute("UPDATE offers SET " + change + ", changed = max(changed, ?) WHERE slot = ?", position(), slot);
      if (changed) {
        changed = db.execute("UPDATE documents SET version = ? WHERE slot = ?",
                             static_cast<std::int64_t>(record.version.value), slot);
      }
      return changed ? index.add_again(slot, position()) : changed;
    });
  }

  template <class Then>
  Result<void> with_slot(const Then& then) {
    std::int64_t slot = 0;
    {
      auto query = db.query("SELECT slot FROM offers WHERE product_id = ?", record.stream.id());
      if (!query) return tl::unexpected<Error>(std::move(query.error()));
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return row_missing(record, kNeverCreated);
      slot = query->integer(0);
    }
    return then(slot);
  }

  // --- stock

  Result<void> on(const stock::Received& event) { return move(event.quantity, 0, 0); }
  Result<void> on(const stock::Adjusted& event) { return move(event.to - event.from, 0, 0); }
  Result<void> on(const stock::Reserved& event) { return move(0, event.quantity, 0); }
  Result<void> on(const stock::Released& event) { return move(0, -event.quantity, 0); }
  Result<void> on(const stock::Deducted& event) { return move(-event.quantity, -event.quantity, event.quantity); }
  Result<void> on(const stock::Restocked& event) { return move(event.quantity, 0, -event.quantity); }
  Result<void> on(const stock::ReservationRefused& /*event*/) { return {}; }
  Result<void> on(const stock::Low& /*event*/) { return {}; }
  Result<void> on(const stock::Replenished& /*event*/) { return {}; }
  Result<void> on(const stock::Configured& event) {
    auto done =
        db.execute("INSERT INTO stocks VALUES (?, ?, 0, 0, 0) ON CONFLICT DO UPDATE SET untracked = excluded.untracked",
                   record.stream.id(), std::int64_t{event.mode == stock::Mode::kUntracked});
    return done ? take_stock(record.stream.id()) : done;
  }

  Result<void> move(std::int64_t on_hand, std::int64_t reserved, std::int64_t sold) {
    auto done = db.execute(
        "INSERT INTO stocks VALUES (?, 0, ?, ?, ?) ON CONFLICT DO UPDATE SET on_hand = on_hand + excluded.on_hand,"
        " reserved = reserved + excluded.reserved, sold = sold + excluded.sold",
        record.stream.id(), on_hand, reserved, sold);
    return done ? take_stock(record.stream.id()) : done;
  }

  /// Into the product's row, if that is there and it makes a difference.
  Result<void> take_stock(const Id128& product) {
    std::int64_t slot = 0;
    std::int64_t sold_before = 0;
    std::int64_t sold = 0;
    bool in_stock = false;
    {
      auto query = db.query(
          "SELECT d.slot, d.in_stock, d.sold, s.untracked OR s.on_hand > s.reserved, max(s.sold, 0)"
          " FROM stocks s JOIN offers d ON d.product_id = s.product_id WHERE s.product_id = ?",
          product);
      if (!query) return tl::unexpected<Error>(std::move(query.error()));
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      slot = query->integer(0);
      sold_before = query->integer(2);
      in_stock = query->integer(3) != 0;
      sold = query->integer(4);
      if ((query->integer(1) != 0) == in_stock && sold_before == sold) return {};
    }
    auto done = db.execute("UPDATE offers SET in_stock = ?, sold = ?, changed = max(changed, ?) WHERE slot = ?",
                           std::int64_t{in_stock}, sold, position(), slot);
    return done ? index.renumber(slot, sold_before, sold) : done;
  }

  // --- categories

  Result<void> on(const category_tree::Added& event) {
    auto added = db.execute("INSERT INTO categories VALUES (?, ?, ?, 0)", event.id.value, unless_empty(event.parent),
                            event.name);
    if (!added) return added;
    // A product may have named it before it was there.
    return index.again_below(event.id, position(), [] { return Result<void>{}; });
  }

  Result<void> on(const category_tree::Changed& event) {
    if (!event.name) return {};
    return index.again_below(event.id, position(), [&] {
      return updated(db.execute("UPDATE categories SET name = ? WHERE category_id = ?", *event.name, event.id.value));
    });
  }

  Result<void> on(const category_tree::Moved& event) {
    return index.again_below(event.id, position(), [&] {
      return updated(db.execute("UPDATE categories SET parent_id = ? WHERE category_id = ?", unless_empty(event.parent),
                                event.id.value));
    });
  }

  Result<void> on(const category_tree::Deleted& event) { return set_deleted(event.id, true); }
  Result<void> on(const category_tree::Restored& event) { return set_deleted(event.id, false); }

  Result<void> set_deleted(CategoryId id, bool deleted) {
    return index.again_below(id, position(), [&] {
      return updated(
          db.execute("UPDATE categories SET deleted = ? WHERE category_id = ?", std::int64_t{deleted}, id.value));
    });
  }

  // --- brands

  Result<void> on(const brands::Added& event) {
    auto added = db.execute("INSERT INTO brands VALUES (?, ?, 0)", event.id.value, event.name);
    if (!added) return added;
    return index.again_of(event.id, position(), [] { return Result<void>{}; });
  }
  Result<void> on(const brands::Changed& event) {
    if (!event.name) return {};
    return index.again_of(event.id, position(), [&] {
      return updated(db.execute("UPDATE brands SET name = ? WHERE brand_id = ?", *event.name, event.id.value));
    });
  }
  Result<void> on(const brands::Deleted& event) { return set_deleted(event.id, true); }
  Result<void> on(const brands::Restored& event) { return set_deleted(event.id, false); }

  Result<void> set_deleted(BrandId id, bool deleted) {
    return index.again_of(id, position(), [&] {
      return updated(db.execute("UPDATE brands SET deleted = ? WHERE brand_id = ?", std::int64_t{deleted}, id.value));
    });
  }

  Result<void> updated(Result<void> done) { return one_row(db, std::move(done), record, kNeverCreated); }
};

class SearchProjection final : public Projection {
 public:
  std::string_view name() const override { return "search"; }
  /// Words that another version of ICU made are not those that a query would be made of now.
  std::uint32_t schema() const override { return 4 * 100'000 + search::fold_version(); }
  std::vector<std::string_view> kinds() const override {
    return {Product::kKind, Stock::kKind, CategoryTree::kKind, Brands::kKind};
  }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }
  Result<void> create_indexes(sqlite::Database& db) override { return db.run(kIndexes); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    const auto kind = record.stream.kind();
    if (kind == Stock::kKind) return apply_as<Stock, Applier>(db, record);
    if (kind == Product::kKind) return apply_as<Product, Applier>(db, record);
    return kind == Brands::kKind ? apply_as<Brands, Applier>(db, record) : apply_as<CategoryTree, Applier>(db, record);
  }
};

}  // namespace

std::unique_ptr<Projection> make_search_projection() {
  return std::make_unique<SearchProjection>();
}

}  // namespace souk
