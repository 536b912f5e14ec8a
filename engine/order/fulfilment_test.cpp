#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/order_sample.hpp"
#include "engine/testing/random.hpp"
#include "engine/testing/random_commands.hpp"

using namespace souk;
using namespace souk::order;
using namespace souk::testing;

namespace {

constexpr ShipmentId kFirst{{0, 91}};
constexpr ShipmentId kSecond{{0, 92}};
constexpr RefundId kRefund{{0, 93}};
constexpr Time kAt{9};

Shipped shipped(ShipmentId id, std::vector<ShippedLine> lines, bool complete) {
  return {id, std::move(lines), "SF", "SF1", complete, kAt};
}
Given<Order> after(std::vector<Order::Event> more) {
  auto events = paid();
  events.insert(events.end(), more.begin(), more.end());
  return given<Order>(events);
}
Given<Order> all_shipped() {
  return after({shipped(kFirst, {{kTea, 2}, {kCup, 1}}, true)});
}
RefundRequested refund_of(std::vector<RefundedLine> lines, std::int64_t amount, bool completes = false) {
  return {kRefund, kPayment, yuan(amount), std::move(lines), "torn", completes, kAt};
}

}  // namespace

TEST_CASE("an order is shipped in parts until nothing is left") {
  const auto part = after({}).when(Ship{kFirst, {{kTea, 1}}, "SF", "SF1", kAt});
  CHECK(part.then(shipped(kFirst, {{kTea, 1}}, false)).state == OrderState::kPartiallyShipped);
  const auto rest = after({shipped(kFirst, {{kTea, 1}}, false)}).when(Ship{kSecond, {}, "SF", "SF1", kAt});
  CHECK(rest.then(shipped(kSecond, {{kTea, 1}, {kCup, 1}}, true)).state == OrderState::kShipped);
}

