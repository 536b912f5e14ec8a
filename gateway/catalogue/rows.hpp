/// Rows of a catalogue, as they are imported and exported: one JSON object a line, of a product, a category or a brand.
///
/// A row of a product is the whole of it: what is left out is empty afterwards, save `published`, `deleted` and what
/// is about stock. Rows name categories by path and brands by name, so that they mean the same in every shop. Errors of
/// reading: kInvalid "row.too_long", "json.malformed", "field.invalid".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/entities.hpp"
#include "projections/products.hpp"

namespace souk {

enum class RowKind : std::uint8_t { kProduct, kCategory, kBrand };

template <>
struct EnumNames<RowKind> {
  static constexpr std::array<std::string_view, 3> values{"product", "category", "brand"};
};

inline constexpr std::size_t kRowBytesMax = 1 << 20;

struct ProductRow {
  RowKind kind = RowKind::kProduct;
  std::string sku;
  std::string name;
  std::string description;
  std::int64_t price = 0;  ///< minor units
  Currency currency;
  std::int64_t stock = 0;                 ///< for a product that never had any; exported as what is on hand
  std::optional<stock::Mode> stock_mode;  ///< these two are exported where a new stock's are others
  std::optional<std::int64_t> low_threshold;
  std::string category;  ///< a path; empty: none
  std::string brand;     ///< a name; empty: none
  std::vector<std::string> pictures;
  std::vector<product::Attribute> attributes;
  std::optional<std::int64_t> purchase_limit;
  std::optional<bool> published;
  std::optional<bool> deleted;
  static constexpr auto fields() {
    using R = ProductRow;
    return field_list(
        defaulted("kind", &R::kind), field("sku", &R::sku), field("name", &R::name),
        defaulted("description", &R::description), field("price", &R::price), defaulted("currency", &R::currency),
        defaulted("stock", &R::stock), field("stock_mode", &R::stock_mode), field("low_threshold", &R::low_threshold),
        defaulted("category", &R::category), defaulted("brand", &R::brand), defaulted("pictures", &R::pictures),
        defaulted("attributes", &R::attributes), field("purchase_limit", &R::purchase_limit),
        field("published", &R::published), field("deleted", &R::deleted));
  }
  static constexpr std::string_view kExample =
      R"({"kind":"product","sku":"TEA-001","name":"Longjing","description":"Long Jing, 100 g","price":16800,)"
      R"("currency":"CNY","stock":240,"category":"food/tea","brand":"Xihu",)"
      R"("pictures":["https://shop.example/tea.jpg"],"attributes":[{"name":"harvest","values":["spring"]}],)"
      R"("purchase_limit":5,"published":true,"deleted":false})";
};

/// A category with what is above it. What is left out stays as it is.
struct CategoryRow {
  RowKind kind = RowKind::kCategory;
  std::string path;
  std::optional<std::string> description;
  std::optional<bool> deleted;
  static constexpr auto fields() {
    using R = CategoryRow;
    return field_list(field("kind", &R::kind), field("path", &R::path), field("description", &R::description),
                      field("deleted", &R::deleted));
  }
};

/// What is left out stays as it is.
struct BrandRow {
  RowKind kind = RowKind::kBrand;
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> logo;
  std::optional<bool> deleted;
  static constexpr auto fields() {
    using R = BrandRow;
    return field_list(field("kind", &R::kind), field("name", &R::name), field("description", &R::description),
                      field("logo", &R::logo), field("deleted", &R::deleted));
  }
};

using CatalogueRow = std::variant<ProductRow, CategoryRow, BrandRow>;
Result<CatalogueRow> read_row(std::string_view line);

/// What a row says of its product's stock.
struct StockWish {
  std::int64_t quantity = 0;  ///< to begin with; 0: nothing is said
  stock::Configure configuration;

  /// Errors: those of its commands, as far as they can be known without asking anybody.
  [[nodiscard]] Result<void> check() const;
  [[nodiscard]] stock::Receive receipt() const { return {quantity, "import"}; }
  [[nodiscard]] bool configures() const { return configuration != stock::Configure{}; }
};
StockWish stock_of(const ProductRow& row);

/// Errors: kInvalid "product.currency_unknown": prices are in none but these.
Result<void> check_currency(Currency currency, const std::vector<Currency>& currencies);

/// Whether a product could be like this at all, as far as that can be said without asking anybody. Errors: those of
/// product::Put, StockWish and check_currency.
Result<void> check(const product::Put& put, const StockWish& stock, const std::vector<Currency>& currencies);

/// What a row asks of its entity. New categories and brands get random ids.
product::Put put_of(ProductRow row, CategoryId category, BrandId brand);
category_tree::Put put_of(CategoryRow row);
brands::Put put_of(BrandRow row);

/// `category`, `brand`: the names of those that the product has by id.
ProductRow row_of(const product::State& state, std::string category, std::string brand, const stock::State& stock);
ProductRow row_of(const ProductSummary& product, std::string category, std::string brand, const stock::State& stock);
CategoryRow row_of(std::string path, const category_tree::Category& category);
BrandRow row_of(const brands::Brand& brand);

}  // namespace souk
