#include "projections/products.hpp"

#include <utility>

#include "engine/product/product.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE products ("
    "  created INTEGER PRIMARY KEY, product_id BLOB NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,"
    "  description TEXT NOT NULL, price_minor INTEGER NOT NULL, currency TEXT NOT NULL, category TEXT NOT NULL,"
    "  brand TEXT NOT NULL, pictures TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    "  updated_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX products_by_id ON products (product_id);"
    "CREATE INDEX products_by_brand ON products (brand);"  // each entry ends with the key
    // A product stands under its category and every one above it, so that each list is one range of an index.
    "CREATE TABLE products_by_category (path TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (path, created))"
    "  WITHOUT ROWID;";

Result<void> add_to_categories(sqlite::Database& db, std::int64_t created, std::string_view category) {
  for (std::size_t end = 0; end != std::string_view::npos && !category.empty();) {
    end = category.find('/', end + 1);
    auto added = db.execute("INSERT INTO products_by_category VALUES (?, ?)", category.substr(0, end), created);
    if (!added) return added;
  }
  return {};
}

Result<void> remove_from_categories(sqlite::Database& db, std::int64_t created, std::string_view category) {
  for (std::size_t end = 0; end != std::string_view::npos && !category.empty();) {
    end = category.find('/', end + 1);
    auto removed =
        db.execute("DELETE FROM products_by_category WHERE path = ? AND created = ?", category.substr(0, end), created);
    if (!removed) return removed;
  }
  return {};
}

struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const product::Created& event) {
    const auto created = static_cast<std::int64_t>(record.position.value);
    auto added =
        db.execute("INSERT INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", created, record.stream.id(),
                   event.sku, event.name, event.description, event.price.amount, event.price.currency.str(),
                   event.category.value_or(""), event.brand.value_or(""), encode(event.pictures),
                   static_cast<std::int64_t>(record.version.value), record.recorded_at.us, record.recorded_at.us);
    if (!added) return added;
    return add_to_categories(db, created, event.category.value_or(""));
  }

  Result<void> on(const product::Changed& event) {
    if (event.category) {
      auto moved = move_to(*event.category);
      if (!moved) return moved;
    }
    std::optional<std::int64_t> price;
    std::optional<std::string_view> currency;
    if (event.price) {
      price = event.price->amount;
      currency = event.price->currency.str();
    }
    std::optional<std::string> pictures;
    if (event.pictures) pictures = encode(*event.pictures);
    auto changed = db.execute(
        "UPDATE products SET name = coalesce(?, name), description = coalesce(?, description),"
        "  price_minor = coalesce(?, price_minor), currency = coalesce(?, currency), category = coalesce(?, category),"
        "  brand = coalesce(?, brand), pictures = coalesce(?, pictures), version = ?, updated_at = ? "
        "WHERE product_id = ?",
        event.name, event.description, price, currency, event.category, event.brand, pictures,
        static_cast<std::int64_t>(record.version.value), record.recorded_at.us, record.stream.id());
    if (changed && db.changes() != 1) return missing();
    return changed;
  }

  /// Whether a product is for sale is not in these rows yet.
  Result<void> on(const product::Published& /*event*/) { return {}; }
  Result<void> on(const product::Withdrawn& /*event*/) { return {}; }
  Result<void> on(const product::Deleted& /*event*/) { return {}; }
  Result<void> on(const product::Restored& /*event*/) { return {}; }

  Result<void> move_to(const std::string& category) {
    std::int64_t created = 0;
    std::string old_category;
    {
      auto query = db.query("SELECT created, category FROM products WHERE product_id = ?", record.stream.id());
      if (!query) return tl::unexpected<Error>(std::move(query.error()));
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return missing();
      created = query->integer(0);
      old_category = query->text(1);
    }
    auto moved = remove_from_categories(db, created, old_category);
    if (moved) moved = add_to_categories(db, created, category);
    return moved;
  }

  [[nodiscard]] tl::unexpected<Error> missing() const {
    return fail(ErrorCode::kInternal, "projection.row_missing", record.type + " of a product that was never created");
  }
};

class ProductsProjection final : public Projection {
 public:
  std::string_view name() const override { return "products"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {Product::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    auto event = decode_event<Product::Event>(record.type, record.schema, record.payload);
    if (!event) return tl::unexpected<Error>(std::move(event.error()));
    return std::visit([&](const auto& value) { return Applier{db, record}.on(value); }, *event);
  }
};

/// The statement for a filter, with the same parameters in each: ?1 after, ?2 limit, ?3 category, ?4 brand.
std::string statement_for(const ProductFilter& filter) {
  std::string sql =
      "SELECT p.created, p.product_id, p.sku, p.name, p.description, p.price_minor, p.currency, p.category, p.brand,"
      " p.pictures, p.version, p.created_at, p.updated_at FROM ";
  if (filter.category) {
    sql += "products_by_category c JOIN products p ON p.created = c.created WHERE c.path = ?3 AND c.created > ?1";
  } else {
    sql += "products p WHERE ?3 IS NULL AND p.created > ?1";
  }
  sql += filter.brand ? " AND p.brand = ?4" : " AND ?4 IS NULL";
  sql += filter.category ? " ORDER BY c.created LIMIT ?2" : " ORDER BY p.created LIMIT ?2";
  return sql;
}

ProductSummary summary_from(const sqlite::Query& row) {
  ProductSummary product;
  product.created = Position{static_cast<std::uint64_t>(row.integer(0))};
  product.id = ProductId{row.id(1)};
  product.sku = row.text(2);
  product.name = row.text(3);
  product.description = row.text(4);
  product.price = Money{row.integer(5), Currency::parse(row.text(6)).value_or(Currency{})};
  product.category = row.text(7);
  product.brand = row.text(8);
  product.pictures_json = row.text(9);
  product.version = Version{static_cast<std::uint64_t>(row.integer(10))};
  product.created_at = Time{row.integer(11)};
  product.updated_at = Time{row.integer(12)};
  return product;
}

}  // namespace

std::unique_ptr<Projection> make_products_projection() {
  return std::make_unique<ProductsProjection>();
}

Result<std::unique_ptr<Products>> Products::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Products>(new Products(std::move(*model)));
}

Result<ProductPage> Products::list(std::size_t limit, std::optional<Position> after, const ProductFilter& filter) {
  ProductPage page;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    // One more than asked for tells whether there is another page.
    auto query = db.query(statement_for(filter), static_cast<std::int64_t>(after.value_or(Position{}).value),
                          static_cast<std::int64_t>(limit) + 1, filter.category, filter.brand);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      if (page.items.size() == limit) {
        page.next = page.items.back().created;
        return {};
      }
      page.items.push_back(summary_from(*query));
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

}  // namespace souk
