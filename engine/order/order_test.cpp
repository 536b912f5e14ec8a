#include "engine/order/order.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/order_sample.hpp"

using namespace souk;
using namespace souk::order;
using namespace souk::testing;

TEST_CASE("an order asks every product's stock, and sets its deadline") {
  const Effects expected{
      {tell<Stock>(kTea, stock::Reserve{kSelf, 2, kDue}), tell<Stock>(kCup, stock::Reserve{kSelf, 1, kDue})},
      {SetTimer{"payment_due", kDue}},
      {}};
  CHECK((Order::react(kSelf, placed()) == expected));
}

TEST_CASE("an order with one line reserved waits for the other") {
  const auto after = given<Order>(placed()).when(RecordReserved{kCup}).then(LineReserved{kCup});
  CHECK(after.state == OrderState::kPlaced);
  CHECK(Order::react(kSelf, LineReserved{kCup}).empty());
}

TEST_CASE("an order with every line reserved awaits payment") {
  const auto after =
      given<Order>(placed(), LineReserved{kCup}).when(RecordReserved{kTea}).then(LineReserved{kTea}, AwaitingPayment{});
  CHECK(after.state == OrderState::kAwaitingPayment);
  CHECK(Order::react(kSelf, AwaitingPayment{}).empty());
}

TEST_CASE("an order placed from a cart takes its items out once it is sure of its stock") {
  Placed from_cart = placed();
  from_cart.from_cart = true;
  const AwaitingPayment awaiting{kAccount, {{kTea, 2}, {kCup, 1}}};
  given<Order>(from_cart, LineReserved{kCup}).when(RecordReserved{kTea}).then(LineReserved{kTea}, awaiting);
  const Effects expected{{tell<Cart>(kAccount, cart::TakeOrdered{kSelf, {{kTea, 2}, {kCup, 1}}})}, {}, {}};
  CHECK((Order::react(kSelf, awaiting) == expected));
}

TEST_CASE("an order with a line refused waits for every answer before it is rejected") {
  const auto after = given<Order>(placed()).when(RecordRefused{kTea, 2, 1}).then(LineRefused{kTea, 2, 1});
  CHECK(after.state == OrderState::kPlaced);
}

TEST_CASE("a rejected order names each shortage and releases what it had") {
  const Rejected rejected{{{kTea, 2, 1}}, {kCup}};
  const auto after =
      given<Order>(placed(), LineRefused{kTea, 2, 1}).when(RecordReserved{kCup}).then(LineReserved{kCup}, rejected);
  CHECK(after.state == OrderState::kRejected);
  CHECK((after.shortages == std::vector<Shortage>{{kTea, 2, 1}}));
  given<Order>(placed(), LineReserved{kCup}).when(RecordRefused{kTea, 2, 1}).then(LineRefused{kTea, 2, 1}, rejected);

  const Effects expected{{tell<Stock>(kCup, stock::Release{kSelf, "order_rejected"})}, {ClearTimer{"payment_due"}}, {}};
  CHECK((Order::react(kSelf, rejected) == expected));
}

TEST_CASE("an order with every line refused has nothing to release") {
  given<Order>(placed(), LineRefused{kCup, 1, 0})
      .when(RecordRefused{kTea, 2, 1})
      .then(LineRefused{kTea, 2, 1}, Rejected{{{kCup, 1, 0}, {kTea, 2, 1}}, {}});
}

TEST_CASE("a stock's answer counts once") {
  given<Order>(placed(), LineReserved{kCup}).when(RecordReserved{kCup}).then_nothing();
  given<Order>(placed(), LineReserved{kCup}).when(RecordRefused{kCup, 1, 0}).then_nothing();
  given<Order>(placed(), LineRefused{kCup, 1, 0}).when(RecordReserved{kCup}).then_nothing();
  given<Order>(awaiting()).when(RecordReserved{kCup}).then_nothing();
}

TEST_CASE("a reservation granted too late is returned") {
  const auto past = given<Order>(placed(), LineReserved{kTea}, cancelled_by_user({kTea}));
  const auto after = past.when(RecordReserved{kCup}).then(ReservationReturned{kCup});
  CHECK(after.state == OrderState::kCancelled);
  const Effects expected{{tell<Stock>(kCup, stock::Release{kSelf, "reservation_unwanted"})}, {}, {}};
  CHECK((Order::react(kSelf, ReservationReturned{kCup}) == expected));

  past.when(RecordReserved{kTea}).then_nothing();
  given<Order>(placed(), cancelled_by_user({}), ReservationReturned{kCup}).when(RecordReserved{kCup}).then_nothing();
}

TEST_CASE("a reservation that nobody asked for is returned") {
  given<Order>().when(RecordReserved{kTea}).then(ReservationReturned{kTea});
  given<Order>(placed()).when(RecordReserved{id_of<ProductId>(99)}).then(ReservationReturned{id_of<ProductId>(99)});
}

