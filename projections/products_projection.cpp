// How events of products, of the tree of categories and of brands become the rows of the catalogue.

#include <utility>

#include "engine/brand/brand.hpp"
#include "engine/category/category.hpp"
#include "engine/product/product.hpp"
#include "projections/apply_as.hpp"
#include "projections/products.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE products ("
    "  created INTEGER PRIMARY KEY, product_id BLOB NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,"
    "  description TEXT NOT NULL, price_minor INTEGER NOT NULL, currency TEXT NOT NULL, category_id BLOB,"
    "  brand_id BLOB, pictures TEXT NOT NULL, attributes TEXT NOT NULL, purchase_limit INTEGER,"
    "  published INTEGER NOT NULL, state TEXT NOT NULL, category TEXT NOT NULL, brand TEXT NOT NULL,"
    "  version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX products_by_id ON products (product_id);"
    // Each entry of these ends with the key, so that a list is one range.
    "CREATE INDEX products_by_state ON products (state);"
    "CREATE INDEX products_by_brand ON products (brand_id, state);"
    "CREATE INDEX products_by_own_category ON products (category_id);"
    "CREATE TABLE categories (category_id BLOB PRIMARY KEY, parent_id BLOB, name TEXT NOT NULL,"
    "  deleted INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX categories_by_parent ON categories (parent_id);"
    "CREATE TABLE brands (brand_id BLOB PRIMARY KEY, name TEXT NOT NULL, deleted INTEGER NOT NULL) WITHOUT ROWID;"
    // What everybody sees: a published product stands under its category, if that lives, and every one above it.
    "CREATE TABLE products_by_category (category_id BLOB NOT NULL, created INTEGER NOT NULL,"
    "  PRIMARY KEY (category_id, created)) WITHOUT ROWID;";

/// A statement that knows the category ?1 and all above it as a table `above (id)`.
std::string with_above(std::string_view statement) {
  return std::string(
             "WITH RECURSIVE above (id) AS (SELECT ?1 UNION SELECT parent_id FROM categories JOIN above "
             "ON category_id = id WHERE parent_id IS NOT NULL) ")
      .append(statement);
}

const std::string kUnlistProduct =
    with_above("DELETE FROM products_by_category WHERE category_id IN (SELECT id FROM above) AND created = ?2");
const std::string kListProduct = with_above(
    "INSERT INTO products_by_category SELECT id, ?2 FROM above "
    "WHERE EXISTS (SELECT 1 FROM categories WHERE category_id = ?1 AND NOT deleted)");
const std::string kListProductsOfCategory = with_above(
    "INSERT INTO products_by_category SELECT id, created FROM above, products "
    "WHERE products.category_id = ?1 AND state = 'published'");
const std::string kUnlistCategory = with_above(
    "DELETE FROM products_by_category WHERE category_id IN (SELECT id FROM above)"
    "  AND created IN (SELECT created FROM products_by_category WHERE category_id = ?1)");
const std::string kUnlistFromAbove = with_above(
    "DELETE FROM products_by_category WHERE category_id IN (SELECT id FROM above WHERE id <> ?1)"
    "  AND created IN (SELECT created FROM products_by_category WHERE category_id = ?1)");
const std::string kListAbove = with_above(
    "INSERT INTO products_by_category SELECT id, created FROM above, products_by_category "
    "WHERE id <> ?1 AND category_id = ?1");

struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  // --- products

  struct Row {
    std::int64_t created = 0;
    std::optional<Id128> category;
    bool is_listed = false;  ///< as far as the product itself is concerned
  };

  Result<Row> row() {
    auto query = db.query("SELECT created, category_id, state FROM products WHERE product_id = ?", record.stream.id());
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto step = query->step();
    if (!step) return tl::unexpected<Error>(std::move(step.error()));
    if (!*step) return row_missing(record, kNeverCreated);
    Row row{query->integer(0), std::nullopt, query->text(2) == name_of(ProductState::kPublished)};
    if (!query->is_null(1)) row.category = query->id(1);
    return row;
  }

  Result<void> unlist(const Row& row) {
    if (!row.category) return {};
    return db.execute(kUnlistProduct, *row.category, row.created);
  }

  Result<void> list(const Row& row) {
    if (!row.category || !row.is_listed) return {};
    return db.execute(kListProduct, *row.category, row.created);
  }

  Result<void> on(const product::Created& event) {
    const auto created = static_cast<std::int64_t>(record.position.value);
    const auto category = unless_empty(event.category_id);
    const auto state = event.published ? ProductState::kPublished : ProductState::kWithdrawn;
    auto added = db.execute(
        "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", created,
        record.stream.id(), event.sku, event.name, event.description, event.price.amount, event.price.currency.str(),
        category, unless_empty(event.brand_id), encode(event.pictures), encode(event.attributes), event.purchase_limit,
        std::int64_t{event.published}, name_of(state), event.category.value_or(""), event.brand.value_or(""),
        static_cast<std::int64_t>(record.version.value), record.recorded_at.us, record.recorded_at.us);
    if (!added) return added;
    return list({created, category, event.published});
  }

  Result<void> on(const product::Changed& event) {
    auto before = row();
    if (!before) return tl::unexpected<Error>(std::move(before.error()));
    if (event.category_id) {
      if (auto done = unlist(*before); !done) return done;
    }
    if (auto done = change(event); !done) return done;
    if (event.category_id) {
      before->category = unless_empty(event.category_id);
      if (auto done = list(*before); !done) return done;
    }
    return {};
  }

  Result<void> change(const product::Changed& event) {
    std::optional<std::int64_t> price;
    std::optional<std::string_view> currency;
    if (event.price) {
      price = event.price->amount;
      currency = event.price->currency.str();
    }
    std::optional<std::string> pictures;
    if (event.pictures) pictures = encode(*event.pictures);
    std::optional<std::string> attributes;
    if (event.attributes) attributes = encode(*event.attributes);
    auto changed = db.execute(
        "UPDATE products SET name = coalesce(?, name), description = coalesce(?, description),"
        "  price_minor = coalesce(?, price_minor), currency = coalesce(?, currency),"
        "  pictures = coalesce(?, pictures), attributes = coalesce(?, attributes),"
        "  category = coalesce(?, category), brand = coalesce(?, brand), version = ?, updated_at = ? "
        "WHERE product_id = ?",
        event.name, event.description, price, currency, pictures, attributes, event.category, event.brand,
        static_cast<std::int64_t>(record.version.value), record.recorded_at.us, record.stream.id());
    // An id takes the place of a name that an older event gave.
    if (changed && event.category_id) {
      changed = db.execute("UPDATE products SET category_id = ?, category = '' WHERE product_id = ?",
                           unless_empty(event.category_id), record.stream.id());
    }
    if (changed && event.brand_id) {
      changed = db.execute("UPDATE products SET brand_id = ?, brand = '' WHERE product_id = ?",
                           unless_empty(event.brand_id), record.stream.id());
    }
    if (changed && event.purchase_limit) {
      changed = db.execute("UPDATE products SET purchase_limit = nullif(?, 0) WHERE product_id = ?",
                           *event.purchase_limit, record.stream.id());
    }
    return changed;
  }

  Result<void> on(const product::Published& /*event*/) { return move("published = 1"); }
  Result<void> on(const product::Withdrawn& /*event*/) { return move("published = 0"); }
  Result<void> on(const product::Deleted& /*event*/) { return move("state = 'deleted'"); }
  Result<void> on(const product::Restored& /*event*/) { return move("state = ''"); }

  /// Into another state. A deleted one stays so, whatever else it becomes.
  Result<void> move(const std::string& change) {
    const auto before = row();
    if (!before) return tl::unexpected<Error>(before.error());
    auto done = unlist(*before);
    if (done) {
      done = db.execute("UPDATE products SET " + change + ", version = ?, updated_at = ? WHERE product_id = ?",
                        static_cast<std::int64_t>(record.version.value), record.recorded_at.us, record.stream.id());
    }
    if (done) {
      done = db.execute(
          "UPDATE products SET state = CASE published WHEN 1 THEN 'published' ELSE 'withdrawn' END "
          "WHERE product_id = ? AND state <> 'deleted'",
          record.stream.id());
    }
    if (!done) return done;
    const auto after = row();
    if (!after) return tl::unexpected<Error>(after.error());
    return list(*after);
  }

  // --- categories

  Result<void> on(const category_tree::Added& event) {
    auto added = db.execute("INSERT INTO categories VALUES (?, ?, ?, 0)", event.id.value, unless_empty(event.parent),
                            event.name);
    if (!added) return added;
    return list_products_of(event.id);
  }

  Result<void> on(const category_tree::Changed& event) {
    return updated(
        db.execute("UPDATE categories SET name = coalesce(?, name) WHERE category_id = ?", event.name, event.id.value));
  }

  Result<void> on(const category_tree::Moved& event) {
    auto done = db.execute(kUnlistFromAbove, event.id.value);
    if (done) {
      done = updated(db.execute("UPDATE categories SET parent_id = ? WHERE category_id = ?", unless_empty(event.parent),
                                event.id.value));
    }
    if (!done) return done;
    return db.execute(kListAbove, event.id.value);
  }

  Result<void> on(const category_tree::Deleted& event) {
    auto done = db.execute(kUnlistCategory, event.id.value);
    if (!done) return done;
    return updated(db.execute("UPDATE categories SET deleted = 1 WHERE category_id = ?", event.id.value));
  }

  Result<void> on(const category_tree::Restored& event) {
    auto done = updated(db.execute("UPDATE categories SET deleted = 0 WHERE category_id = ?", event.id.value));
    if (!done) return done;
    return list_products_of(event.id);
  }

  Result<void> list_products_of(CategoryId id) { return db.execute(kListProductsOfCategory, id.value); }

  // --- brands

  Result<void> on(const brands::Added& event) {
    return db.execute("INSERT INTO brands VALUES (?, ?, 0)", event.id.value, event.name);
  }
  Result<void> on(const brands::Changed& event) {
    return updated(
        db.execute("UPDATE brands SET name = coalesce(?, name) WHERE brand_id = ?", event.name, event.id.value));
  }
  Result<void> on(const brands::Deleted& event) {
    return updated(db.execute("UPDATE brands SET deleted = 1 WHERE brand_id = ?", event.id.value));
  }
  Result<void> on(const brands::Restored& event) {
    return updated(db.execute("UPDATE brands SET deleted = 0 WHERE brand_id = ?", event.id.value));
  }

  Result<void> updated(Result<void> done) { return one_row(db, std::move(done), record, kNeverCreated); }
};

class ProductsProjection final : public Projection {
 public:
  std::string_view name() const override { return "products"; }
  std::uint32_t schema() const override { return 2; }
  std::vector<std::string_view> kinds() const override { return {Product::kKind, CategoryTree::kKind, Brands::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (record.stream.kind() == Product::kKind) return apply_as<Product, Applier>(db, record);
    return record.stream.kind() == Brands::kKind ? apply_as<Brands, Applier>(db, record)
                                                 : apply_as<CategoryTree, Applier>(db, record);
  }
};

}  // namespace

std::unique_ptr<Projection> make_products_projection() {
  return std::make_unique<ProductsProjection>();
}

}  // namespace souk
