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
const auto kRefund = id_of<RefundId>(7);
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
  CHECK(
      (Stock::react(kSelf, reserved) == Effects{{tell<Order>(kOrder, order::RecordReserved{kSelf, kOrder})}, {}, {}}));
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

TEST_CASE("an untracked stock is never short, and counts what it sells") {
  const auto past = given<Stock>(Configured{Mode::kUntracked, std::nullopt});
  past.when(Reserve{kOrder, 1'000, kUntil}).then(Reserved{kOrder, 1'000, kUntil});
  const auto after =
      given<Stock>(Configured{Mode::kUntracked, std::nullopt}, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3});
  CHECK(after.state().sold == 3);
  CHECK(after.state().on_hand == -3);
  CHECK(after.state().has(9'999));
}

TEST_CASE("even an untracked stock refuses less than one, and what nobody could count") {
  const auto past = given<Stock>(Configured{Mode::kUntracked, std::nullopt});
  past.when(Reserve{kOrder, 0, kUntil}).then(ReservationRefused{kOrder, 0, 0});
  past.when(Reserve{kOrder, kIntegerMax + 1, kUntil}).then(ReservationRefused{kOrder, kIntegerMax + 1, 0});
  given<Stock>(Configured{Mode::kUntracked, std::nullopt}, Reserved{kOther, kIntegerMax, kUntil})
      .when(Reserve{kOrder, 1, kUntil})
      .then(ReservationRefused{kOrder, 1, 0});
}

TEST_CASE("reservations stay when the mode changes, and end as they would have") {
  const auto past = given<Stock>(Received{5, ""}, Reserved{kOrder, 3, kUntil});
  const auto after =
      past.when(Configure{Mode::kUntracked, std::nullopt}).then(Configured{Mode::kUntracked, std::nullopt});
  CHECK(after.reserved == 3);
  given<Stock>(Received{5, ""}, Reserved{kOrder, 3, kUntil}, Configured{Mode::kUntracked, std::nullopt})
      .when(Deduct{kOrder})
      .then(Deducted{kOrder, 3});
}

TEST_CASE("a stock with less on hand than is reserved cannot be tracked before it was counted") {
  const Configured untracked{Mode::kUntracked, std::nullopt};
  const Configured tracked{Mode::kTracked, std::nullopt};
  const Configure track{Mode::kTracked, std::nullopt};
  given<Stock>(untracked, Reserved{kOrder, 3, kUntil})
      .when(track)
      .then_rejected(ErrorCode::kConflict, "stock.below_reserved");
  given<Stock>(untracked, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3})
      .when(track)
      .then_rejected(ErrorCode::kConflict, "stock.below_reserved");
  given<Stock>(untracked, Reserved{kOrder, 3, kUntil}, Adjusted{0, 3, "counted"}).when(track).then(tracked);
}

TEST_CASE("an untracked stock is corrected from below zero, and below what is reserved") {
  const Configured untracked{Mode::kUntracked, std::nullopt};
  given<Stock>(untracked, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3})
      .when(Adjust{-3, 8, "counted"})
      .then(Adjusted{-3, 8, "counted"});
  given<Stock>(untracked, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3})
      .when(Adjust{-2, 8, ""})
      .then_rejected(ErrorCode::kConflict, "stock.stale");
  given<Stock>(Received{9, ""}, untracked, Reserved{kOrder, 3, kUntil}).when(Adjust{9, 1, ""}).then(Adjusted{9, 1, ""});
}

TEST_CASE("configuring a stock as it is leaves no trace") {
  given<Stock>().when(Configure{}).then_nothing();
  given<Stock>().when(Configure{Mode::kTracked, std::optional<std::int64_t>{}}).then_nothing();
}

TEST_CASE("a threshold is 0 to 2^53-1") {
  for (const std::int64_t bad : {std::int64_t{-1}, kIntegerMax + 1}) {
    given<Stock>()
        .when(Configure{std::nullopt, std::optional(bad)})
        .then_rejected(ErrorCode::kInvalid, "stock.threshold_invalid");
  }
}