TEST_CASE("a refusal that comes too late or to a wrong order means nothing") {
  given<Order>(placed(), cancelled_by_user({})).when(RecordRefused{kTea, 2, 0}).then_nothing();
  given<Order>(placed()).when(RecordRefused{id_of<ProductId>(99), 2, 0}).then_nothing();
  given<Order>().when(RecordRefused{kTea, 2, 0}).then_nothing();
}

TEST_CASE("an order can be cancelled before and while it awaits payment") {
  const Time at{kPlacedAt.us + 1};
  given<Order>(placed(), LineReserved{kCup})
      .when(Cancel{CancelReason::kUser, at})
      .then(Cancelled{CancelReason::kUser, {kCup}, at});
  const auto after = given<Order>(awaiting())
                         .when(Cancel{CancelReason::kUser, at})
                         .then(Cancelled{CancelReason::kUser, {kTea, kCup}, at});
  CHECK(after.state == OrderState::kCancelled);
  CHECK((after.cancel_reason == CancelReason::kUser));
}

TEST_CASE("a cancelled order releases what it had and needs its timer no more") {
  const Effects expected{{tell<Stock>(kTea, stock::Release{kSelf, "order_cancelled"}),
                          tell<Stock>(kCup, stock::Release{kSelf, "order_cancelled"})},
                         {ClearTimer{"payment_due"}},
                         {}};
  CHECK((Order::react(kSelf, cancelled_by_user({kTea, kCup})) == expected));
}

TEST_CASE("cancelling a cancelled order leaves no trace") {
  given<Order>(placed(), cancelled_by_user({})).when(Cancel{}).then_nothing();
}

TEST_CASE("an order that is rejected cannot be cancelled") {
  const auto rejected = given<Order>(placed(), Rejected{});
  rejected.when(Cancel{}).then_rejected(ErrorCode::kConflict, "order.not_cancellable");
  const auto refused = Order::decide(rejected.state(), Cancel{});
  CHECK(refused.error().detail == "the order is rejected; what can be done next: nothing");
}

TEST_CASE("an unknown order cannot be cancelled") {
  given<Order>().when(Cancel{}).then_rejected(ErrorCode::kNotFound, "order.not_found");
}

TEST_CASE("an order that is not paid in time is cancelled") {
  CHECK((Order::on_timer("payment_due", kDue, kDue) == Order::Command{ExpirePayment{kDue}}));
  CHECK(!Order::on_timer("something_else", kDue, kDue));
  const Cancelled expired{CancelReason::kPaymentTimeout, {kTea, kCup}, kDue};
  given<Order>(awaiting()).when(ExpirePayment{kDue}).then(expired);
  given<Order>(placed()).when(ExpirePayment{kDue}).then(Cancelled{CancelReason::kPaymentTimeout, {}, kDue});
  const Effects effects = Order::react(kSelf, expired);
  REQUIRE(effects.tells.size() == 2);
  CHECK((effects.tells.front() == tell<Stock>(kTea, stock::Release{kSelf, "payment_timeout"})));
}

TEST_CASE("a deadline that comes early, late or to nobody means nothing") {
  given<Order>(awaiting()).when(ExpirePayment{Time{kDue.us - 1}}).then_nothing();
  given<Order>(paid()).when(ExpirePayment{kDue}).then_nothing();
  given<Order>(placed(), cancelled_by_user({})).when(ExpirePayment{kDue}).then_nothing();
  given<Order>().when(ExpirePayment{kDue}).then_nothing();
}

