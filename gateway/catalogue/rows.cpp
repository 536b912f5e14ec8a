#include "gateway/catalogue/rows.hpp"

#include <algorithm>

#include "privacy/keyed_hash.hpp"

namespace souk {
namespace {

struct AnyRow {
  RowKind kind = RowKind::kProduct;
  static constexpr auto fields() { return field_list(defaulted("kind", &AnyRow::kind)); }
};

template <class Row>
Result<CatalogueRow> read(std::string_view line) {
  return decode<Row>(line, UnknownFields::kRefused).map([](Row row) { return CatalogueRow(std::move(row)); });
}

}  // namespace

Result<CatalogueRow> read_row(std::string_view line) {
  if (line.size() > kRowBytesMax) return fail(ErrorCode::kInvalid, "row.too_long", "a row has at most 1 MiB");
  const auto any = decode<AnyRow>(line, UnknownFields::kIgnored);
  if (!any) return tl::unexpected<Error>(any.error());
  switch (any->kind) {
    case RowKind::kCategory: return read<CategoryRow>(line);
    case RowKind::kBrand: return read<BrandRow>(line);
    case RowKind::kProduct: break;
  }
  auto row = read<ProductRow>(line);
  if (row && std::get<ProductRow>(*row).stock < 0) {
    return fail(ErrorCode::kInvalid, "field.invalid", "stock: must not be negative");
  }
  return row;
}

StockWish stock_of(const ProductRow& row) {
  StockWish wish{row.stock, {row.stock_mode, std::nullopt}};
  if (row.low_threshold) wish.configuration.low_threshold.emplace(row.low_threshold);
  return wish;
}

Result<void> StockWish::check() const {
  if (const auto right = Stock::decide({}, configuration); !right) return tl::unexpected<Error>(right.error());
  if (quantity == 0) return {};
  return Stock::decide({}, receipt()).map([](const auto&) {});
}

Result<void> check_currency(Currency currency, const std::vector<Currency>& currencies) {
  if (std::ranges::find(currencies, currency) != currencies.end()) return {};
  return fail(ErrorCode::kInvalid, "product.currency_unknown", "prices are not in this currency here");
}

Result<void> check(const product::Put& put, const StockWish& stock, const std::vector<Currency>& currencies) {
  if (auto here = check_currency(put.price.currency, currencies); !here) return here;
  if (const auto right = Product::decide({}, put); !right) return tl::unexpected<Error>(right.error());
  return stock.check();
}

product::Put put_of(ProductRow row, CategoryId category, BrandId brand) {
  return {.sku = std::move(row.sku),
          .name = std::move(row.name),
          .description = std::move(row.description),
          .price = Money{row.price, row.currency},
          .category_id = category,
          .brand_id = brand,
          .pictures = std::move(row.pictures),
          .attributes = std::move(row.attributes),
          .purchase_limit = row.purchase_limit,
          .published = row.published,
          .deleted = row.deleted};
}

category_tree::Put put_of(CategoryRow row) {
  category_tree::Put put{std::move(row.path), {}, std::move(row.description), row.deleted};
  // More than there may be are refused; they need no ids.
  const auto names =
      std::min<std::size_t>(static_cast<std::size_t>(std::ranges::count(put.path, '/')) + 1, category_tree::kDepthMax);
  for (std::size_t i = 0; i < names; ++i) put.ids.push_back(CategoryId{random_id()});
  return put;
}

brands::Put put_of(BrandRow row) {
  return {BrandId{random_id()}, std::move(row.name), std::move(row.description), std::move(row.logo), row.deleted};
}

ProductRow row_of(const product::State& state, std::string category, std::string brand, const stock::State& stock) {
  return {.sku = state.sku,
          .name = state.name,
          .description = state.description,
          .price = state.price.amount,
          .currency = state.price.currency,
          // Of a stock that is not tracked it may be below nothing, which no shop begins with.
          .stock = std::max<std::int64_t>(stock.on_hand, 0),
          .stock_mode = stock.mode == stock::State{}.mode ? std::nullopt : std::optional(stock.mode),
          .low_threshold = stock.low_threshold,
          .category = state.category_id.empty() ? state.category : std::move(category),
          .brand = state.brand_id.empty() ? state.brand : std::move(brand),
          .pictures = state.pictures,
          .attributes = state.attributes,
          .purchase_limit = state.purchase_limit,
          .published = state.published,
          .deleted = state.deleted};
}

ProductRow row_of(const ProductSummary& product, std::string category, std::string brand, const stock::State& stock) {
  product::State state{.exists = true,
                       .sku = product.sku,
                       .name = product.name,
                       .description = product.description,
                       .price = product.price,
                       .category_id = product.category_id,
                       .brand_id = product.brand_id,
                       .pictures = product.pictures(),
                       .attributes = product.attributes(),
                       .purchase_limit = product.purchase_limit,
                       .published = product.published,
                       .deleted = product.deleted,
                       .category = product.category,
                       .brand = product.brand};
  return row_of(state, std::move(category), std::move(brand), stock);
}

CategoryRow row_of(std::string path, const category_tree::Category& category) {
  return {RowKind::kCategory, std::move(path), category.description, category.deleted};
}

BrandRow row_of(const brands::Brand& brand) {
  return {RowKind::kBrand, brand.name, brand.description, brand.logo, brand.deleted};
}

}  // namespace souk