TEST_CASE("a shipment is made once, its lines are summed and within what is left") {
  after({shipped(kFirst, {{kTea, 1}}, false)}).when(Ship{kFirst, {{kTea, 1}}, "SF", "", kAt}).then_nothing();
  after({}).when(Ship{kFirst, {{kTea, 1}, {kTea, 1}}, "SF", "SF1", kAt}).then(shipped(kFirst, {{kTea, 2}}, false));
  after({})
      .when(Ship{kFirst, {{kTea, 2}, {kTea, 1}}, "SF", "", kAt})
      .then_rejected(ErrorCode::kConflict, "order.too_many");
  after({refund_of({{kTea, 1, false}}, 1'000)})
      .when(Ship{kFirst, {{kTea, 2}}, "SF", "", kAt})
      .then_rejected(ErrorCode::kConflict, "order.too_many");
  after({}).when(Ship{kFirst, {{kTea, 0}}, "SF", "", kAt}).then_rejected(ErrorCode::kInvalid, "order.quantity_invalid");
  after({})
      .when(Ship{kFirst, {{id_of<ProductId>(99), 1}}, "SF", "", kAt})
      .then_rejected(ErrorCode::kInvalid, "order.line_unknown");
  after({}).when(Ship{kFirst, {}, "", "", kAt}).then_rejected(ErrorCode::kInvalid, "order.carrier_invalid");
  after({})
      .when(Ship{kFirst, {}, "SF", "a\nb", kAt})
      .then_rejected(ErrorCode::kInvalid, "order.tracking_number_invalid");
}

TEST_CASE("an order goes out and comes back in at most 100 parts, and then all that is left at once") {
  Placed many = placed();
  many.lines = {tea_line()};
  many.lines[0].quantity = 150;
  many.total.amount = 150'000;
  std::vector<Order::Event> shipments{many, LineReserved{kTea}, AwaitingPayment{},
                                      Paid{kPayment, yuan(150'000), {kTea}}};
  auto refunds = shipments;
  for (std::uint64_t n = 0; n < kPartsMax; ++n) {
    shipments.emplace_back(shipped(id_of<ShipmentId>(1'000 + n), {{kTea, 1}}, false));
    RefundRequested one = refund_of({{kTea, 1, false}}, 1'000);
    one.refund = id_of<RefundId>(1'000 + n);
    refunds.emplace_back(one);
  }
  given<Order>(shipments)
      .when(Ship{kFirst, {{kTea, 1}}, "SF", "SF1", kAt})
      .then_rejected(ErrorCode::kConflict, "order.too_many_parts");
  given<Order>(shipments).when(Ship{kFirst, {}, "SF", "SF1", kAt}).then(shipped(kFirst, {{kTea, 50}}, true));
  given<Order>(refunds)
      .when(RequestRefund{kRefund, {{kTea, 1, false}}, false, "torn", kAt})
      .then_rejected(ErrorCode::kConflict, "order.too_many_parts");
  given<Order>(refunds)
      .when(RequestRefund{kRefund, {}, false, "torn", kAt})
      .then(refund_of({{kTea, 50, false}}, 50'000));
}

TEST_CASE("what is not paid, or is on its way already, is not shipped") {
  const Ship ship{kSecond, {}, "SF", "", kAt};
  given<Order>().when(ship).then_rejected(ErrorCode::kNotFound, "order.not_found");
  given<Order>(awaiting()).when(ship).then_rejected(ErrorCode::kConflict, "order.illegal_transition");
  all_shipped().when(ship).then_rejected(ErrorCode::kConflict, "order.illegal_transition");
}

TEST_CASE("an order is delivered, and completed by its owner or by time") {
  CHECK(all_shipped().when(MarkDelivered{kAt}).then(Delivered{kAt}).state == OrderState::kDelivered);
  all_shipped().when(ConfirmReceipt{kAt}).then(Delivered{kAt}, Completed{true, kAt});
  const auto delivered = after({shipped(kFirst, {{kTea, 2}, {kCup, 1}}, true), Delivered{kAt}});
  delivered.when(MarkDelivered{kAt}).then_nothing();
  delivered.when(ConfirmReceipt{kAt}).then(Completed{true, kAt});
  delivered.when(Complete{Duration{5}, Time{13}}).then_rejected(ErrorCode::kConflict, "order.too_early");
  const auto done = delivered.when(Complete{Duration{5}, Time{14}}).then(Completed{false, Time{14}});
  CHECK(done.state == OrderState::kCompleted);
  Given<Order>(done).when(ConfirmReceipt{kAt}).then_nothing();
  Given<Order>(done).when(Complete{Duration{5}, kAt}).then_nothing();
  for (const Order::Command& command :
       {Order::Command{MarkDelivered{kAt}}, Order::Command{ConfirmReceipt{kAt}}, Order::Command{Complete{{}, kAt}}}) {
    after({}).when(command).then_rejected(ErrorCode::kConflict, "order.illegal_transition");
    given<Order>().when(command).then_rejected(ErrorCode::kNotFound, "order.not_found");
  }
}

TEST_CASE("B02, B04: a paid order that is cancelled is refunded whole and restocked, once") {
  const std::vector<RefundedLine> lines{{kTea, 2, true}, {kCup, 1, true}};
  const RefundRequested refund{
      payment::first_refund_of(kPayment), kPayment, yuan(2'500), lines, "order_cancelled", false, kAt};
  const auto cancelled =
      after({}).when(Cancel{CancelReason::kUser, kAt}).then(Cancelled{CancelReason::kUser, {}, kAt}, refund);
  CHECK(cancelled.state == OrderState::kCancelled);
  Given<Order>(cancelled).when(Cancel{CancelReason::kUser, kAt}).then_nothing();
  const Effects expected{{tell<Payment>(kPayment, payment::Refund{refund.refund, "order_cancelled", yuan(2'500), kAt}),
                          tell<Stock>(kTea, stock::Restock{refund.refund, kSelf, 2}),
                          tell<Stock>(kCup, stock::Restock{refund.refund, kSelf, 1})},
                         {},
                         {}};
  CHECK((Order::react(kSelf, refund) == expected));
  const auto closed = Given<Order>(cancelled)
                          .when(RecordRefunded{kPayment, refund.refund, kAt})
                          .then(Refunded{refund.refund, yuan(2'500), kAt}, ClosedRefunded{kAt});
  CHECK(closed.state == OrderState::kClosedRefunded);
  // B02: neither the same payment heard of again nor another one brings it back.
  Given<Order>(closed).when(RecordPayment{kPayment, yuan(2'500), kAt}).then_nothing();
  const auto other = id_of<PaymentId>(78);
  Given<Order>(closed)
      .when(RecordPayment{other, yuan(2'500), kAt})
      .then(PaymentReturned{other, yuan(2'500), ReturnReason::kOrderAlreadyPaid, kAt});
}

TEST_CASE("what was shipped cannot be cancelled") {
  all_shipped().when(Cancel{CancelReason::kUser, kAt}).then_rejected(ErrorCode::kConflict, "order.not_cancellable");
  const auto refused = Order::decide(all_shipped().state(), Cancel{CancelReason::kUser, kAt});
  CHECK(refused.error().detail == "the order is shipped; what can be done next: deliver, confirm_receipt, refund");
}

TEST_CASE("a refund by line is of its lines' share, and counts first against what was not shipped") {
  const auto requested = refund_of({{kTea, 1, false}, {kCup, 1, true}}, 1'500);
  after({}).when(RequestRefund{kRefund, {{kTea, 1, false}, {kCup, 1, true}}, false, "torn", kAt}).then(requested);
  after({requested}).when(RequestRefund{kRefund, {}, false, "torn", kAt}).then_nothing();
  const auto closes =
      after({shipped(kFirst, {{kTea, 2}}, false)}).when(RequestRefund{kRefund, {{kCup, 1, false}}, false, "torn", kAt});
  CHECK(closes.then(refund_of({{kCup, 1, false}}, 500, true)).state == OrderState::kShipped);
  after({requested}).when(RecordRefunded{kPayment, kRefund, kAt}).then(Refunded{kRefund, yuan(1'500), kAt});
  after({requested}).when(RecordRefunded{id_of<PaymentId>(78), kRefund, kAt}).then_nothing();
  after({}).when(RecordRefunded{kPayment, kRefund, kAt}).then_nothing();
}

TEST_CASE("of three that come back in one refund only those that are whole can be sold again") {
  Placed three = placed();
  three.lines[1].quantity = 3;
  three.total.amount = 3'500;
  const auto past = given<Order>(three, LineReserved{kTea}, LineReserved{kCup}, AwaitingPayment{},
                                 Paid{kPayment, yuan(3'500), {kTea, kCup}});
  const RefundRequested requested = refund_of({{kCup, 1, true}, {kCup, 2, false}}, 1'500);
  const RequestRefund command{kRefund, {{kCup, 1, true}, {kCup, 1, false}, {kCup, 1, false}}, false, "torn", kAt};
  const auto after = past.when(command).then(requested);
  CHECK(after.refundable(1) == 0);
  CHECK((Order::react(kSelf, requested).tells ==
         std::vector{tell<Payment>(kPayment, payment::Refund{kRefund, "torn", yuan(1'500), kAt}),
                     tell<Stock>(kCup, stock::Restock{kRefund, kSelf, 1})}));
  past.when(RequestRefund{kRefund, {{kCup, 2, true}, {kCup, 2, false}}, false, "torn", kAt})
      .then_rejected(ErrorCode::kConflict, "order.too_many");
}

TEST_CASE("a refund is for what was ordered and paid, and not given back yet") {
  const auto refused = [](const Given<Order>& past, std::vector<RefundedLine> lines, ErrorCode code,
                          std::string_view reason) {
    past.when(RequestRefund{kRefund, std::move(lines), false, "torn", kAt}).then_rejected(code, reason);
  };
  refused(after({}), {{kTea, 3, false}}, ErrorCode::kConflict, "order.too_many");
  refused(after({}), {{kTea, 0, false}}, ErrorCode::kInvalid, "order.quantity_invalid");
  refused(after({}), {{id_of<ProductId>(99), 1, false}}, ErrorCode::kInvalid, "order.line_unknown");
  refused(given<Order>(awaiting()), {}, ErrorCode::kConflict, "order.illegal_transition");
  refused(given<Order>(), {}, ErrorCode::kNotFound, "order.not_found");
  after({}).when(RequestRefund{kRefund, {}, false, "", kAt}).then_rejected(ErrorCode::kInvalid, "order.reason_invalid");
}

TEST_CASE("an order is closed when all of it was given back, also what cost nothing") {
  Placed with_gift = placed();
  with_gift.lines[1].unit_price.amount = 0;
  with_gift.total.amount = 2'000;
  const Paid paid_for{kPayment, {2'000, {}}, {kTea, kCup}};
  const auto bought =
      std::vector<Order::Event>{with_gift,         LineReserved{kTea}, LineReserved{kCup},
                                AwaitingPayment{}, paid_for,           refund_of({{kTea, 2, false}}, 2'000)};
  const auto goes_on =
      given<Order>(bought).when(RecordRefunded{kPayment, kRefund, kAt}).then(Refunded{kRefund, yuan(2'000), kAt});
  CHECK(goes_on.state == OrderState::kPaid);
  CHECK((legal_next_steps(goes_on) == std::vector<std::string_view>{"cancel", "ship", "refund"}));
  const RefundId second = id_of<RefundId>(94);
  const RefundRequested of_gift{second, kPayment, yuan(0), {{kCup, 1, false}}, "torn", false, kAt};
  const auto closed = Given<Order>(goes_on)
                          .when(RequestRefund{second, {}, false, "torn", kAt})
                          .then(of_gift, Refunded{second, yuan(0), kAt}, ClosedRefunded{kAt});
  CHECK(closed.state == OrderState::kClosedRefunded);
}

TEST_CASE("what cost nothing is given back before the money of the rest, and does not close the order") {
  Placed with_gift = placed();
  with_gift.lines[1].unit_price.amount = 0;
  with_gift.total.amount = 2'000;
  const Paid paid_for{kPayment, {2'000, {}}, {kTea, kCup}};
  const RefundId second = id_of<RefundId>(94);
  const auto asked =
      std::vector<Order::Event>{with_gift,         LineReserved{kTea}, LineReserved{kCup},
                                AwaitingPayment{}, paid_for,           refund_of({{kTea, 2, false}}, 2'000)};
  const auto open = given<Order>(asked)
                        .when(RequestRefund{second, {}, false, "torn", kAt})
                        .then(RefundRequested{second, kPayment, yuan(0), {{kCup, 1, false}}, "torn", false, kAt},
                              Refunded{second, yuan(0), kAt});
  Given<Order>(open)
      .when(RecordRefunded{kPayment, kRefund, kAt})
      .then(Refunded{kRefund, yuan(2'000), kAt}, ClosedRefunded{kAt});
}

TEST_CASE("an order that costs nothing is paid once it has its stock, and can be shipped, refunded and cancelled") {
  Placed free = placed();
  for (auto& line : free.lines) line.unit_price.amount = 0;
  free.total.amount = 0;
  const Paid paid_for{PaymentId{kSelf.value}, yuan(0), {kTea, kCup}, kPlacedAt};
  const auto bought = given<Order>(free, LineReserved{kTea})
                          .when(RecordReserved{kCup, kSelf})
                          .then(LineReserved{kCup}, AwaitingPayment{}, paid_for);
  CHECK(bought.state == OrderState::kPaid);
  CHECK((legal_next_steps(bought) == std::vector<std::string_view>{"cancel", "ship", "refund"}));
  CHECK((Order::react(kSelf, paid_for).tells ==
         std::vector{tell<Stock>(kTea, stock::Deduct{kSelf}), tell<Stock>(kCup, stock::Deduct{kSelf})}));
  Given<Order>(bought).when(Ship{kFirst, {}, "SF", "SF1", kAt}).then(shipped(kFirst, {{kTea, 2}, {kCup, 1}}, true));

  // Another order that costs nothing gives back under another name, so that stock does not take it for the same.
  const RefundId first = payment::first_refund_of(PaymentId{kSelf.value});
  const RefundRequested all{
      first, paid_for.payment, yuan(0), {{kTea, 2, true}, {kCup, 1, true}}, "order_cancelled", false, kAt};
  const auto cancelled =
      Given<Order>(bought)
          .when(Cancel{CancelReason::kUser, kAt})
          .then(Cancelled{CancelReason::kUser, {}, kAt}, all, Refunded{first, yuan(0), kAt}, ClosedRefunded{kAt});
  CHECK(cancelled.state == OrderState::kClosedRefunded);
  CHECK((Order::react(kSelf, all).tells == std::vector{tell<Stock>(kTea, stock::Restock{first, kSelf, 2}),
                                                       tell<Stock>(kCup, stock::Restock{first, kSelf, 1})}));
  const auto part =
      Given<Order>(bought)
          .when(RequestRefund{kRefund, {{kTea, 1, true}}, false, "torn", kAt})
          .then(RefundRequested{kRefund, paid_for.payment, yuan(0), {{kTea, 1, true}}, "torn", false, kAt},
                Refunded{kRefund, yuan(0), kAt});
  CHECK(part.state == OrderState::kPaid);
}

TEST_CASE("B12: refunds by line in any order and grouping sum exactly to what was paid") {
  Random random(seed_of_tests());
  for (int run = 0; run < 500; ++run) {
    State state = given<Order>(paid()).state();
    std::int64_t back = 0;
    for (std::uint64_t n = 1; state.state != OrderState::kClosedRefunded; ++n) {
      REQUIRE(n < 200);
      const RefundId id = id_of<RefundId>(n);
      const std::vector<RefundedLine> lines{{random.one_in(2) ? kTea : kCup, random.between(1, 2), false}};
      const auto asked = Order::decide(state, RequestRefund{id, lines, false, "torn", kAt});
      if (!asked) continue;
      state = fold<Order>(*asked, state);
      const auto done = Order::decide(state, RecordRefunded{kPayment, id, kAt});
      state = fold<Order>(*done, state);
      back += state.refunds.back().amount.amount;
      REQUIRE(back <= 2'500);
      REQUIRE(refunds_are_sound(state));
    }
    CHECK(back == 2'500);
  }
}

TEST_CASE("every order says what can be done next") {
  using Steps = std::vector<std::string_view>;
  CHECK((legal_next_steps({}) == Steps{"place"}));
  CHECK((legal_next_steps(given<Order>(placed()).state()) == Steps{"cancel"}));
  CHECK((legal_next_steps(given<Order>(awaiting()).state()) == Steps{"pay", "cancel"}));
  CHECK((legal_next_steps(after({}).state()) == Steps{"cancel", "ship", "refund"}));
  CHECK((legal_next_steps(all_shipped().state()) == Steps{"deliver", "confirm_receipt", "refund"}));
  const auto delivered = after({shipped(kFirst, {{kTea, 2}, {kCup, 1}}, true), Delivered{kAt}});
  CHECK((legal_next_steps(delivered.state()) == Steps{"confirm_receipt", "refund"}));
  CHECK(legal_next_steps(given<Order>(placed(), cancelled_by_user({})).state()).empty());
  CHECK(legal_next_steps(given<Order>(placed(), Rejected{}).state()).empty());
}