TEST_CASE("an order that awaits its payment is paid by it, and its stock deducted") {
  const Paid event{kPayment, yuan(2'500), {kTea, kCup}};
  const auto after = given<Order>(awaiting()).when(RecordPayment{kPayment, yuan(2'500)}).then(event);
  CHECK(after.state == OrderState::kPaid);
  CHECK((after.payment == kPayment));
  const Effects expected{{tell<Stock>(kTea, stock::Deduct{kSelf}), tell<Stock>(kCup, stock::Deduct{kSelf})},
                         {ClearTimer{"payment_due"}},
                         {}};
  CHECK((Order::react(kSelf, event) == expected));
}

TEST_CASE("a payment counts once") {
  given<Order>(paid()).when(RecordPayment{kPayment, yuan(2'500)}).then_nothing();
}

TEST_CASE("a payment the order has no use for is returned with the reason") {
  const auto returned = [](const Given<Order>& past, Money amount, ReturnReason reason) {
    const auto other = id_of<PaymentId>(78);
    past.when(RecordPayment{other, amount}).then(PaymentReturned{other, amount, reason});
  };
  returned(given<Order>(), yuan(2'500), ReturnReason::kOrderUnknown);
  returned(given<Order>(placed()), yuan(2'500), ReturnReason::kOrderNotPayable);
  returned(given<Order>(placed(), cancelled_by_user({})), yuan(2'500), ReturnReason::kOrderNotPayable);
  returned(given<Order>(placed(), Rejected{}), yuan(2'500), ReturnReason::kOrderNotPayable);
  returned(given<Order>(paid()), yuan(2'500), ReturnReason::kOrderAlreadyPaid);
  returned(given<Order>(awaiting()), yuan(2'499), ReturnReason::kWrongAmount);
  returned(given<Order>(awaiting()), Money{2'500, *Currency::parse("EUR")}, ReturnReason::kWrongAmount);
}

TEST_CASE("a payment is returned once, and refunded with the reason") {
  const PaymentReturned returned{kPayment, yuan(5), ReturnReason::kWrongAmount};
  given<Order>(PaymentReturned{kPayment, yuan(5), ReturnReason::kOrderUnknown})
      .when(RecordPayment{kPayment, yuan(5)})
      .then_nothing();
  const Effects expected{
      {tell<Payment>(kPayment, payment::Refund{payment::first_refund_of(kPayment), "wrong_amount"})}, {}, {}};
  CHECK((Order::react(kSelf, returned) == expected));
}

TEST_CASE("an order has one payment at most that can still be paid: the one that was begun last") {
  const auto first = id_of<PaymentId>(1);
  const auto second = id_of<PaymentId>(2);
  given<Order>(awaiting()).when(RecordPaymentStarted{first, kDue}).then(PaymentOpened{first, std::nullopt, kDue});
  auto events = awaiting();
  events.emplace_back(PaymentOpened{first, std::nullopt, kDue});
  const auto past = given<Order>(events);
  past.when(RecordPaymentStarted{first, kDue}).then_nothing();
  const PaymentOpened opened{second, first, kDue};
  past.when(RecordPaymentStarted{second, kDue}).then(opened);
  CHECK(Order::react(kSelf, PaymentOpened{first, std::nullopt, kDue}).empty());
  const Effects expected{{tell<Payment>(first, payment::Close{"superseded", kDue})}, {}, {}};
  CHECK((Order::react(kSelf, opened) == expected));
}

TEST_CASE("an order opens at most 50 payments; one more is closed, and the last one can still be paid") {
  auto events = awaiting();
  for (std::uint64_t i = 1; i < kPaymentsMax; ++i) {
    events.emplace_back(PaymentOpened{id_of<PaymentId>(i), std::nullopt, kDue});
  }
  CHECK_FALSE(given<Order>(events).state().has_all_payments());
  const auto last = id_of<PaymentId>(kPaymentsMax);
  events.emplace_back(PaymentOpened{last, std::nullopt, kDue});
  const auto past = given<Order>(events);
  CHECK(past.state().has_all_payments());
  past.when(RecordPaymentStarted{last, kDue}).then_nothing();
  past.when(RecordPaymentStarted{kPayment, kDue}).then(PaymentUnwanted{kPayment, kDue});
  past.when(RecordPayment{last, yuan(2'500), kDue}).then(Paid{last, yuan(2'500), {kTea, kCup}, kDue});
}

TEST_CASE("a payment that begins when nothing is to be paid is closed") {
  const PaymentUnwanted unwanted{kPayment, kDue};
  for (const auto& past : {given<Order>(), given<Order>(placed()), given<Order>(placed(), cancelled_by_user({}))}) {
    past.when(RecordPaymentStarted{kPayment, kDue}).then(unwanted);
  }
  given<Order>(paid()).when(RecordPaymentStarted{kPayment, kDue}).then_nothing();
  const Effects expected{{tell<Payment>(kPayment, payment::Close{"order_not_payable", kDue})}, {}, {}};
  CHECK((Order::react(kSelf, unwanted) == expected));
}

TEST_CASE("B04, B06: an order that is cancelled, times out or is paid otherwise closes its open payment") {
  auto events = awaiting();
  events.emplace_back(PaymentOpened{kPayment, std::nullopt, kPlacedAt});
  const auto past = given<Order>(events);
  const auto closes = [](const Order::Event& event, std::string_view reason, Time at) {
    const auto tells = Order::react(kSelf, event).tells;
    const Tell wanted = tell<Payment>(kPayment, payment::Close{std::string(reason), at});
    CHECK(std::find(tells.begin(), tells.end(), wanted) != tells.end());
  };
  Cancelled cancelled = cancelled_by_user({kTea, kCup});
  cancelled.open_payment = kPayment;
  past.when(Cancel{CancelReason::kUser, kPlacedAt}).then(cancelled);
  closes(cancelled, "order_cancelled", kPlacedAt);
  const Cancelled expired{CancelReason::kPaymentTimeout, {kTea, kCup}, kDue, kPayment};
  past.when(ExpirePayment{kDue}).then(expired);
  closes(expired, "payment_timeout", kDue);
  const auto other = id_of<PaymentId>(78);
  const Paid by_other{other, yuan(2'500), {kTea, kCup}, kDue, kPayment};
  past.when(RecordPayment{other, yuan(2'500), kDue}).then(by_other);
  closes(by_other, "order_paid", kDue);
  // Its own payment needs no closing.
  past.when(RecordPayment{kPayment, yuan(2'500), kDue})
      .then(Paid{kPayment, yuan(2'500), {kTea, kCup}, kDue, std::nullopt});
}
