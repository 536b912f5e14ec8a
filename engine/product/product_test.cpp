#include "engine/product/product.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::product;
using namespace souk::testing;

namespace {

Create creation() {
  return {.sku = "TEA-001",
          .name = "龙井茶 Longjing",
          .description = "Green.\nFresh.",
          .price = yuan(12'800),
          .category_id = id_of<CategoryId>(7),
          .brand_id = id_of<BrandId>(8),
          .pictures = {"https://a.example/1.jpg"},
          .attributes = {{"colour", {"green", "yellow"}}},
          .purchase_limit = 3};
}

Created created() {
  const auto command = creation();
  return {.sku = command.sku,
          .name = command.name,
          .description = command.description,
          .price = command.price,
          .pictures = command.pictures,
          .category_id = command.category_id,
          .brand_id = command.brand_id,
          .attributes = command.attributes,
          .purchase_limit = command.purchase_limit,
          .published = command.published};
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// A creation that differs from a good one in one way.
template <class Edit>
Create creation_with(Edit edit) {
  Create command = creation();
  edit(command);
  return command;
}

void check_refused(const Create& command, std::string_view reason) {
  given<Product>().when(command).then_rejected(ErrorCode::kInvalid, reason);
}

}  // namespace

TEST_CASE("a product is created with what it was given") {
  const auto after = given<Product>().when(creation()).then(created());
  CHECK(after.exists);
  CHECK(after.sku == "TEA-001");
}

TEST_CASE("a product is created once") {
  given<Product>(created()).when(creation()).then_rejected(ErrorCode::kConflict, "product.exists");
}

TEST_CASE("a sku has 1 to 64 safe characters") {
  const auto with = [](std::string sku) { return creation_with([&](Create& c) { c.sku = std::move(sku); }); };
  CHECK(Product::decide({}, with(std::string(64, 'x'))));
  CHECK(Product::decide({}, with("a.B_9-c:d/e")));
  for (const std::string& bad : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("茶")}) {
    check_refused(with(bad), "product.sku_invalid");
  }
}

TEST_CASE("a name has 1 to 200 characters on one line") {
  const auto with = [](std::string name) { return creation_with([&](Create& c) { c.name = std::move(name); }); };
  CHECK(Product::decide({}, with(repeat("茶", 200))));
  for (const std::string& bad : {std::string(), repeat("茶", 201), std::string("a\nb"), std::string(" a"),
                                 std::string("a "), std::string("   "), std::string("a\xFF")}) {
    check_refused(with(bad), "product.name_invalid");
  }
}

TEST_CASE("a description has at most 10,000 characters and may have lines") {
  const auto with = [](std::string text) { return creation_with([&](Create& c) { c.description = std::move(text); }); };
  CHECK(Product::decide({}, with("")));
  CHECK(Product::decide({}, with(repeat("茶", 10'000))));
  check_refused(with(repeat("茶", 10'001)), "product.description_invalid");
  check_refused(with(std::string("a\0b", 3)), "product.description_invalid");
}

TEST_CASE("a price is 0 to 2^53-1") {
  const auto with = [](std::int64_t amount) { return creation_with([&](Create& c) { c.price.amount = amount; }); };
  CHECK(Product::decide({}, with(0)));
  CHECK(Product::decide({}, with(kIntegerMax)));
  for (const std::int64_t bad : {std::int64_t{-1}, kIntegerMax + 1, std::numeric_limits<std::int64_t>::min()}) {
    check_refused(with(bad), "product.price_invalid");
  }
}

TEST_CASE("there are at most 20 pictures, each with an address of at most 2,048 bytes") {
  const auto with = [](std::vector<std::string> urls) {
    return creation_with([&](Create& c) { c.pictures = std::move(urls); });
  };
  CHECK(Product::decide({}, with(std::vector<std::string>(20, std::string(2048, 'x')))));
  check_refused(with(std::vector<std::string>(21, "x")), "product.pictures_invalid");
  for (const std::string& bad : {std::string(), std::string(2049, 'x'), std::string("a b"), std::string("a\nb")}) {
    check_refused(with({"x", bad}), "product.pictures_invalid");
  }
}

TEST_CASE("there are at most 50 attributes, each with a name of its own and 1 to 50 values") {
  const auto with = [](std::vector<Attribute> attributes) {
    return creation_with([&](Create& c) { c.attributes = std::move(attributes); });
  };
  std::vector<Attribute> many;
  for (std::size_t i = 0; i < kAttributesMax; ++i) many.push_back({"a" + std::to_string(i), {"v"}});
  CHECK(Product::decide({}, with(many)));
  many.push_back({"one more", {"v"}});
  check_refused(with(many), "product.attributes_invalid");
  CHECK(Product::decide({}, with({{repeat("茶", 64), std::vector<std::string>(50, repeat("茶", 200))}})));
  for (const Attribute& bad : {Attribute{"", {"v"}}, Attribute{repeat("茶", 65), {"v"}}, Attribute{" a", {"v"}},
                               Attribute{"a", {}}, Attribute{"a", std::vector<std::string>(51, "v")},
                               Attribute{"a", {""}}, Attribute{"a", {repeat("茶", 201)}}, Attribute{"a", {"v\n"}}}) {
    check_refused(with({bad}), "product.attributes_invalid");
  }
  check_refused(with({{"a", {"1"}}, {"a", {"2"}}}), "product.attributes_invalid");
}

TEST_CASE("a purchase limit is 1 to 1,000,000, or none") {
  const auto with = [](std::int64_t limit) { return creation_with([&](Create& c) { c.purchase_limit = limit; }); };
  CHECK(Product::decide({}, with(1)));
  CHECK(Product::decide({}, with(1'000'000)));
  for (const std::int64_t bad : {-1, 0, 1'000'001}) check_refused(with(bad), "product.limit_invalid");
}

TEST_CASE("a change records only what is different") {
  Change command;
  command.name = "龙井茶 Longjing";
  command.description = "Dry.";
  command.price = yuan(9'900);
  command.category_id = id_of<CategoryId>(7);
  command.purchase_limit = 3;
  command.published = true;
  Changed changed;
  changed.description = "Dry.";
  changed.price = yuan(9'900);
  const auto after = given<Product>(created()).when(command).then(changed);
  CHECK((after.price == yuan(9'900)));
  CHECK(after.description == "Dry.");
  CHECK(after.name == "龙井茶 Longjing");
}

TEST_CASE("every part of a product but its sku can change") {
  const Change command{.name = "n",
                       .description = "d",
                       .price = yuan(1),
                       .category_id = id_of<CategoryId>(17),
                       .brand_id = id_of<BrandId>(18),
                       .pictures = std::vector<std::string>{},
                       .attributes = std::vector<Attribute>{},
                       .purchase_limit = 5};
  const Changed changed{.name = "n",
                        .description = "d",
                        .price = yuan(1),
                        .pictures = std::vector<std::string>{},
                        .category_id = id_of<CategoryId>(17),
                        .brand_id = id_of<BrandId>(18),
                        .attributes = std::vector<Attribute>{},
                        .purchase_limit = 5};
  const auto after = given<Product>(created()).when(command).then(changed);
  CHECK((after == State{.exists = true,
                        .sku = "TEA-001",
                        .name = "n",
                        .description = "d",
                        .price = yuan(1),
                        .category_id = id_of<CategoryId>(17),
                        .brand_id = id_of<BrandId>(18),
                        .purchase_limit = 5}));
}

TEST_CASE("what is optional can be taken away") {
  const Change command{.description = "", .category_id = CategoryId{}, .brand_id = BrandId{}, .purchase_limit = 0};
  const Changed changed{.description = "", .category_id = CategoryId{}, .brand_id = BrandId{}, .purchase_limit = 0};
  const auto after = given<Product>(created()).when(command).then(changed);
  CHECK(after.category_id.empty());
  CHECK(after.brand_id.empty());
  CHECK(!after.purchase_limit);
  given<Product>(created(), changed).when(command).then_nothing();
}

TEST_CASE("B36: a price of 0 can be set, and a product can be withdrawn and published again") {
  const auto after = given<Product>(created()).when(Change{.price = yuan(0)}).then(Changed{.price = yuan(0)});
  CHECK((after.price == yuan(0)));
  const Change withdraw{.published = false};
  const Change publish{.published = true};
  CHECK(!given<Product>(created()).when(withdraw).then(Withdrawn{}).published);
  given<Product>(created()).when(publish).then_nothing();
  given<Product>(created(), Withdrawn{}).when(withdraw).then_nothing();
  CHECK(given<Product>(created(), Withdrawn{}).when(publish).then(Published{}).published);
}

TEST_CASE("one change can say both what is new and that it is for sale") {
  given<Product>(created()).when(Change{.name = "n", .published = false}).then(Changed{.name = "n"}, Withdrawn{});
}

TEST_CASE("a product can be created without being for sale") {
  const auto command = creation_with([](Create& c) { c.published = false; });
  auto expected = created();
  expected.published = false;
  const auto after = given<Product>().when(command).then(expected);
  CHECK(why_not_for_sale(after)->reason == "product.withdrawn");
}

TEST_CASE("a deleted product comes back as it was") {
  CHECK(given<Product>(created()).when(Delete{}).then(Deleted{}).deleted);
  given<Product>(created(), Deleted{}).when(Delete{}).then_nothing();
  const auto after = given<Product>(created(), Withdrawn{}, Deleted{}).when(Restore{}).then(Restored{});
  CHECK(!after.deleted);
  CHECK(!after.published);
  given<Product>(created()).when(Restore{}).then_nothing();
}

TEST_CASE("a deleted product keeps its sku and cannot be changed") {
  const auto deleted = given<Product>(created(), Deleted{});
  deleted.when(creation()).then_rejected(ErrorCode::kConflict, "product.exists");
  deleted.when(Change{.published = true}).then_rejected(ErrorCode::kConflict, "product.deleted");
}

TEST_CASE("B27: only what is published and not deleted is for sale") {
  const auto state_after = [](auto... events) { return given<Product>(events...).state(); };
  CHECK(!why_not_for_sale(state_after(created())));
  CHECK(why_not_for_sale({})->reason == "product.not_found");
  CHECK(why_not_for_sale({})->code == ErrorCode::kNotFound);
  CHECK(why_not_for_sale(state_after(created(), Withdrawn{}))->reason == "product.withdrawn");
  CHECK(why_not_for_sale(state_after(created(), Withdrawn{}))->code == ErrorCode::kConflict);
  CHECK(why_not_for_sale(state_after(created(), Deleted{}))->reason == "product.not_found");
  CHECK(!why_not_for_sale(state_after(created(), Deleted{}, Restored{})));
}

TEST_CASE("a category and a brand that an older event named are shown until an id takes their place") {
  const Created older{.sku = "TEA", .name = "n", .price = yuan(1), .category = "food/tea", .brand = "Hupao"};
  auto state = given<Product>(older).state();
  CHECK(state.category == "food/tea");
  CHECK(state.brand == "Hupao");
  const Change command{.category_id = CategoryId{}, .brand_id = id_of<BrandId>(8)};
  const Changed changed{.category_id = CategoryId{}, .brand_id = id_of<BrandId>(8)};
  state = given<Product>(older).when(command).then(changed);
  CHECK(state.category.empty());
  CHECK(state.brand.empty());
  CHECK(state.brand_id == id_of<BrandId>(8));
}

TEST_CASE("a change that changes nothing leaves no trace") {
  given<Product>(created()).when(Change{}).then_nothing();
  given<Product>(created()).when(Change{.brand_id = id_of<BrandId>(8)}).then_nothing();
}

TEST_CASE("what does not exist cannot be changed") {
  given<Product>().when(Change{}).then_rejected(ErrorCode::kNotFound, "product.not_found");
  given<Product>().when(Delete{}).then_rejected(ErrorCode::kNotFound, "product.not_found");
  given<Product>().when(Restore{}).then_rejected(ErrorCode::kNotFound, "product.not_found");
}

TEST_CASE("a product keeps its currency") {
  Change command;
  command.price = Money{1, *Currency::parse("EUR")};
  given<Product>(created()).when(command).then_rejected(ErrorCode::kConflict, "product.currency_change");
}

TEST_CASE("a change is held to the same limits as a creation") {
  const auto refused = [](auto edit, std::string_view reason) {
    Change command;
    edit(command);
    given<Product>(created()).when(command).then_rejected(ErrorCode::kInvalid, reason);
  };
  refused([](Change& c) { c.name = ""; }, "product.name_invalid");
  refused([](Change& c) { c.description = repeat("x", 10'001); }, "product.description_invalid");
  refused([](Change& c) { c.price = yuan(-1); }, "product.price_invalid");
  refused([](Change& c) { c.purchase_limit = -1; }, "product.limit_invalid");
  refused([](Change& c) { c.attributes.emplace(1); }, "product.attributes_invalid");
  refused([](Change& c) { c.pictures.emplace(21, "x"); }, "product.pictures_invalid");
}

namespace {

Put as_created() {
  const auto command = creation();
  return {.sku = command.sku,
          .name = command.name,
          .description = command.description,
          .price = command.price,
          .category_id = command.category_id,
          .brand_id = command.brand_id,
          .pictures = command.pictures,
          .attributes = command.attributes,
          .purchase_limit = command.purchase_limit};
}

template <class Edit>
Put put_with(Edit edit) {
  Put command = as_created();
  edit(command);
  return command;
}

}  // namespace

TEST_CASE("what is put is created if it is not there") {
  given<Product>().when(as_created()).then(created());
  auto withdrawn = created();
  withdrawn.published = false;
  given<Product>().when(put_with([](Put& p) { p.published = false; })).then(withdrawn);
  given<Product>().when(put_with([](Put& p) { p.deleted = true; })).then(created(), Deleted{});
  given<Product>()
      .when(put_with([](Put& p) { p.purchase_limit = 0; }))
      .then_rejected(ErrorCode::kInvalid, "product.limit_invalid");
}

TEST_CASE("what is put becomes what was said, and what was not said is taken away") {
  given<Product>(created()).when(as_created()).then_nothing();
  const Put bare{.sku = "TEA-001", .name = "龙井茶 Longjing", .price = yuan(12'800)};
  const Changed changed{.description = "",
                        .pictures = std::vector<std::string>{},
                        .category_id = CategoryId{},
                        .brand_id = BrandId{},
                        .attributes = std::vector<Attribute>{},
                        .purchase_limit = 0};
  given<Product>(created()).when(bare).then(changed);
  given<Product>(created())
      .when(put_with([](Put& p) { p.price = yuan(-1); }))
      .then_rejected(ErrorCode::kInvalid, "product.price_invalid");
  given<Product>(created())
      .when(put_with([](Put& p) { p.purchase_limit = 0; }))
      .then_rejected(ErrorCode::kInvalid, "product.limit_invalid");
}

TEST_CASE("what is put is published, withdrawn, deleted or restored only if that is said") {
  given<Product>(created(), Withdrawn{}).when(as_created()).then_nothing();
  given<Product>(created(), Withdrawn{}).when(put_with([](Put& p) { p.published = true; })).then(Published{});
  given<Product>(created()).when(put_with([](Put& p) { p.published = false; })).then(Withdrawn{});
  given<Product>(created()).when(put_with([](Put& p) { p.deleted = true; })).then(Deleted{});
  given<Product>(created(), Deleted{}).when(as_created()).then_rejected(ErrorCode::kConflict, "product.deleted");
  given<Product>(created(), Deleted{}).when(put_with([](Put& p) { p.deleted = true; })).then_nothing();
  const auto renamed = put_with([](Put& p) {
    p.name = "n";
    p.deleted = true;
  });
  given<Product>(created(), Deleted{}).when(renamed).then(Changed{.name = "n"});
  given<Product>(created(), Deleted{}).when(put_with([](Put& p) { p.deleted = false; })).then(Restored{});
}
