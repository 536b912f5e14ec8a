#include "engine/product/product.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::product;
using namespace souk::testing;

namespace {

Create creation() {
  return {"TEA-001",  "龙井茶 Longjing", "Green.\nFresh.",           yuan(12'800),
          "food/tea", "Hupao",           {"https://a.example/1.jpg"}};
}

Created created() {
  const auto command = creation();
  return {command.sku,      command.name,  command.description, command.price,
          command.category, command.brand, command.pictures};
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

TEST_CASE("a category is a path of at most 8 names") {
  const auto with = [](std::string path) { return creation_with([&](Create& c) { c.category = std::move(path); }); };
  for (const auto* good : {"", "a", "a/b", "1/2/3/4/5/6/7/8", "食品/茶"}) CHECK(Product::decide({}, with(good)));
  CHECK(Product::decide({}, with(repeat("茶", 64))));
  for (const std::string& bad :
       {std::string("/"), std::string("a/"), std::string("/a"), std::string("a//b"), std::string("1/2/3/4/5/6/7/8/9"),
        repeat("茶", 65), std::string("a / b"), std::string("a/b\n")}) {
    check_refused(with(bad), "product.category_invalid");
  }
}

TEST_CASE("a brand has at most 100 characters") {
  const auto with = [](std::string text) { return creation_with([&](Create& c) { c.brand = std::move(text); }); };
  CHECK(Product::decide({}, with("")));
  CHECK(Product::decide({}, with(repeat("茶", 100))));
  check_refused(with(repeat("茶", 101)), "product.brand_invalid");
  check_refused(with("a\nb"), "product.brand_invalid");
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

TEST_CASE("a change records only what is different") {
  Change command;
  command.name = "龙井茶 Longjing";
  command.description = "Dry.";
  command.price = yuan(9'900);
  command.category = "food/tea";
  Changed changed;
  changed.description = "Dry.";
  changed.price = yuan(9'900);
  const auto after = given<Product>(created()).when(command).then(changed);
  CHECK((after.price == yuan(9'900)));
  CHECK(after.description == "Dry.");
  CHECK(after.name == "龙井茶 Longjing");
}

TEST_CASE("every part of a product but its sku can change") {
  Change command{"n", "d", yuan(1), "c", "b", std::vector<std::string>{}};
  const auto after =
      given<Product>(created()).when(command).then(Changed{"n", "d", yuan(1), "c", "b", std::vector<std::string>{}});
  CHECK((after == State{true, "TEA-001", "n", "d", yuan(1), "c", "b", {}}));
}

TEST_CASE("a change that changes nothing leaves no trace") {
  given<Product>(created()).when(Change{}).then_nothing();
  Change same;
  same.brand = "Hupao";
  given<Product>(created()).when(same).then_nothing();
}

TEST_CASE("what does not exist cannot be changed") {
  given<Product>().when(Change{}).then_rejected(ErrorCode::kNotFound, "product.not_found");
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
  refused([](Change& c) { c.category = "/"; }, "product.category_invalid");
  refused([](Change& c) { c.brand = "\n"; }, "product.brand_invalid");
  refused([](Change& c) { c.pictures.emplace(21, "x"); }, "product.pictures_invalid");
}
