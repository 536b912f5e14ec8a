#include "projections/products.hpp"

#include <doctest/doctest.h>

#include "projections/testing/catalogue_world.hpp"

namespace souk {
namespace {

using namespace testing;
using World = CatalogueWorld;

TEST_CASE("a product is listed as it was created") {
  World world;
  const auto position = world.create(1, category(2), brand(3));
  const auto page = world.list();
  REQUIRE(page.items.size() == 1);
  const auto& product = page.items[0];
  CHECK((product.id == product_id(1)));
  CHECK(product.created == position);
  CHECK(product.sku == "SKU-1");
  CHECK(product.name == "Teapot 茶壶");
  CHECK(product.description == "holds tea");
  CHECK((product.price == Money{12'900, {}}));
  CHECK((product.category_id == category(2)));
  CHECK((product.brand_id == brand(3)));
  CHECK(product.pictures_json == R"(["/a.jpg","/b.jpg"])");
  CHECK(product.attributes_json == R"([{"name":"colour","values":["red","blue"]}])");
  CHECK(product.purchase_limit == 3);
  CHECK(product.published);
  CHECK(!product.deleted);
  CHECK(product.version == Version{1});
  CHECK((product.created_at == world.clock.now()));
  CHECK(page.position == position);
}

TEST_CASE("a change changes what it names and nothing else") {
  World world;
  const auto created = world.create(1, category(2), brand(3));
  product::Changed changed;
  SUBCASE("the price") {
    changed.price = Money{0, *Currency::parse("EUR")};
  }
  SUBCASE("the name") {
    changed.name = "Kettle";
  }
  SUBCASE("the description") {
    changed.description = "";
  }
  SUBCASE("the brand") {
    changed.brand_id = brand(4);
  }
  SUBCASE("the brand, away") {
    changed.brand_id = BrandId{};
  }
  SUBCASE("the category") {
    changed.category_id = category(4);
  }
  SUBCASE("the category, away") {
    changed.category_id = CategoryId{};
  }
  SUBCASE("the pictures") {
    changed.pictures.emplace();
  }
  SUBCASE("the attributes") {
    changed.attributes.emplace();
  }
  SUBCASE("the limit") {
    changed.purchase_limit = 7;
  }
  SUBCASE("the limit, away") {
    changed.purchase_limit = 0;
  }
  SUBCASE("nothing") {}
  const auto before = world.only(1);
  world.append<Product>(product_id(1), changed);
  const auto after = world.only(1);
  CHECK(after.created == created);
  CHECK(after.version == Version{2});
  CHECK((after.created_at == before.created_at));
  CHECK((after.updated_at == world.clock.now()));
  CHECK(after.sku == before.sku);
  CHECK(after.name == changed.name.value_or(before.name));
  CHECK(after.description == changed.description.value_or(before.description));
  CHECK((after.price == changed.price.value_or(before.price)));
  CHECK((after.category_id == changed.category_id.value_or(before.category_id)));
  CHECK((after.brand_id == changed.brand_id.value_or(before.brand_id)));
  CHECK(after.pictures_json == (changed.pictures ? "[]" : before.pictures_json));
  CHECK(after.attributes_json == (changed.attributes ? "[]" : before.attributes_json));
  const auto limit = changed.purchase_limit.value_or(3);
  CHECK(after.purchase_limit == (limit == 0 ? std::nullopt : std::optional(limit)));
}

TEST_CASE("what is withdrawn or deleted is in no public list, and administrators find it by its state") {
  World world;
  world.add_category(1);
  for (std::uint64_t i = 1; i <= 4; ++i) world.create(i, category(1), brand(1), i != 4);
  world.append<Product>(product_id(2), product::Withdrawn{});
  world.append<Product>(product_id(3), product::Deleted{});
  for (const ProductFilter& filter : {ProductFilter{}, ProductFilter{category(1), {}}, ProductFilter{{}, brand(1)},
                                      ProductFilter{category(1), brand(1)}}) {
    CHECK(world.numbers(filter) == Numbers{1});
    CHECK(world.all(filter) == Numbers{1, 2, 3, 4});
    CHECK(world.all(filter, ProductState::kPublished) == Numbers{1});
    CHECK(world.all(filter, ProductState::kWithdrawn) == Numbers{2, 4});
    CHECK(world.all(filter, ProductState::kDeleted) == Numbers{3});
  }
  world.append<Product>(product_id(2), product::Published{});
  world.append<Product>(product_id(3), product::Restored{});
  world.append<Product>(product_id(4), product::Deleted{});
  CHECK(world.numbers() == Numbers{1, 2, 3});
  CHECK(world.in(1) == Numbers{1, 2, 3});
  CHECK(!world.only(4).published);
  CHECK(world.only(4).deleted);
  world.append<Product>(product_id(4), product::Restored{});
  CHECK(world.all({}, ProductState::kWithdrawn) == Numbers{4});
  CHECK(world.only(4).version == Version{3});
}

TEST_CASE("a deleted product that is published or changed stays deleted") {
  World world;
  world.add_category(1);
  world.create(1, category(1), {}, false);
  world.append<Product>(product_id(1), product::Deleted{});
  world.append<Product>(product_id(1), product::Published{});
  world.put_into(1, category(1));
  CHECK(world.numbers().empty());
  CHECK(world.in(1).empty());
  CHECK(world.all({}, ProductState::kDeleted) == Numbers{1});
  world.append<Product>(product_id(1), product::Restored{});
  CHECK(world.in(1) == Numbers{1});
}

TEST_CASE("a category is found with everything below it") {
  World world;
  world.add_category(1);
  world.add_category(2, 1);
  world.add_category(3, 2);
  world.add_category(4, 1);
  world.add_category(5);
  world.create(1, category(3));
  world.create(2, category(1));
  world.create(3, category(5));
  world.create(4, category(4));
  world.create(5);
  CHECK(world.in(1) == Numbers{1, 2, 4});
  CHECK(world.in(2) == Numbers{1});
  CHECK(world.in(3) == Numbers{1});
  CHECK(world.in(5) == Numbers{3});
  CHECK(world.in(6).empty());
  CHECK(world.numbers() == Numbers{1, 2, 3, 4, 5});

  world.put_into(1, category(5));
  CHECK(world.in(1) == Numbers{2, 4});
  CHECK(world.in(2).empty());
  CHECK(world.in(5) == Numbers{1, 3});
  world.put_into(1, CategoryId{});
  CHECK(world.in(5) == Numbers{3});
  CHECK(world.numbers() == Numbers{1, 2, 3, 4, 5});
}

TEST_CASE("a category that is moved takes its products along") {
  World world;
  world.add_category(1);
  world.add_category(2, 1);
  world.add_category(3, 2);
  world.add_category(4);
  world.create(1, category(3));
  world.create(2, category(2));
  world.create(3, category(1));
  world.move_category(2, 4);
  CHECK(world.in(1) == Numbers{3});
  CHECK(world.in(4) == Numbers{1, 2});
  CHECK(world.in(3) == Numbers{1});
  world.move_category(3);
  CHECK(world.in(4) == Numbers{2});
  CHECK(world.in(3) == Numbers{1});
  world.move_category(3, 1);
  world.move_category(3, 1);
  CHECK(world.in(1) == Numbers{1, 3});
}

TEST_CASE("the products of a deleted category are in none until it is restored") {
  World world;
  world.add_category(1);
  world.add_category(2, 1);
  world.create(1, category(2));
  world.create(2, category(1));
  world.tree(category_tree::Deleted{category(2)});
  world.create(3, category(2));
  CHECK(world.in(1) == Numbers{2});
  CHECK(world.in(2).empty());
  CHECK(world.numbers() == Numbers{1, 2, 3});
  CHECK(world.all({category(1), {}}) == Numbers{1, 2, 3});
  world.append<Product>(product_id(1), product::Withdrawn{});
  world.tree(category_tree::Restored{category(2)});
  CHECK(world.in(1) == Numbers{2, 3});
  world.append<Product>(product_id(1), product::Published{});
  CHECK(world.in(1) == Numbers{1, 2, 3});
  CHECK(world.in(2) == Numbers{1, 3});
}

TEST_CASE("a brand is found, also within a category") {
  World world;
  for (std::uint64_t i = 1; i <= 3; ++i) world.add_category(i, i == 2 ? 1 : 0);
  world.create(1, category(2), brand(1));
  world.create(2, category(1), brand(2));
  world.create(3, category(3), brand(1));
  world.create(4, category(2), brand(1));
  CHECK(world.numbers({{}, brand(1)}) == Numbers{1, 3, 4});
  CHECK(world.numbers({category(1), brand(1)}) == Numbers{1, 4});
  CHECK(world.numbers({category(3), brand(2)}).empty());
  world.append<Product>(product_id(4), product::Changed{.brand_id = brand(2)});
  CHECK(world.numbers({{}, brand(1)}) == Numbers{1, 3});
  CHECK(world.numbers({category(1), brand(2)}) == Numbers{2, 4});
}

TEST_CASE("names that an older event gave are shown until an id takes their place") {
  World world;
  product::Created older{.sku = "OLD", .name = "Old", .price = Money{1, {}}, .category = "food/tea", .brand = "Hupao"};
  world.append<Product>(product_id(1), older);
  CHECK(world.only(1).category == "food/tea");
  CHECK(world.only(1).brand == "Hupao");
  world.append<Product>(product_id(1), product::Changed{.category = "food", .brand = "Xihu"});
  CHECK(world.only(1).category == "food");
  CHECK(world.only(1).brand == "Xihu");
  world.append<Product>(product_id(1), product::Changed{.category_id = category(1), .brand_id = BrandId{}});
  CHECK(world.only(1).category.empty());
  CHECK(world.only(1).brand.empty());
}

TEST_CASE("pages of every filter come in the order of creation, whatever changes meanwhile") {
  World world;
  world.add_category(1);
  world.add_category(2, 1);
  for (std::uint64_t i = 1; i <= 12; ++i) world.create(i, category(2), brand(1));
  for (const ProductFilter& filter : {ProductFilter{}, ProductFilter{category(1), {}}, ProductFilter{{}, brand(1)},
                                      ProductFilter{category(2), brand(1)}}) {
    Numbers seen;
    std::optional<Position> after;
    do {
      const auto page = world.list(5, after, filter);
      for (const auto& item : page.items) seen.push_back(item.id.value.low);
      after = page.next;
      world.append<Product>(product_id(1 + seen.size() / 2), product::Changed{.name = "renamed"});
    } while (after);
    CHECK(seen == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  }
  CHECK_FALSE(world.list(12).next);
  CHECK(world.list(11).next);
}

TEST_CASE("a change of what was never created is parked") {
  World world;
  world.append<Product>(product_id(1), product::Changed{});
  world.append<Product>(product_id(2), product::Deleted{});
  world.append<Brands>(kBrands, brands::Deleted{brand(1)});
  world.tree(category_tree::Moved{category(1), {}, {}});
  CHECK(world.list().items.empty());
  const auto parked = world.follower->parked(10).value();
  REQUIRE(parked.size() == 4);
  for (const auto& event : parked) CHECK(event.reason == "projection.row_missing");
}

}  // namespace
}  // namespace souk
