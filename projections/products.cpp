#include "projections/products.hpp"

#include <utility>

namespace souk {

namespace {

constexpr std::string_view kColumns =
    "SELECT p.created, p.product_id, p.sku, p.name, p.description, p.price_minor, p.currency, p.category_id,"
    " p.brand_id, p.pictures, p.attributes, p.purchase_limit, p.published, p.state, p.category, p.brand, p.version,"
    " p.created_at, p.updated_at FROM ";

// Every statement has the same parameters: ?1 after, ?2 limit, ?3 category, ?4 brand, ?5 state.

std::string statement_for_all(const ProductFilter& filter) {
  std::string sql(kColumns);
  sql += "products p WHERE p.created > ?1";
  if (filter.category) {
    sql +=
        " AND p.category_id IN (WITH RECURSIVE below (id) AS (SELECT ?3 UNION SELECT c.category_id FROM categories c"
        " JOIN below ON c.parent_id = below.id) SELECT id FROM below)";
  } else {
    sql += " AND ?3 IS NULL";
  }
  sql += filter.brand ? " AND p.brand_id = ?4" : " AND ?4 IS NULL";
  return sql;
}

/// Of those that everybody may see. A brand has fewer products than a category with all below it, so it goes first.
std::string statement_for(const ProductFilter& filter) {
  std::string sql(kColumns);
  if (filter.category && !filter.brand) {
    sql +=
        "products_by_category c CROSS JOIN products p ON p.created = c.created "
        "WHERE c.category_id = ?3 AND c.created > ?1 AND ?4 IS NULL AND ?5 = p.state ORDER BY c.created LIMIT ?2";
    return sql;
  }
  sql += "products p WHERE p.state = ?5 AND p.created > ?1";
  sql += filter.category ? " AND EXISTS (SELECT 1 FROM products_by_category c WHERE c.category_id = ?3 AND"
                           " c.created = p.created)"
                         : " AND ?3 IS NULL";
  sql += filter.brand ? " AND p.brand_id = ?4" : " AND ?4 IS NULL";
  return sql + " ORDER BY p.created LIMIT ?2";
}

ProductSummary summary_from(const sqlite::Query& row) {
  ProductSummary product;
  product.created = Position{static_cast<std::uint64_t>(row.integer(0))};
  product.id = ProductId{row.id(1)};
  product.sku = row.text(2);
  product.name = row.text(3);
  product.description = row.text(4);
  product.price = Money{row.integer(5), Currency::parse(row.text(6)).value_or(Currency{})};
  product.category_id = CategoryId{row.id(7)};
  product.brand_id = BrandId{row.id(8)};
  product.pictures_json = row.text(9);
  product.attributes_json = row.text(10);
  if (!row.is_null(11)) product.purchase_limit = row.integer(11);
  product.published = row.integer(12) != 0;
  product.deleted = row.text(13) == name_of(ProductState::kDeleted);
  product.category = row.text(14);
  product.brand = row.text(15);
  product.version = Version{static_cast<std::uint64_t>(row.integer(16))};
  product.created_at = Time{row.integer(17)};
  product.updated_at = Time{row.integer(18)};
  return product;
}

template <class Tag>
std::optional<Id128> value_of(const std::optional<Id<Tag>>& id) {
  return id ? std::optional(id->value) : std::nullopt;
}

}  // namespace

// What is read here was written by the projection itself, so it can be read.

std::vector<std::string> ProductSummary::pictures() const {
  return decode<std::vector<std::string>>(pictures_json, UnknownFields::kIgnored).value_or(std::vector<std::string>{});
}
std::vector<product::Attribute> ProductSummary::attributes() const {
  return decode<std::vector<product::Attribute>>(attributes_json, UnknownFields::kIgnored)
      .value_or(std::vector<product::Attribute>{});
}

Result<std::unique_ptr<Products>> Products::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Products>(new Products(std::move(*model)));
}

Result<ProductPage> Products::list(std::size_t limit, std::optional<Position> after, const ProductFilter& filter) {
  return read(statement_for(filter), limit, after, filter, ProductState::kPublished);
}

Result<ProductPage> Products::list_all(std::size_t limit, std::optional<Position> after, const ProductFilter& filter,
                                       std::optional<ProductState> state) {
  const std::string statement = statement_for_all(filter) + (state ? " AND p.state = ?5" : " AND ?5 IS NULL");
  return read(statement + " ORDER BY p.created LIMIT ?2", limit, after, filter, state);
}

Result<ProductPage> Products::read(const std::string& statement, std::size_t limit, std::optional<Position> after,
                                   const ProductFilter& filter, std::optional<ProductState> state) {
  ProductPage page;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    std::optional<std::string_view> state_name;
    if (state) state_name = name_of(*state);
    // One more than asked for tells whether there is another page.
    auto query =
        db.query(statement, static_cast<std::int64_t>(after.value_or(Position{}).value),
                 static_cast<std::int64_t>(limit) + 1, value_of(filter.category), value_of(filter.brand), state_name);
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
