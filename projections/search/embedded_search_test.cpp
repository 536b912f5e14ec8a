#include "projections/search/embedded_search.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "projections/testing/search_world.hpp"

namespace souk {
namespace {

using namespace testing;
using World = SearchWorld;

SearchQuery about(const std::string& text) {
  SearchQuery query;
  query.text = text;
  return query;
}

TEST_CASE("a product is found by the words of its name, facts and description") {
  World world;
  world.add_category(1, "food");
  world.add_category(2, "tea 茶叶", 1);
  world.add_brand(3, "拾叶 Shiye");
  world.create(1, "明前龙井 50 克 Longjing Green Tea", "清明前手采 Hand-fired", 16'800, category(2), brand(3));
  world.create(2, "紫砂壶 Clay pot");
  for (const char* text : {"龙井", "龍井", "ＬＯＮＧＪＩＮＧ", "green teas", "手采", "hand fired", "茶叶", "food",
                           "shiye", "拾叶", "茶", "SKU-1", "龙井 green", "明前龙井", "50克"}) {
    CAPTURE(text);
    CHECK(world.found(text) == Numbers{1});
  }
  CHECK(world.found("井龙").empty());
  CHECK(world.found("coffee").empty());
}

TEST_CASE("an empty text finds everything, and what has no word in it too") {
  World world;
  world.create(1, "one");
  world.create(2, "two");
  CHECK(world.answer("").total == 2);
  CHECK(world.answer(" … ").total == 2);
}

TEST_CASE("a name counts for more than facts, and facts for more than a description") {
  World world;
  world.add_category(1, "oolong");
  world.create(1, "teapot", "for oolong");
  world.create(2, "cup", "", 10'000, category(1));
  world.create(3, "oolong");
  CHECK(world.found("oolong") == Numbers{3, 2, 1});
}

TEST_CASE("a name that says nothing else comes before one that does") {
  World world;
  world.create(1, "tray for a tea pot of glass");
  world.create(2, "tea pot");
  CHECK(world.found("tea pot") == Numbers{2, 1});
}

TEST_CASE("of products that match alike the one that sells comes first, and what is sold out last") {
  World world;
  for (std::uint64_t number = 1; number <= 3; ++number) world.create(number, "tea");
  world.receive(1, 10);
  world.receive(2, 100);
  world.sell(2, 8);
  CHECK(world.found("tea") == Numbers{2, 1, 3});
  world.sell(1, 10);
  CHECK(world.found("tea") == Numbers{2, 1, 3});
  CHECK(world.found([] {
    auto query = about("tea");
    query.in_stock = true;
    return query;
  }()) == Numbers{2});
}

TEST_CASE("what not everybody may see is not found") {
  World world;
  world.create(1, "tea");
  Product::Event away = product::Withdrawn{};
  Product::Event back = product::Published{};
  SUBCASE("withdrawn") {}
  SUBCASE("deleted") {
    away = product::Deleted{};
    back = product::Restored{};
  }
  world.change(1, away);
  CHECK(world.found("tea").empty());
  CHECK(world.answer("").total == 0);
  std::vector<FoundProduct> shown;
  CHECK(world.search->read_products({product_id(1)}, shown));
  CHECK(shown.empty());
  world.change(1, back);
  CHECK(world.found("tea") == Numbers{1});
}

TEST_CASE("a change of words is found at once, and the old ones are not") {
  World world;
  world.create(1, "tea");
  world.change(1, product::Changed{.name = "coffee"});
  CHECK(world.found("coffee") == Numbers{1});
  CHECK(world.found("tea").empty());
  world.change(1, product::Changed{.attributes = std::vector<product::Attribute>{{"colour", {"red"}}}});
  CHECK(world.found("red") == Numbers{1});
  CHECK(world.found("colour").empty());
}

TEST_CASE("a product is found by what its category and brand are called now") {
  World world;
  world.add_category(1, "drinks");
  world.add_category(2, "tea", 1);
  world.add_brand(1, "Shiye");
  world.create(1, "Longjing", "", 10'000, category(2), brand(1));
  world.append<CategoryTree>(kCategoryTree, category_tree::Changed{category(1), "beverages", {}});
  world.append<Brands>(kBrands, brands::Changed{brand(1), "Lingxia", {}, {}});
  CHECK(world.found("beverages tea lingxia") == Numbers{1});
  CHECK(world.found("drinks").empty());
  CHECK(world.found("shiye").empty());
  world.append<CategoryTree>(kCategoryTree, category_tree::Deleted{category(2)});
  CHECK(world.found("beverages").empty());
  CHECK(world.found("longjing") == Numbers{1});
  auto query = about("");
  query.category = category(2);
  CHECK(world.found(query).empty());
  query.category = category(1);
  CHECK(world.found(query).empty());
  world.append<CategoryTree>(kCategoryTree, category_tree::Restored{category(2)});
  CHECK(world.found(query) == Numbers{1});
  world.append<CategoryTree>(kCategoryTree, category_tree::Moved{category(2), std::nullopt, {}});
  CHECK(world.found(query).empty());
  CHECK(world.found("beverages").empty());
}

TEST_CASE("filters are exact at their edges") {
  World world;
  world.add_brand(1, "a");
  world.create(1, "tea", "", 100, {}, brand(1));
  world.create(2, "tea", "", 200);
  auto query = about("tea");
  query.price_min = 200;
  CHECK(world.found(query) == Numbers{2});
  query.price_min = 201;
  CHECK(world.found(query).empty());
  query.price_min.reset();
  query.price_max = 100;
  CHECK(world.found(query) == Numbers{1});
  world.change(1, product::Changed{.price = Money{101, {}}});
  CHECK(world.found(query).empty());
  query.price_max.reset();
  query.brand = brand(1);
  CHECK(world.found(query) == Numbers{1});
  query.brand = brand(2);
  CHECK(world.found(query).empty());
}

TEST_CASE("each order sorts by what it says, the newest first among equals") {
  World world;
  world.create(1, "tea", "", 300);
  world.create(2, "tea", "", 100);
  world.create(3, "tea", "", 300);
  world.receive(2, 5);
  world.sell(2, 3);
  auto query = about("tea");
  const auto by = [&](SearchSort sort) {
    query.sort = sort;
    return world.found(query);
  };
  CHECK(by(SearchSort::kPrice) == Numbers{2, 3, 1});
  CHECK(by(SearchSort::kPriceDescending) == Numbers{3, 1, 2});
  CHECK(by(SearchSort::kNewest) == Numbers{3, 2, 1});
  CHECK(by(SearchSort::kSales) == Numbers{2, 3, 1});
}

TEST_CASE("facets count everything that is found") {
  World world;
  world.add_category(1, "a");
  world.add_category(2, "b", 1);
  world.add_brand(1, "x");
  world.create(1, "tea", "", 1'999, category(2), brand(1));
  world.create(2, "tea", "", 2'000, category(2));
  world.create(3, "tea", "", 1'000'000, category(1), brand(1));
  world.create(4, "pot", "", 1'000, category(1), brand(1));
  auto query = about("tea");
  query.limit = 1;
  const auto answer = world.answer(query);
  CHECK(answer.total == 3);
  CHECK(answer.has_more);
  REQUIRE(answer.facets);
  REQUIRE(answer.facets->categories.size() == 2);
  CHECK((answer.facets->categories[0].category == category(2)));
  CHECK(answer.facets->categories[0].count == 2);
  CHECK(answer.facets->categories[1].count == 1);
  REQUIRE(answer.facets->brands.size() == 1);
  CHECK(answer.facets->brands[0].count == 2);
  CHECK((answer.facets->prices == decltype(answer.facets->prices){1, 1, 0, 0, 0, 0, 1}));
}

TEST_CASE("pages follow each other without gap or repetition") {
  World world;
  for (std::uint64_t number = 1; number <= 25; ++number) {
    world.create(number, "tea", "", 100 + static_cast<std::int64_t>(number % 3));
  }
  for (const auto sort : {SearchSort::kRelevance, SearchSort::kPrice, SearchSort::kNewest}) {
    auto query = about("tea");
    query.sort = sort;
    query.limit = 100;
    const auto all = world.found(query);
    Numbers paged;
    query.limit = 7;
    for (bool more = true; more;) {
      const auto answer = world.answer(query);
      for (const auto number : World::numbers_of(answer)) paged.push_back(number);
      more = answer.has_more;
      query.after = answer.hits.back().place;
    }
    CHECK(paged == all);
    CHECK(paged.size() == 25);
  }
}

TEST_CASE("a misspelt word is taken for the one that it is like, and the answer says so") {
  World world;
  world.create(1, "Longjing green tea");
  world.create(2, "Osmanthus oolong tea");
  const auto answer = world.answer("longjnig tea");
  CHECK(World::numbers_of(answer) == Numbers{1});
  CHECK(answer.corrected == "longjing tea");
  CHECK(world.answer("osmantus").corrected == "osmanthus");
  CHECK(!world.answer("longjing").corrected);
  CHECK(!world.answer("xyzzyxyz").corrected);
  world.create(3, "longjnig");
  CHECK(!world.answer("longjnig").corrected);
}

TEST_CASE("a word that is not whole finds those that it begins") {
  World world;
  world.create(1, "Osmanthus");
  CHECK(world.found("osm") == Numbers{1});
  CHECK(world.answer("osm").corrected == "osmanthus");
}

TEST_CASE("a word that is not whole is made whole before it is taken for a misspelt one") {
  World world;
  world.create(1, "ceramic bowl");
  world.create(2, "cream");
  world.create(3, "ceramics kit, ceramic");
  world.create(4, "cerama");
  CHECK(world.found("ceram").size() == 3);
  CHECK(world.answer("ceram").corrected == "ceramic");
  CHECK(world.found("craem") == Numbers{2});
}

TEST_CASE("of very many unknown words only the last ones are corrected") {
  World world;
  world.create(1, "alpha bravo carbon delta");
  CHECK(world.answer("alpa bravi crabon dalta").corrected == "alpha bravo carbon delta");
  CHECK(world.answer("echx alpa bravi crabon dalta").corrected == "echx alpha bravo carbon delta");
  CHECK(world.found("alpa bravi crabon dalta foxy echx hotx indx").empty());
}

TEST_CASE("a filter takes away from what is found and adds nothing") {
  World world;
  world.add_brand(1, "a");
  world.create(1, "green tea", "", 100);
  world.create(2, "tea", "", 200);
  world.create(3, "green bowl", "", 200, {}, brand(1));
  auto query = about("green tea");
  CHECK(world.found(query) == Numbers{1});
  query.price_min = 150;
  CHECK(world.found(query).empty());
  query.price_min.reset();
  query.brand = brand(1);
  CHECK(world.found(query).empty());
  query = about("gren tea");
  query.price_min = 150;
  CHECK(world.found(query).empty());
  CHECK(!world.answer(query).corrected);
}

TEST_CASE("if nothing has all words, what has half of them is found, the most first") {
  World world;
  world.create(1, "green tea");
  world.create(2, "green tea pot");
  world.create(3, "青花茶杯");
  CHECK(world.found("green tea qqq pot") == Numbers{2, 1});
  CHECK(world.found("青花瓷茶杯") == Numbers{3});
}

TEST_CASE("synonyms are found by each other, as the file says now") {
  World world;
  world.create(1, "红色马克杯");
  world.create(2, "red mug");
  const auto path = world.scratch.file("synonyms.txt");
  std::vector<std::string> problems;
  EmbeddedSearchOptions options;
  options.synonyms_file = path;
  options.on_problem = [&](const Error& error) { problems.push_back(error.detail); };
  std::ofstream(path) << "# words\nmug, 马克杯\ncrimson => red\n";
  world.search = world.open_search(options);
  CHECK(world.found("mug") == Numbers{2, 1});
  CHECK(world.found("红色马克杯") == Numbers{1});
  CHECK(world.found("red 马克杯") == Numbers{2});
  CHECK(world.found("crimson mug") == Numbers{2});
  CHECK(problems.empty());
}

TEST_CASE("a file of synonyms that is not there is reported, and the search goes on without") {
  World world;
  world.create(1, "tea");
  std::vector<std::string> problems;
  EmbeddedSearchOptions options;
  options.synonyms_file = world.scratch.file("none.txt");
  options.on_problem = [&](const Error& error) { problems.push_back(error.detail); };
  world.search = world.open_search(options);
  CHECK(world.found("tea") == Numbers{1});
  CHECK(world.found("tea") == Numbers{1});
  CHECK(problems.size() == 1);
}

TEST_CASE("an answer says at which position it was true") {
  World world;
  const auto position = world.create(1, "tea");
  CHECK(world.answer("tea").position == position);
}

TEST_CASE("what is found is shown as it is") {
  World world;
  world.create(1, "tea", "leaves", 1'234, category(2), brand(3));
  world.receive(1, 1);
  REQUIRE(catch_up(*world.follower));
  std::vector<FoundProduct> found;
  REQUIRE(world.search->read_products({product_id(9), product_id(1)}, found));
  REQUIRE(found.size() == 1);
  CHECK(found[0].product.name == "tea");
  CHECK(found[0].product.description == "leaves");
  CHECK((found[0].product.price == Money{1'234, {}}));
  CHECK((found[0].product.category_id == category(2)));
  CHECK((found[0].product.brand_id == brand(3)));
  CHECK(found[0].product.version == Version{1});
  CHECK(found[0].in_stock);
}

TEST_CASE("an untracked stock is never out") {
  World world;
  world.create(1, "file");
  world.append<Stock>(product_id(1), stock::Configured{stock::Mode::kUntracked, {}});
  auto query = about("");
  query.in_stock = true;
  CHECK(world.found(query) == Numbers{1});
}

TEST_CASE("the words of all products of a batch are written down at once") {
  World world;
  for (std::uint64_t number = 1; number <= 30; ++number) {
    world.create(number, "tea");
    world.receive(number, 5);
    world.sell(number, 1);
    world.change(number, product::Changed{.name = "green tea"});
  }
  REQUIRE(catch_up(*world.follower));
  auto db = sqlite::Database::open(world.follower->path(), sqlite::Database::Mode::kReader);
  REQUIRE(db);
  auto parts = db->query("SELECT count(DISTINCT segid) FROM search_index_idx");
  REQUIRE(parts);
  REQUIRE(parts->step());
  CHECK(parts->integer(0) == 1);
}

}  // namespace
}  // namespace souk
