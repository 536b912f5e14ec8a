#include "engine/cart/cart.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::cart;
using namespace souk::testing;

namespace {

const auto kTea = id_of<ProductId>(1);
const auto kCup = id_of<ProductId>(2);
const auto kOrder = id_of<OrderId>(1);

std::vector<Cart::Event> full_cart() {
  std::vector<Cart::Event> events;
  for (std::uint64_t i = 1; i <= kLinesMax; ++i) events.emplace_back(ItemAdded{id_of<ProductId>(i), 1, 1});
  return events;
}

}  // namespace

TEST_CASE("what is added twice adds up") {
  const auto after = given<Cart>(ItemAdded{kTea, 2, 2}).when(AddItem{kTea, 3}).then(ItemAdded{kTea, 3, 5});
  CHECK((after.lines == std::vector<Item>{{kTea, 5}}));
}

TEST_CASE("lines keep the order in which they came") {
  const auto past = given<Cart>(ItemAdded{kCup, 1, 1}, ItemAdded{kTea, 1, 1}, ItemAdded{kCup, 1, 2}, ItemSet{kTea, 9});
  CHECK((past.state().lines == std::vector<Item>{{kCup, 2}, {kTea, 9}}));
}

TEST_CASE("a quantity is at least 1") {
  for (const std::int64_t bad : {0, -1}) {
    given<Cart>().when(AddItem{kTea, bad}).then_rejected(ErrorCode::kInvalid, "cart.quantity_invalid");
    given<Cart>().when(SetItem{kTea, bad}).then_rejected(ErrorCode::kInvalid, "cart.quantity_invalid");
  }
}

TEST_CASE("a line holds at most 9,999") {
  given<Cart>().when(AddItem{kTea, 9'999}).then(ItemAdded{kTea, 9'999, 9'999});
  given<Cart>().when(AddItem{kTea, 10'000}).then_rejected(ErrorCode::kInvalid, "cart.quantity_too_large");
  given<Cart>().when(AddItem{kTea, INT64_MAX}).then_rejected(ErrorCode::kInvalid, "cart.quantity_too_large");
  given<Cart>().when(SetItem{kTea, 10'000}).then_rejected(ErrorCode::kInvalid, "cart.quantity_too_large");
  given<Cart>(ItemAdded{kTea, 9'999, 9'999})
      .when(AddItem{kTea, 1})
      .then_rejected(ErrorCode::kConflict, "cart.quantity_too_large");
}

TEST_CASE("a cart holds at most 100 different products") {
  const auto past = given<Cart>(full_cart());
  const auto another = id_of<ProductId>(1'000);
  past.when(AddItem{another, 1}).then_rejected(ErrorCode::kConflict, "cart.too_many_lines");
  past.when(SetItem{another, 1}).then_rejected(ErrorCode::kConflict, "cart.too_many_lines");
  past.when(AddItem{kTea, 1}).then(ItemAdded{kTea, 1, 2});
}

TEST_CASE("a line can be set to a quantity, whether or not it was there") {
  given<Cart>(ItemAdded{kTea, 2, 2}).when(SetItem{kTea, 7}).then(ItemSet{kTea, 7});
  const auto after = given<Cart>().when(SetItem{kTea, 7}).then(ItemSet{kTea, 7});
  CHECK((after.lines == std::vector<Item>{{kTea, 7}}));
}

TEST_CASE("setting a line to what it has leaves no trace") {
  given<Cart>(ItemAdded{kTea, 2, 2}).when(SetItem{kTea, 2}).then_nothing();
}

TEST_CASE("a line can be removed") {
  const auto after =
      given<Cart>(ItemAdded{kTea, 2, 2}, ItemAdded{kCup, 1, 1}).when(RemoveItem{kTea}).then(ItemRemoved{kTea});
  CHECK((after.lines == std::vector<Item>{{kCup, 1}}));
}

TEST_CASE("removing what is not there leaves no trace") {
  given<Cart>(ItemAdded{kTea, 2, 2}).when(RemoveItem{kCup}).then_nothing();
}

TEST_CASE("a cart can be cleared, an empty one needs not") {
  const auto after = given<Cart>(ItemAdded{kTea, 2, 2}).when(Clear{}).then(Cleared{});
  CHECK(after.lines.empty());
  given<Cart>().when(Clear{}).then_nothing();
}

TEST_CASE("ordered items leave the cart, what came in since stays") {
  const auto after = given<Cart>(ItemAdded{kTea, 5, 5}, ItemAdded{kCup, 1, 1})
                         .when(TakeOrdered{kOrder, {{kTea, 2}, {kCup, 1}}})
                         .then(Ordered{kOrder, {{kTea, 2}, {kCup, 1}}});
  CHECK((after.lines == std::vector<Item>{{kTea, 3}}));
  CHECK(Cart::react({}, Ordered{kOrder, {{kTea, 2}}}).empty());
}

TEST_CASE("no more leaves the cart than is in it") {
  const auto after = given<Cart>(ItemAdded{kTea, 1, 1})
                         .when(TakeOrdered{kOrder, {{kTea, 2}, {kCup, 1}, {kTea, 1}}})
                         .then(Ordered{kOrder, {{kTea, 1}}});
  CHECK(after.lines.empty());
}

TEST_CASE("an order takes its items once") {
  given<Cart>(ItemAdded{kTea, 5, 5}, Ordered{kOrder, {{kTea, 2}}})
      .when(TakeOrdered{kOrder, {{kTea, 2}}})
      .then_nothing();
}
