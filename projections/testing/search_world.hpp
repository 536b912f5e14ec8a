/// For tests: a log of products, stock, categories and brands with the embedded search that follows it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/stock/stock.hpp"
#include "projections/search/embedded_search.hpp"
#include "projections/search/search_projection.hpp"
#include "projections/testing/catalogue_world.hpp"

namespace souk::testing {

struct SearchWorld : ShopLog {
  ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<EmbeddedSearch> search = open_search();

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("search.sqlite");
    auto opened = Follower::open(log, clock, make_search_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  std::unique_ptr<EmbeddedSearch> open_search(EmbeddedSearchOptions options = {}) {
    auto opened = EmbeddedSearch::open(*follower, std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }

  Position create(std::uint64_t number, const std::string& name, const std::string& description = "",
                  std::int64_t price = 10'000, CategoryId in = {}, BrandId of = {}) {
    product::Created created;
    created.sku = "SKU-" + std::to_string(number);
    created.name = name;
    created.description = description;
    created.price = Money{price, {}};
    if (!in.empty()) created.category_id = in;
    if (!of.empty()) created.brand_id = of;
    return append<Product>(product_id(number), created);
  }
  Position change(std::uint64_t number, const Product::Event& event) {
    return append<Product>(product_id(number), event);
  }
  Position receive(std::uint64_t number, std::int64_t quantity) {
    return append<Stock>(product_id(number), stock::Received{quantity, ""});
  }
  void sell(std::uint64_t number, std::int64_t quantity) {
    append<Stock>(product_id(number), stock::Reserved{{}, quantity, {}});
    append<Stock>(product_id(number), stock::Deducted{{}, quantity});
  }
  Position add_category(std::uint64_t number, const std::string& name, std::uint64_t parent = 0) {
    const auto above = parent == 0 ? std::nullopt : std::optional(category(parent));
    return append<CategoryTree>(kCategoryTree, category_tree::Added{category(number), above, name, "", {}});
  }
  Position add_brand(std::uint64_t number, const std::string& name) {
    return append<Brands>(kBrands, brands::Added{brand(number), name, "", ""});
  }

  SearchAnswer answer(const SearchQuery& query) {
    REQUIRE(catch_up(*follower));
    auto found = search->search(query);
    REQUIRE(found);
    return std::move(*found);
  }
  SearchAnswer answer(const std::string& text) {
    SearchQuery query;
    query.text = text;
    return answer(query);
  }
  static Numbers numbers_of(const SearchAnswer& answer) {
    Numbers out;
    for (const auto& hit : answer.hits) out.push_back(hit.product.value.low);
    return out;
  }
  Numbers found(const std::string& text) { return numbers_of(answer(text)); }
  Numbers found(const SearchQuery& query) { return numbers_of(answer(query)); }
};

}  // namespace souk::testing
