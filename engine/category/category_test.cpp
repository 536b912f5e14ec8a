#include "engine/category/category.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::category_tree;
using namespace souk::testing;

namespace {

const auto kFood = id_of<CategoryId>(1);
const auto kTea = id_of<CategoryId>(2);
const auto kGreen = id_of<CategoryId>(3);
const auto kHome = id_of<CategoryId>(4);
const auto kNobody = id_of<CategoryId>(99);

using Past = std::vector<CategoryTree::Event>;

/// food/tea/green, and home.
Past tree() {
  return {Added{kFood, {}, "food"}, Added{kTea, kFood, "tea"}, Added{kGreen, kTea, "green"}, Added{kHome, {}, "home"}};
}

Given<CategoryTree> given_tree(std::vector<CategoryTree::Event> more = {}) {
  auto past = tree();
  past.insert(past.end(), more.begin(), more.end());
  return given<CategoryTree>(past);
}

}  // namespace

TEST_CASE("a category is added at the root or below another, last unless told before whom") {
  const auto after = given<CategoryTree>(Added{kFood, {}, "food"})
                         .when(Add{.id = kTea, .parent = kFood, .name = "tea", .description = "Leaves"})
                         .then(Added{kTea, kFood, "tea", "Leaves"});
  CHECK(path_of(after, kTea) == "food/tea");
  CHECK(find_path(after, "food/tea") == kTea);
  CHECK(!find_path(after, "food/tea/green"));
  CHECK(!find_path(after, "tea"));
  CHECK(path_of(after, kNobody).empty());
  const auto first = given_tree()
                         .when(Add{.id = kNobody, .name = "books", .before = kFood})
                         .then(Added{kNobody, {}, "books", "", kFood});
  CHECK((first.roots == std::vector{kNobody, kFood, kHome}));
}

TEST_CASE("the tree is listed from its roots down, parents first, siblings in order") {
  CHECK((in_order(given_tree().state()) == std::vector{kFood, kTea, kGreen, kHome}));
}

TEST_CASE("a category's name is one line of 1 to 64 characters without slashes") {
  for (const std::string name : {"", " tea", "a/b", "a\nb"}) {
    given<CategoryTree>()
        .when(Add{.id = kTea, .name = name})
        .then_rejected(ErrorCode::kInvalid, "category_tree.name_invalid");
    given_tree().when(Change{kTea, name}).then_rejected(ErrorCode::kInvalid, "category_tree.name_invalid");
  }
  given<CategoryTree>()
      .when(Add{.id = kTea, .name = std::string(65, 'n')})
      .then_rejected(ErrorCode::kInvalid, "category_tree.name_invalid");
  given<CategoryTree>().when(Add{.id = kTea, .name = std::string(64, 'n')}).then(Added{kTea, {}, std::string(64, 'n')});
}