TEST_CASE("a stock is called low once when it comes down to its threshold, and once when it is above again") {
  const Configured five{Mode::kTracked, 5};
  const auto past = given<Stock>(Received{10, ""}, five);
  past.when(Reserve{kOrder, 4, kUntil}).then(Reserved{kOrder, 4, kUntil});
  past.when(Reserve{kOrder, 5, kUntil}).then(Reserved{kOrder, 5, kUntil}, Low{5, 5});
  const auto low = given<Stock>(Received{10, ""}, five, Reserved{kOrder, 5, kUntil}, Low{5, 5});
  low.when(Reserve{kOther, 1, kUntil}).then(Reserved{kOther, 1, kUntil});
  low.when(Deduct{kOrder}).then(Deducted{kOrder, 5});
  low.when(Release{kOrder, ""}).then(Released{kOrder, 5, ""}, Replenished{10, 5});
  low.when(Receive{1, ""}).then(Received{1, ""}, Replenished{6, 5});
  low.when(Adjust{10, 9, ""}).then(Adjusted{10, 9, ""});
  given<Stock>(Received{10, ""}, five).when(Adjust{10, 5, ""}).then(Adjusted{10, 5, ""}, Low{5, 5});
  low.when(Restock{kRefund, kOther, 3}).then(Restocked{kRefund, kOther, 3}, Replenished{8, 5});
}

TEST_CASE("another threshold may make a stock low, or no longer low") {
  const auto past = given<Stock>(Received{10, ""});
  past.when(Configure{std::nullopt, std::optional<std::int64_t>(10)}).then(Configured{Mode::kTracked, 10}, Low{10, 10});
  const auto low = given<Stock>(Received{10, ""}, Configured{Mode::kTracked, 10}, Low{10, 10});
  low.when(Configure{std::nullopt, std::optional<std::int64_t>(3)})
      .then(Configured{Mode::kTracked, 3}, Replenished{10, 3});
  const auto without =
      low.when(Configure{std::nullopt, std::optional<std::int64_t>{}}).then(Configured{Mode::kTracked, std::nullopt});
  CHECK(!without.low);
}

TEST_CASE("an untracked stock is never low") {
  const auto after = given<Stock>(Configured{Mode::kTracked, 3}, Low{0, 3})
                         .when(Configure{Mode::kUntracked, std::nullopt})
                         .then(Configured{Mode::kUntracked, 3});
  CHECK(!after.low);
  given<Stock>(Configured{Mode::kUntracked, 3})
      .when(Configure{Mode::kTracked, std::nullopt})
      .then(Configured{Mode::kTracked, 3}, Low{0, 3});
}

TEST_CASE("what a refund brings back can be sold again, once for each refund") {
  const auto past = given<Stock>(Received{9, ""}, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3});
  const auto after = past.when(Restock{kRefund, kOrder, 2}).then(Restocked{kRefund, kOrder, 2});
  CHECK(after.on_hand == 8);
  CHECK(after.restocked == 2);
  CHECK(after.sold == 3);
  const auto again =
      given<Stock>(Received{9, ""}, Reserved{kOrder, 3, kUntil}, Deducted{kOrder, 3}, Restocked{kRefund, kOrder, 2});
  again.when(Restock{kRefund, kOrder, 2}).then_nothing();
  again.when(Restock{id_of<RefundId>(8), kOrder, 1}).then(Restocked{id_of<RefundId>(8), kOrder, 1});
}

TEST_CASE("nothing comes back of nothing, and never more than can be counted") {
  given<Stock>().when(Restock{kRefund, kOrder, 0}).then_nothing();
  given<Stock>().when(Restock{kRefund, kOrder, -4}).then_nothing();
  given<Stock>(Received{kIntegerMax - 1, ""}).when(Restock{kRefund, kOrder, 3}).then(Restocked{kRefund, kOrder, 1});
}

TEST_CASE("a stock knows the last 256 refunds by name") {
  std::vector<Stock::Event> past;
  for (std::uint64_t i = 1; i <= kRefundsKnownMax + 1; ++i) past.emplace_back(Restocked{id_of<RefundId>(i), kOrder, 1});
  const auto full = given<Stock>(past);
  CHECK(full.state().refunds.size() == kRefundsKnownMax);
  full.when(Restock{id_of<RefundId>(2), kOrder, 1}).then_nothing();
}
