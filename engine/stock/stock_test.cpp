#include "engine/stock/stock.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::stock;
using namespace souk::testing;

namespace {
const auto kSelf = id_of<ProductId>(5);
const auto kOrder = id_of<OrderId>(1);
const auto kOther = id_of<OrderId>(2);
const Time kUntil{600};
}  // namespace

TEST_CASE("what is received is on hand") {
  const auto after = given<Stock>().when(Receive{10, "delivery"}).then(Received{10, "delivery"});
  CHECK(after.on_hand == 10);
  CHECK(after.received == 10);
  CHECK(after.available() == 10);
}

TEST_CASE("nothing, less and too much cannot be received") {
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, kIntegerMax + 1}) {
    given<Stock>().when(Receive{bad, ""}).then_rejected(ErrorCode::kInvalid, "stock.quantity_invalid");
  }
}

TEST_CASE("a stock never holds more than 2^53-1") {
  given<Stock>(Received{1, ""}).when(Receive{kIntegerMax, ""}).then_rejected(ErrorCode::kConflict, "stock.too_large");
  given<Stock>(Adjusted{0, 1, ""})
      .when(Receive{kIntegerMax, ""})
      .then_rejected(ErrorCode::kConflict, "stock.too_large");
  given<Stock>(Received{2, ""}, Reserved{kOrder, 1, kUntil}, Deducted{kOrder, 1})
      .when(Adjust{1, kIntegerMax, ""})
      .then_rejected(ErrorCode::kConflict, "stock.too_large");
  given<Stock>().when(Receive{kIntegerMax, ""}).then(Received{kIntegerMax, ""});
}

TEST_CASE("a reason is one line of at most 200 characters") {
  const std::string too_long(201, 'x');
  given<Stock>().when(Receive{1, too_long}).then_rejected(ErrorCode::kInvalid, "stock.reason_invalid");
  given<Stock>().when(Adjust{0, 1, "a\nb"}).then_rejected(ErrorCode::kInvalid, "stock.reason_invalid");
}

TEST_CASE("a correction sets what is on hand") {
  const auto after = given<Stock>(Received{10, ""}).when(Adjust{10, 7, "broken"}).then(Adjusted{10, 7, "broken"});
  CHECK(after.on_hand == 7);
  CHECK(after.adjusted == -3);
  CHECK(after.received == 10);
}

TEST_CASE("a correction of what is no longer so is stale") {
  given<Stock>(Received{10, ""}).when(Adjust{9, 7, ""}).then_rejected(ErrorCode::kConflict, "stock.stale");
}

TEST_CASE("a correction cannot go below what is reserved") {
  const auto past = given<Stock>(Received{10, ""}, Reserved{kOrder, 4, kUntil});
  past.when(Adjust{10, 3, ""}).then_rejected(ErrorCode::kConflict, "stock.below_reserved");
  past.when(Adjust{10, 4, ""}).then(Adjusted{10, 4, ""});
}

TEST_CASE("a correction has counts that can be") {
  given<Stock>().when(Adjust{0, -1, ""}).then_rejected(ErrorCode::kInvalid, "stock.quantity_invalid");
  given<Stock>().when(Adjust{-1, 0, ""}).then_rejected(ErrorCode::kInvalid, "stock.quantity_invalid");
  given<Stock>().when(Adjust{0, kIntegerMax + 1, ""}).then_rejected(ErrorCode::kInvalid, "stock.quantity_invalid");
}

TEST_CASE("a correction to what is there already leaves no trace") {
  given<Stock>(Received{10, ""}).when(Adjust{10, 10, ""}).then_nothing();
}

TEST_CASE("an order reserves what is available, and is told") {
  const Reserved reserved{kOrder, 10, kUntil};
  const auto after = given<Stock>(Received{10, ""}).when(Reserve{kOrder, 10, kUntil}).then(reserved);
  CHECK(after.reserved == 10);
  CHECK(after.available() == 0);
  CHECK((Stock::react(kSelf, reserved) == Effects{{tell<Order>(kOrder, order::RecordReserved{kSelf})}, {}, {}}));
}

TEST_CASE("an order that asks for more than is available is refused, and told how many there are") {
  const ReservationRefused refused{kOther, 8, 7};
  const auto after =
      given<Stock>(Received{10, ""}, Reserved{kOrder, 3, kUntil}).when(Reserve{kOther, 8, kUntil}).then(refused);
  CHECK(after.reserved == 3);
  CHECK((Stock::react(kSelf, refused) == Effects{{tell<Order>(kOther, order::RecordRefused{kSelf, 8, 7})}, {}, {}}));
}

TEST_CASE("an order cannot reserve nothing") {
  given<Stock>(Received{1, ""}).when(Reserve{kOrder, 0, kUntil}).then(ReservationRefused{kOrder, 0, 1});
  given<Stock>(Received{1, ""}).when(Reserve{kOrder, -1, kUntil}).then(ReservationRefused{kOrder, -1, 1});
}

TEST_CASE("an order reserves once") {
  given<Stock>(Received{10, ""}, Reserved{kOrder, 3, kUntil}).when(Reserve{kOrder, 3, kUntil}).then_nothing();
}

TEST_CASE("what is deducted was reserved, and is sold") {
  const Deducted deducted{kOrder, 3};
  const auto past = given<Stock>(Received{10, ""}, Reserved{kOrder, 3, kUntil});
  const auto after = past.when(Deduct{kOrder}).then(deducted);
  CHECK(after.on_hand == 7);
  CHECK(after.sold == 3);
  CHECK(after.reserved == 0);
  CHECK(after.reservations.empty());
  CHECK(Stock::react(kSelf, deducted).empty());
}

TEST_CASE("what is released is available again") {
  const auto past = given<Stock>(Received{10, ""}, Reserved{kOrder, 3, kUntil});
  const auto after = past.when(Release{kOrder, "order_cancelled"}).then(Released{kOrder, 3, "order_cancelled"});
  CHECK(after.on_hand == 10);
  CHECK(after.available() == 10);
}

TEST_CASE("a reservation ends once") {
  const auto deducted = given<Stock>(Received{9, ""}, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3});
  deducted.when(Deduct{kOrder}).then_nothing();
  deducted.when(Release{kOrder, ""}).then_nothing();
  const auto released = given<Stock>(Received{9, ""}, Reserved{kOrder, 3, kUntil}, Released{kOrder, 3, ""});
  released.when(Deduct{kOrder}).then_nothing();
  released.when(Release{kOrder, ""}).then_nothing();
}
