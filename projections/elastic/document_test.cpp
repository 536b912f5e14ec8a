#include "projections/elastic/document.hpp"

#include <doctest/doctest.h>

#include <set>

#include "projections/testing/search_world.hpp"

using namespace souk;
using namespace souk::elastic;
using namespace souk::testing;

namespace {

struct DocumentWorld : SearchWorld {
  std::size_t bytes_max = 1'000'000;
  bool is_last = false;

  std::vector<Versioned> changed_behind(PlaceOfChange place, std::size_t limit = 100) {
    REQUIRE(catch_up(*follower));
    auto db = sqlite::Database::open(follower->path(), sqlite::Database::Mode::kReader);
    REQUIRE(db);
    auto read = DocumentReader(*db, false).changed_behind(place, limit, bytes_max);
    REQUIRE(read);
    is_last = read->is_last;
    return std::move(read->documents);
  }
  Versioned only(PlaceOfChange place = {}) {
    auto all = changed_behind(place);
    REQUIRE(all.size() == 1);
    return std::move(all.front());
  }
};

}  // namespace

TEST_CASE_FIXTURE(DocumentWorld, "a document has the words, the numbers and the categories above") {
  add_category(1, "Food");
  add_category(2, "Tea", 1);
  add_brand(7, "Xihu");
  const auto created = create(1, "龙井 Green Teas", "Hand fired", 16'800, category(2), brand(7));
  receive(1, 20);
  sell(1, 5);
  const auto one = only();
  CHECK(one.product == product_id(1));
  CHECK(one.changed > created);
  const auto& document = one.document;
  CHECK(document.seen);
  CHECK(document.name == "龙 龙井 井 green tea");
  CHECK(document.facts == "sku 1 food tea xihu");
  CHECK(document.description == "hand fired");
  CHECK(document.share == 1'333);
  CHECK(document.sold == 5);
  CHECK(document.rank == 3);
  CHECK(document.in_stock);
  CHECK(document.price == 16'800);
  CHECK(document.created == created);
  CHECK(document.category == category(2));
  CHECK(document.within == std::vector{category(2), category(1)});
  CHECK(document.brand == brand(7));
}

TEST_CASE_FIXTURE(DocumentWorld, "whatever changes a document gives it another version") {
  add_category(1, "Food");
  add_brand(7, "Xihu");
  create(1, "Tea", "", 100, category(1), brand(7));
  receive(1, 1);
  auto last = only();
  const auto changes = [&](const char* what, Position position) {
    CAPTURE(what);
    const auto now = only();
    CHECK(now.changed == position);
    CHECK_FALSE(now.document == last.document);
    last = now;
  };
  changes("price", change(1, product::Changed{.price = Money{200, {}}}));
  changes("name", change(1, product::Changed{.name = "Green tea"}));
  changes("category's name",
          append<CategoryTree>(kCategoryTree, category_tree::Changed{.id = category(1), .name = "Drinks"}));
  changes("category deleted", append<CategoryTree>(kCategoryTree, category_tree::Deleted{category(1)}));
  changes("brand deleted", append<Brands>(kBrands, brands::Deleted{brand(7)}));
  changes("stock", append<Stock>(product_id(1), stock::Reserved{{}, 1, {}}));
  changes("withdrawn", change(1, product::Withdrawn{}));
  CHECK(last.document.name.empty());
  changes("published", change(1, product::Published{}));
}

TEST_CASE_FIXTURE(DocumentWorld, "what changed many times is read once, at the place of its last change") {
  create(1, "One");
  create(2, "Two");
  create(3, "Three");
  const auto last = change(1, product::Changed{.name = "Uno"});
  const auto first = changed_behind({}, 2);
  REQUIRE(first.size() == 2);
  CHECK(first[0].product == product_id(2));
  const auto rest = changed_behind({first[1].changed, first[1].slot});
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].product == product_id(1));
  CHECK(rest[0].changed == last);
  CHECK(changed_behind({last, rest[0].slot}).empty());
}

TEST_CASE_FIXTURE(DocumentWorld, "a page ends by its bytes, too, and has one document in any case") {
  for (std::uint64_t number = 1; number <= 3; ++number) create(number, "Tea", std::string(1'000, 'x') + " leaf");
  bytes_max = 1'500;
  const auto first = changed_behind({});
  CHECK(first.size() == 2);
  CHECK_FALSE(is_last);
  CHECK(changed_behind({first[1].changed, first[1].slot}).size() == 1);
  CHECK(is_last);
  bytes_max = 0;
  CHECK(changed_behind({}).size() == 1);
  CHECK_FALSE(is_last);
}

TEST_CASE_FIXTURE(DocumentWorld, "products that changed at one position are divided between pages by their slot") {
  add_category(1, "Food");
  for (std::uint64_t number = 1; number <= 5; ++number) create(number, "Tea", "", 100, category(1));
  append<CategoryTree>(kCategoryTree, category_tree::Changed{.id = category(1), .name = "Drinks"});
  std::set<ProductId> seen;
  PlaceOfChange place;
  for (auto page = changed_behind(place, 2); !page.empty(); page = changed_behind(place, 2)) {
    for (const auto& one : page) CHECK(seen.insert(one.product).second);
    place = {page.back().changed, page.back().slot};
  }
  CHECK(seen.size() == 5);
}
