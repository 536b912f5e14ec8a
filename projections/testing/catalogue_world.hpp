/// For tests: a log of products, categories and brands with the read model of the catalogue that follows it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/brand/brand.hpp"
#include "engine/category/category.hpp"
#include "engine/product/product.hpp"
#include "projections/products.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk::testing {

using Numbers = std::vector<std::uint64_t>;

inline ProductId product_id(std::uint64_t n) {
  return {{0xdee, n}};
}
inline CategoryId category(std::uint64_t n) {
  return {{0xca7, n}};
}
inline BrandId brand(std::uint64_t n) {
  return {{0xb7a, n}};
}

struct CatalogueWorld : ShopLog {
  ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower("products.sqlite");
  std::unique_ptr<Products> products = std::move(Products::open(*follower).value());

  std::unique_ptr<Follower> open_follower(const std::string& file) {
    FollowerOptions options;
    options.path = scratch.file(file);
    auto opened = Follower::open(log, clock, make_products_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }

  Position create(std::uint64_t number, CategoryId in = {}, BrandId of = {}, bool published = true) {
    product::Created created;
    created.sku = "SKU-" + std::to_string(number);
    created.name = "Teapot 茶壶";
    created.description = "holds tea";
    created.price = Money{12'900, {}};
    if (!in.empty()) created.category_id = in;
    if (!of.empty()) created.brand_id = of;
    created.pictures = {"/a.jpg", "/b.jpg"};
    created.attributes = {{"colour", {"red", "blue"}}};
    created.purchase_limit = 3;
    created.published = published;
    return append<Product>(product_id(number), created);
  }
  void put_into(std::uint64_t number, CategoryId in) {
    append<Product>(product_id(number), product::Changed{.category_id = in});
  }
  void tree(const CategoryTree::Event& event) { append<CategoryTree>(kCategoryTree, event); }
  void add_category(std::uint64_t number, std::uint64_t parent = 0) {
    const auto above = parent == 0 ? std::nullopt : std::optional(category(parent));
    tree(category_tree::Added{category(number), above, "c" + std::to_string(number), "", {}});
  }
  void move_category(std::uint64_t number, std::uint64_t parent = 0) {
    const auto above = parent == 0 ? std::nullopt : std::optional(category(parent));
    tree(category_tree::Moved{category(number), above, {}});
  }

  ProductPage list(std::size_t limit = 100, std::optional<Position> after = {}, const ProductFilter& filter = {}) {
    REQUIRE(catch_up(*follower));
    auto page = products->list(limit, after, filter);
    REQUIRE(page);
    return std::move(*page);
  }
  static Numbers numbers_of(const ProductPage& page) {
    Numbers out;
    for (const auto& item : page.items) out.push_back(item.id.value.low);
    return out;
  }
  Numbers numbers(const ProductFilter& filter = {}) { return numbers_of(list(100, {}, filter)); }
  Numbers in(std::uint64_t number) { return numbers({category(number), {}}); }
  Numbers all(const ProductFilter& filter = {}, std::optional<ProductState> state = {}) {
    REQUIRE(catch_up(*follower));
    return numbers_of(products->list_all(100, {}, filter, state).value());
  }
  ProductSummary only(std::uint64_t number) {
    REQUIRE(catch_up(*follower));
    const auto page = products->list_all(100);
    for (const auto& item : page.value().items) {
      if (item.id == product_id(number)) return item;
    }
    FAIL("there is no such product");
    return {};
  }
};

}  // namespace souk::testing
