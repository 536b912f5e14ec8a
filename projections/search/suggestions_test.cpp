#include <doctest/doctest.h>

#include "projections/testing/search_world.hpp"

namespace souk {
namespace {

using namespace testing;
using World = SearchWorld;

TEST_CASE("while it is typed, a text is made whole and products, categories and brands are offered") {
  World world;
  world.add_category(1, "绿茶 Green tea");
  world.add_brand(2, "Greenleaf");
  world.create(1, "Longjing green tea");
  world.create(2, "Green bowl");
  REQUIRE(catch_up(*world.follower));
  const auto offered = world.search->suggest("gre").value();
  CHECK(offered.completions == std::vector<std::string>{"green"});
  CHECK(offered.products.size() == 2);
  CHECK(offered.categories == std::vector<CategoryId>{category(1)});
  CHECK(offered.brands == std::vector<BrandId>{brand(2)});
  CHECK(world.search->suggest("longjing gre").value().products == std::vector<ProductId>{product_id(1)});
  CHECK(world.search->suggest("  ").value().products.empty());
}

TEST_CASE("characters that are typed are continued as names go on") {
  World world;
  world.create(1, "铁观音 罐装 Oolong");
  world.create(2, "安溪铁观音 礼盒");
  world.create(3, "铁锅 Iron pan");
  world.create(4, "Tea of 龙井村");
  const auto completions = [&](const std::string& text) {
    REQUIRE(catch_up(*world.follower));
    return world.search->suggest(text).value().completions;
  };
  using Texts = std::vector<std::string>;
  CHECK(completions("铁") == Texts{"铁观音", "铁锅"});
  CHECK(completions("鐵觀") == Texts{"鐵觀音"});
  CHECK(completions("tea 龙") == Texts{"tea 龙井村"});
  CHECK(completions("iron 龙").empty());
  CHECK(completions("铁观音").empty());
}

TEST_CASE("the word that a text ends with is made whole, with words that are looked for") {
  World world;
  world.create(1, "green tea to the table");
  world.create(2, "greenhouse");
  REQUIRE(catch_up(*world.follower));
  CHECK(world.search->suggest("t").value().completions == std::vector<std::string>{"table", "tea"});
  const auto offered = world.search->suggest("green tea green").value();
  CHECK(offered.completions == std::vector<std::string>{"green tea green", "green tea greenhouse"});
  CHECK(offered.products == std::vector<ProductId>{product_id(1)});
  CHECK(world.search->suggest("green the").value().products == std::vector<ProductId>{product_id(1)});
}

}  // namespace
}  // namespace souk
