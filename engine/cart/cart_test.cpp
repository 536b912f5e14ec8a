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
  CHECK((after.lines == Lines{{kTea, 5}}));
}

TEST_CASE("lines keep the order in which they came") {
  const auto past = given<Cart>(ItemAdded{kCup, 1, 1}, ItemAdded{kTea, 1, 1}, ItemAdded{kCup, 1, 2}, ItemSet{kTea, 9});
  CHECK((past.state().lines == Lines{{kCup, 2}, {kTea, 9}}));
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
  CHECK((after.lines == Lines{{kTea, 7}}));
}

TEST_CASE("setting a line to what it has leaves no trace") {
  given<Cart>(ItemAdded{kTea, 2, 2}).when(SetItem{kTea, 2}).then_nothing();
}

TEST_CASE("a line can be removed") {
  const auto after =
      given<Cart>(ItemAdded{kTea, 2, 2}, ItemAdded{kCup, 1, 1}).when(RemoveItem{kTea}).then(ItemRemoved{kTea});
  CHECK((after.lines == Lines{{kCup, 1}}));
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
  CHECK((after.lines == Lines{{kTea, 3}}));
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

namespace {

const auto kGuest = id_of<CartId>(9);
const auto kBuyer = id_of<AccountId>(3);

Seen seen(std::uint64_t version, std::int64_t price = 1'000) {
  return Seen{yuan(price), "Tea " + std::to_string(version), Version{version}};
}

}  // namespace

TEST_CASE("a line remembers what its product cost and was called when it was put in, whatever is added or set since") {
  given<Cart>().when(AddItem{kTea, 2, seen(3)}).then(ItemAdded{kTea, 2, 2, seen(3)});
  const auto past = given<Cart>(ItemAdded{kTea, 2, 2, seen(3)});
  const auto added = past.when(AddItem{kTea, 1, seen(4)}).then(ItemAdded{kTea, 1, 3, seen(3)});
  CHECK((added.lines == Lines{{kTea, 3, true, seen(3)}}));
  past.when(SetItem{kTea, 5, std::nullopt, seen(4)}).then(ItemSet{kTea, 5, seen(3)});
  past.when(SetItem{kTea, 2, std::nullopt, seen(4)}).then_nothing();
  given<Cart>().when(SetItem{kTea, 2, std::nullopt, seen(4)}).then(ItemSet{kTea, 2, seen(4)});
}

TEST_CASE("selecting a line does not change what it remembers") {
  const auto past = given<Cart>(ItemAdded{kTea, 2, 2, seen(3)});
  const auto after = past.when(SetItem{kTea, std::nullopt, false, seen(4)}).then(ItemSelected{kTea, false});
  CHECK((after.lines == Lines{{kTea, 2, false, seen(3)}}));
}

TEST_CASE("a line is selected until somebody says otherwise, and stays so when more is added") {
  CHECK(given<Cart>(ItemAdded{kTea, 2, 2}).state().lines.front().selected);
  const auto past = given<Cart>(ItemAdded{kTea, 2, 2}, ItemSelected{kTea, false});
  const auto after = past.when(AddItem{kTea, 1}).then(ItemAdded{kTea, 1, 3});
  CHECK(!after.lines.front().selected);
  past.when(SetItem{kTea, std::nullopt, false}).then_nothing();
  past.when(SetItem{kTea, 5, true}).then(ItemSet{kTea, 5}, ItemSelected{kTea, true});
}

TEST_CASE("only a line that is there can be selected without a quantity") {
  given<Cart>().when(SetItem{kTea, std::nullopt, true}).then_rejected(ErrorCode::kNotFound, "cart.item_not_found");
  given<Cart>().when(SetItem{kTea, 3, false}).then(ItemSet{kTea, 3}, ItemSelected{kTea, false});
}

TEST_CASE("a change of a line says what to change") {
  given<Cart>(ItemAdded{kTea, 2, 2})
      .when(SetItem{kTea, std::nullopt})
      .then_rejected(ErrorCode::kInvalid, "cart.change_empty");
}

TEST_CASE("a guest's cart comes in, and is told so") {
  const Merged merged{kGuest, {{kTea, 5, true, seen(4)}, {kCup, 1}}, {}};
  const auto after = given<Cart>(ItemAdded{kTea, 2, 2, seen(3)}, ItemSelected{kTea, false})
                         .when(Merge{kGuest, {{kTea, 3, true, seen(4)}, {kCup, 1}}})
                         .then(merged);
  CHECK((after.lines == Lines{{kTea, 5, true, seen(4)}, {kCup, 1}}));
  CHECK((Cart::react(kBuyer, merged) == Effects{{tell<GuestCart>(kGuest, guest_cart::RecordMerged{kBuyer})}, {}, {}}));
}

TEST_CASE("a guest's cart comes in once") {
  given<Cart>(Merged{kGuest, {{kTea, 3}}, {}}).when(Merge{kGuest, {{kTea, 3}}}).then_nothing();
}

TEST_CASE("merging never puts a line over what it may hold, and says what was left out") {
  given<Cart>(ItemAdded{kTea, 9'990, 9'990})
      .when(Merge{kGuest, {{kTea, 20}}})
      .then(Merged{kGuest, {{kTea, 9'999}}, {{kTea, 11}}});
}

TEST_CASE("merging never makes more lines than a cart may have, and says what was left out") {
  const auto another = id_of<ProductId>(1'000);
  given<Cart>(full_cart())
      .when(Merge{kGuest, {{another, 2}, {kTea, 1}}})
      .then(Merged{kGuest, {{kTea, 2}}, {{another, 2}}});
}

TEST_CASE("a cart knows the last 32 guests' carts by name") {
  std::vector<Cart::Event> past;
  for (std::uint64_t i = 1; i <= kMergesKnownMax + 1; ++i) past.emplace_back(Merged{id_of<CartId>(i), {}, {}});
  CHECK(given<Cart>(past).state().merged.size() == kMergesKnownMax);
  given<Cart>(past).when(Merge{id_of<CartId>(2), {{kTea, 1}}}).then_nothing();
}
