#include "projections/products.hpp"

#include <doctest/doctest.h>

#include "engine/product/product.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using testing::catch_up;

ProductId product_id(std::uint64_t n) {
  return {{0xdee, n}};
}

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower("products.sqlite");
  std::unique_ptr<Products> products = std::move(Products::open(*follower).value());

  std::unique_ptr<Follower> open_follower(const std::string& file) {
    FollowerOptions options;
    options.path = scratch.file(file);
    auto opened = Follower::open(log, clock, make_products_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }

  Position create(std::uint64_t number, const std::string& category, const std::string& brand = "") {
    product::Created created;
    created.sku = "SKU-" + std::to_string(number);
    created.name = "Teapot 茶壶";
    created.description = "holds tea";
    created.price = Money{12'900, {}};
    created.category = category;
    created.brand = brand;
    created.pictures = {"/a.jpg", "/b.jpg"};
    return append<Product>(product_id(number), created);
  }
  ProductPage list(std::size_t limit = 20, std::optional<Position> after = {}, const ProductFilter& filter = {}) {
    REQUIRE(catch_up(*follower));
    auto page = products->list(limit, after, filter);
    REQUIRE(page);
    return std::move(*page);
  }
  std::vector<std::uint64_t> numbers(const ProductFilter& filter) {
    std::vector<std::uint64_t> out;
    for (const auto& item : list(20, {}, filter).items) out.push_back(item.id.value.low);
    return out;
  }
};

using Numbers = std::vector<std::uint64_t>;

TEST_CASE("a product is listed as it was created") {
  World world;
  const auto position = world.create(1, "kitchen/tea", "Yixing");
  const auto page = world.list();
  REQUIRE(page.items.size() == 1);
  const auto& product = page.items[0];
  CHECK((product.id == product_id(1)));
  CHECK(product.created == position);
  CHECK(product.sku == "SKU-1");
  CHECK(product.name == "Teapot 茶壶");
  CHECK(product.description == "holds tea");
  CHECK((product.price == Money{12'900, {}}));
  CHECK(product.category == "kitchen/tea");
  CHECK(product.brand == "Yixing");
  CHECK(product.pictures_json == R"(["/a.jpg","/b.jpg"])");
  CHECK(product.version == Version{1});
  CHECK((product.created_at == world.clock.now()));
  CHECK(page.position == position);
}

TEST_CASE("a change changes what it names and nothing else") {
  World world;
  const auto created = world.create(1, "kitchen/tea", "Yixing");
  product::Changed changed;
  SUBCASE("the price") {
    changed.price = Money{9'900, *Currency::parse("EUR")};
  }
  SUBCASE("the name") {
    changed.name = "Kettle";
  }
  SUBCASE("the description") {
    changed.description = "";
  }
  SUBCASE("the brand") {
    changed.brand = "Other";
  }
  SUBCASE("the category") {
    changed.category = "garden";
  }
  SUBCASE("the pictures") {
    changed.pictures.emplace();
  }
  SUBCASE("nothing") {}
  const auto before = world.list().items.at(0);
  world.append<Product>(product_id(1), changed);
  const auto after = world.list().items.at(0);
  CHECK(after.created == created);
  CHECK(after.version == Version{2});
  CHECK((after.created_at == before.created_at));
  CHECK((after.updated_at == world.clock.now()));
  CHECK(after.sku == before.sku);
  CHECK(after.name == changed.name.value_or(before.name));
  CHECK(after.description == changed.description.value_or(before.description));
  CHECK((after.price == changed.price.value_or(before.price)));
  CHECK(after.category == changed.category.value_or(before.category));
  CHECK(after.brand == changed.brand.value_or(before.brand));
  CHECK(after.pictures_json == (changed.pictures ? "[]" : before.pictures_json));
}

TEST_CASE("a category is found with everything below it") {
  World world;
  world.create(1, "home/kitchen/tea");
  world.create(2, "home");
  world.create(3, "homeware");
  world.create(4, "home/garden");
  world.create(5, "");
  CHECK(world.numbers({"home", {}}) == Numbers{1, 2, 4});
  CHECK(world.numbers({"home/kitchen", {}}) == Numbers{1});
  CHECK(world.numbers({"home/kitchen/tea", {}}) == Numbers{1});
  CHECK(world.numbers({"kitchen", {}}).empty());
  CHECK(world.numbers({"home/", {}}).empty());
  CHECK(world.numbers({}) == Numbers{1, 2, 3, 4, 5});

  product::Changed moved;
  moved.category = "garden/tea";
  world.append<Product>(product_id(1), moved);
  CHECK(world.numbers({"home", {}}) == Numbers{2, 4});
  CHECK(world.numbers({"home/kitchen", {}}).empty());
  CHECK(world.numbers({"garden", {}}) == Numbers{1});
  moved.category = "";
  world.append<Product>(product_id(1), moved);
  CHECK(world.numbers({"garden", {}}).empty());
  CHECK(world.numbers({}) == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a brand is found, also within a category") {
  World world;
  world.create(1, "a/b", "X");
  world.create(2, "a", "Y");
  world.create(3, "c", "X");
  world.create(4, "a/d", "X");
  CHECK(world.numbers({{}, "X"}) == Numbers{1, 3, 4});
  CHECK(world.numbers({"a", "X"}) == Numbers{1, 4});
  CHECK(world.numbers({"c", "Y"}).empty());
  product::Changed changed;
  changed.brand = "Y";
  world.append<Product>(product_id(4), changed);
  CHECK(world.numbers({{}, "X"}) == Numbers{1, 3});
  CHECK(world.numbers({"a", "Y"}) == Numbers{2, 4});
}

TEST_CASE("pages of every filter come in the order of creation, whatever changes meanwhile") {
  World world;
  for (std::uint64_t i = 1; i <= 12; ++i) world.create(i, "a/b", "X");
  for (const ProductFilter& filter :
       {ProductFilter{}, ProductFilter{"a", {}}, ProductFilter{{}, "X"}, ProductFilter{"a/b", "X"}}) {
    Numbers seen;
    std::optional<Position> after;
    do {
      const auto page = world.list(5, after, filter);
      for (const auto& item : page.items) seen.push_back(item.id.value.low);
      after = page.next;
      product::Changed changed;
      changed.name = "renamed";
      world.append<Product>(product_id(1 + seen.size() / 2), changed);
    } while (after);
    CHECK(seen == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  }
  CHECK_FALSE(world.list(12).next);
  CHECK(world.list(11).next);
}

TEST_CASE("a change of a product that was never created is parked") {
  World world;
  world.append<Product>(product_id(1), product::Changed{});
  product::Changed moved;
  moved.category = "a";
  world.append<Product>(product_id(2), moved);
  CHECK(world.list().items.empty());
  const auto parked = world.follower->parked(10).value();
  REQUIRE(parked.size() == 2);
  CHECK(parked[0].reason == "projection.row_missing");
  CHECK(parked[1].reason == "projection.row_missing");
}

}  // namespace
}  // namespace souk
