#include "gateway/catalogue/names.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"

using namespace souk;
using namespace souk::testing;

namespace {

const auto kFood = id_of<CategoryId>(1);
const auto kTea = id_of<CategoryId>(2);
const auto kXihu = id_of<BrandId>(3);

category_tree::State tree(const std::string& root = "food") {
  return fold<CategoryTree>({category_tree::Added{kFood, {}, root}, category_tree::Added{kTea, kFood, "tea"}});
}

brands::State brand(const std::string& name = "Xihu") {
  return fold<Brands>({brands::Added{kXihu, name}});
}

}  // namespace

TEST_CASE("a product is shown with the path of its category and the name of its brand") {
  CatalogueNames names;
  names.renew(tree(), Version{2}, Position{7});
  names.renew(brand(), Version{1}, Position{9});
  const auto shown = names.show(kTea, kXihu);
  CHECK(shown.category->id == kTea);
  CHECK(shown.category->path == "food/tea");
  CHECK(shown.brand->id == kXihu);
  CHECK(shown.brand->name == "Xihu");
  CHECK(shown.categories_version == Version{2});
  CHECK(shown.brands_version == Version{1});
  CHECK(shown.position == Position{9});
  CHECK(!names.show({}, {}).category);
  CHECK(!names.show(id_of<CategoryId>(99), id_of<BrandId>(99)).brand);
}

TEST_CASE("a newer version takes the place of an older one, and never the other way round") {
  CatalogueNames names;
  names.renew(tree("groceries"), Version{3}, Position{8});
  names.renew(tree("food"), Version{2}, Position{7});
  CHECK(names.path_of(kTea) == "groceries/tea");
  CHECK(names.find_category("groceries/tea")->id == kTea);
  CHECK(!names.find_category("food/tea"));
  names.renew(brand("Hupao"), Version{2}, Position{9});
  names.renew(brand("Xihu"), Version{2}, Position{9});
  CHECK(names.name_of(kXihu) == "Hupao");
}

TEST_CASE("of two changes the later one may be known first, and each makes another edition") {
  CatalogueNames names;
  names.renew(tree("food"), Version{2}, Position{7});
  const auto first = names.edition();
  names.renew(brand("Hupao"), Version{2}, Position{101});
  const auto second = names.edition();
  names.renew(tree("groceries"), Version{3}, Position{100});
  CHECK(names.position() == Position{101});
  CHECK(second != first);
  CHECK(names.edition() != second);
  const auto third = names.edition();
  names.renew(tree("groceries"), Version{3}, Position{100});
  CHECK(names.edition() == third);
}

TEST_CASE("what is deleted is found and not shown") {
  CatalogueNames names;
  names.renew(CategoryTree::evolve(tree(), category_tree::Deleted{kTea}), Version{3}, Position{1});
  names.renew(Brands::evolve(brand(), brands::Deleted{kXihu}), Version{2}, Position{2});
  CHECK(!names.show(kTea, kXihu).category);
  CHECK(!names.show(kTea, kXihu).brand);
  CHECK(!names.is_living(kTea));
  CHECK(names.is_living(kFood));
  CHECK(!names.find_category("food/tea")->lives);
  CHECK(!names.find_brand("Xihu")->lives);
  CHECK(names.path_of(kTea) == "food/tea");
}

TEST_CASE("the names are what the log says when the process begins") {
  ManualClock clock;
  MemoryEventLog log(clock);
  const auto append = [&]<class E>(typename E::Id id, const typename E::Event& event, std::uint64_t version) {
    const auto stored = encode_event(event);
    REQUIRE(
        log.append({stream_of<E>(id), {version}, {{std::string(stored.type), stored.schema, stored.payload, {}}}, {}}));
  };
  append.operator()<CategoryTree>(kCategoryTree, category_tree::Added{kFood, {}, "food"}, 0);
  append.operator()<Brands>(kBrands, brands::Added{kXihu, "Xihu"}, 0);
  CatalogueNames names;
  REQUIRE(restore_names(log, names));
  CHECK(names.show(kFood, kXihu).category->path == "food");
  CHECK(names.show(kFood, kXihu).brand->name == "Xihu");
  CHECK(names.position() == Position{2});
}