TEST_CASE("a category's description has at most 500 characters") {
  given<CategoryTree>()
      .when(Add{.id = kTea, .name = "tea", .description = std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "category_tree.description_invalid");
  given_tree()
      .when(Change{kTea, {}, std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "category_tree.description_invalid");
}

TEST_CASE("a category needs an id that no other one has") {
  given<CategoryTree>()
      .when(Add{.id = {}, .name = "tea"})
      .then_rejected(ErrorCode::kInvalid, "category_tree.id_missing");
  given_tree()
      .when(Add{.id = kTea, .name = "new"})
      .then_rejected(ErrorCode::kConflict, "category_tree.category_exists");
}

TEST_CASE("two siblings cannot have one name, two cousins can") {
  given_tree()
      .when(Add{.id = kNobody, .parent = kFood, .name = "tea"})
      .then_rejected(ErrorCode::kConflict, "category_tree.name_taken");
  given_tree().when(Add{.id = kNobody, .parent = kHome, .name = "tea"}).then(Added{kNobody, kHome, "tea"});
  given_tree().when(Change{kHome, "food"}).then_rejected(ErrorCode::kConflict, "category_tree.name_taken");
  given_tree({Added{kNobody, {}, "tea"}})
      .when(Move{kNobody, kFood})
      .then_rejected(ErrorCode::kConflict, "category_tree.name_taken");
}

TEST_CASE("a deleted category keeps its name, so that it can always be restored") {
  const auto past = given_tree({Deleted{kHome}});
  past.when(Add{.id = kNobody, .name = "home"}).then_rejected(ErrorCode::kConflict, "category_tree.name_taken");
  past.when(Change{kFood, "home"}).then_rejected(ErrorCode::kConflict, "category_tree.name_taken");
  past.when(Restore{kHome}).then(Restored{kHome});
}

TEST_CASE("a category's name and description can be changed, also to nothing") {
  const auto after = given_tree().when(Change{kTea, "teas", "Leaves"}).then(Changed{kTea, "teas", "Leaves"});
  CHECK(path_of(after, kGreen) == "food/teas/green");
  given_tree({Changed{kTea, {}, "Leaves"}}).when(Change{kTea, {}, ""}).then(Changed{kTea, {}, ""});
  given_tree().when(Change{kTea, "tea", ""}).then_nothing();
}

TEST_CASE("what is not there or deleted can be neither changed nor moved") {
  given_tree().when(Change{kNobody}).then_rejected(ErrorCode::kNotFound, "category_tree.category_not_found");
  given_tree().when(Move{kNobody}).then_rejected(ErrorCode::kNotFound, "category_tree.category_not_found");
  given_tree().when(Delete{kNobody}).then_rejected(ErrorCode::kNotFound, "category_tree.category_not_found");
  given_tree().when(Restore{kNobody}).then_rejected(ErrorCode::kNotFound, "category_tree.category_not_found");
  const auto past = given_tree({Deleted{kHome}});
  past.when(Change{kHome, "house"}).then_rejected(ErrorCode::kConflict, "category_tree.deleted");
  past.when(Move{kHome, kFood}).then_rejected(ErrorCode::kConflict, "category_tree.deleted");
}

TEST_CASE("a category is moved with everything below it") {
  const auto after = given_tree().when(Move{kTea, kHome}).then(Moved{kTea, kHome});
  CHECK(path_of(after, kGreen) == "home/tea/green");
  CHECK(children_of(after, kFood).empty());
  const auto root = given_tree().when(Move{kTea}).then(Moved{kTea});
  CHECK((root.roots == std::vector{kFood, kHome, kTea}));
}

TEST_CASE("siblings are ordered by moving one before another") {
  const auto after = given_tree().when(Move{kHome, {}, kFood}).then(Moved{kHome, {}, kFood});
  CHECK((after.roots == std::vector{kHome, kFood}));
  given_tree().when(Move{kFood, {}, kHome}).then_nothing();
  given_tree().when(Move{kFood, {}, kFood}).then_nothing();
  given_tree().when(Move{kHome}).then_nothing();
  given_tree().when(Move{kHome, {}, kTea}).then_rejected(ErrorCode::kConflict, "category_tree.before_unknown");
  given_tree()
      .when(Add{.id = kNobody, .name = "books", .before = kTea})
      .then_rejected(ErrorCode::kConflict, "category_tree.before_unknown");
}

TEST_CASE("a category cannot be moved below itself") {
  given_tree().when(Move{kFood, kFood}).then_rejected(ErrorCode::kConflict, "category_tree.cycle");
  given_tree().when(Move{kFood, kGreen}).then_rejected(ErrorCode::kConflict, "category_tree.cycle");
}

TEST_CASE("nothing can be put below what is not there or deleted") {
  given_tree()
      .when(Add{.id = id_of<CategoryId>(7), .parent = kNobody, .name = "n"})
      .then_rejected(ErrorCode::kConflict, "category_tree.parent_unknown");
  given_tree().when(Move{kTea, kNobody}).then_rejected(ErrorCode::kConflict, "category_tree.parent_unknown");
  const auto past = given_tree({Deleted{kHome}});
  past.when(Add{.id = kNobody, .parent = kHome, .name = "n"})
      .then_rejected(ErrorCode::kConflict, "category_tree.parent_deleted");
  past.when(Move{kTea, kHome}).then_rejected(ErrorCode::kConflict, "category_tree.parent_deleted");
}

TEST_CASE("a tree has at most 8 levels, also after a move") {
  Past past{Added{kFood, {}, "food"}, Added{kTea, kFood, "tea"}};
  for (std::uint64_t i = 0; i < kDepthMax; ++i) {
    const auto parent = i == 0 ? std::nullopt : std::optional(id_of<CategoryId>(9 + i));
    past.emplace_back(Added{id_of<CategoryId>(10 + i), parent, "n"});
  }
  const auto deep = given<CategoryTree>(past);
  const auto level = [](std::uint64_t number) { return id_of<CategoryId>(9 + number); };
  deep.when(Add{.id = kNobody, .parent = level(8), .name = "x"})
      .then_rejected(ErrorCode::kConflict, "category_tree.too_deep");
  deep.when(Move{kFood, level(7)}).then_rejected(ErrorCode::kConflict, "category_tree.too_deep");
  deep.when(Move{kFood, level(6)}).then(Moved{kFood, level(6)});
}

TEST_CASE("there are at most 10,000 categories") {
  category_tree::State full;
  for (std::uint64_t i = 1; i <= kCategoriesMax; ++i) {
    full.categories[id_of<CategoryId>(i)] = {{}, std::to_string(i)};
    full.roots.push_back(id_of<CategoryId>(i));
  }
  Given<CategoryTree>(full)
      .when(Add{.id = id_of<CategoryId>(kCategoriesMax + 1), .name = "one more"})
      .then_rejected(ErrorCode::kConflict, "category_tree.full");
}

TEST_CASE("a category with living ones below it cannot be deleted") {
  given_tree().when(Delete{kTea}).then_rejected(ErrorCode::kConflict, "category_tree.has_children");
  given_tree({Deleted{kGreen}}).when(Delete{kTea}).then(Deleted{kTea});
  given_tree({Deleted{kGreen}}).when(Delete{kGreen}).then_nothing();
}

TEST_CASE("a category comes back only below a living one") {
  const auto past = given_tree({Deleted{kGreen}, Deleted{kTea}});
  past.when(Restore{kGreen}).then_rejected(ErrorCode::kConflict, "category_tree.parent_deleted");
  CHECK(is_living(past.when(Restore{kTea}).then(Restored{kTea}), kTea));
  past.when(Restore{kFood}).then_nothing();
}

TEST_CASE("a path that is put is there afterwards, with what is missing above it") {
  const auto after = given_tree()
                         .when(Put{"food/nuts/salted", {kNobody, id_of<CategoryId>(10), id_of<CategoryId>(11)}, "Salt"})
                         .then(Added{id_of<CategoryId>(10), kFood, "nuts"},
                               Added{id_of<CategoryId>(11), id_of<CategoryId>(10), "salted", "Salt"});
  CHECK(find_path(after, "food/nuts/salted") == id_of<CategoryId>(11));
  given_tree().when(Put{"food/tea", {kNobody, kNobody}}).then_nothing();
  given_tree().when(Put{"food/tea", {kNobody, kNobody}, "Leaves"}).then(Changed{kTea, {}, "Leaves"});
}

TEST_CASE("a path that is put is held to the rules of its names and its depth") {
  const auto put = [](const std::string& path) {
    return Put{path, std::vector(static_cast<std::size_t>(std::ranges::count(path, '/')) + 1, kNobody)};
  };
  for (const std::string path : {"", "/", "a/", "/a", "a//b", "a / b", "a/b\n"}) {
    given_tree().when(put(path)).then_rejected(ErrorCode::kInvalid, "category_tree.name_invalid");
  }
  given_tree().when(put("1/2/3/4/5/6/7/8/9")).then_rejected(ErrorCode::kConflict, "category_tree.too_deep");
  given_tree()
      .when(Put{"a", {kNobody}, std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "category_tree.description_invalid");
}

TEST_CASE("what is put needs an id for each name, and new ids for new ones") {
  given_tree().when(Put{"a/b", {kNobody}}).then_rejected(ErrorCode::kInvalid, "category_tree.id_missing");
  given_tree().when(Put{"a", {CategoryId{}}}).then_rejected(ErrorCode::kInvalid, "category_tree.id_missing");
  given_tree().when(Put{"a", {kTea}}).then_rejected(ErrorCode::kConflict, "category_tree.category_exists");
  given_tree()
      .when(Put{"a/b", {kNobody, kNobody}})
      .then_rejected(ErrorCode::kConflict, "category_tree.category_exists");
}

TEST_CASE("a path that is put is deleted or restored only if that is said") {
  const Past deleted{Deleted{kGreen}};
  const std::vector ids(3, kNobody);
  given_tree(deleted).when(Put{"food/tea/green", ids}).then_nothing();
  given_tree(deleted).when(Put{"food/tea/green", ids, {}, true}).then_nothing();
  given_tree(deleted).when(Put{"food/tea/green", ids, {}, false}).then(Restored{kGreen});
  given_tree().when(Put{"food/tea/green", ids, {}, true}).then(Deleted{kGreen});
  given_tree()
      .when(Put{"food/tea", {kNobody, kNobody}, {}, true})
      .then_rejected(ErrorCode::kConflict, "category_tree.has_children");
  given_tree().when(Put{"old", {kNobody}, {}, true}).then(Added{kNobody, {}, "old"}, Deleted{kNobody});
}

TEST_CASE("what is put below a deleted category is deleted as well") {
  const Past deleted{Deleted{kHome}};
  const Put put{"home/garden/tools", {kNobody, id_of<CategoryId>(10), id_of<CategoryId>(11)}};
  const auto after = given_tree(deleted).when(put).then(Added{id_of<CategoryId>(10), kHome, "garden"},
                                                        Added{id_of<CategoryId>(11), id_of<CategoryId>(10), "tools"},
                                                        Deleted{id_of<CategoryId>(11)}, Deleted{id_of<CategoryId>(10)});
  CHECK(!is_living(after, id_of<CategoryId>(11)));
  auto living = put;
  living.deleted = false;
  given_tree(deleted).when(living).then_rejected(ErrorCode::kConflict, "category_tree.parent_deleted");
}
