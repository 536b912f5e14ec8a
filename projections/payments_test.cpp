#include "projections/payments.hpp"

#include <doctest/doctest.h>

#include "engine/payment/payment.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using reconciliation::BillLine;
using reconciliation::Difference;
using reconciliation::Kind;

constexpr PaymentId kFirst{{1, 1}};
constexpr PaymentId kSecond{{1, 2}};
constexpr OrderId kOrder{{2, 1}};
constexpr RefundId kRefund{{3, 1}};
constexpr ReconciliationId kDay{{4, 1}};

Money yuan(std::int64_t amount) {
  return {amount, Currency{}};
}

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<Payments> payments = std::move(Payments::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("payments.sqlite");
    auto opened = Follower::open(log, clock, make_payments_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  void start(PaymentId id, const std::string& provider = "alipay") {
    payment::Started started;
    started.order = kOrder;
    started.provider = provider;
    started.amount = yuan(500);
    started.at = clock.now();
    append<Payment>(id, started);
  }
  void pay(PaymentId id, Time at) { append<Payment>(id, payment::Succeeded{kOrder, "T1", yuan(500), at}); }
  void refund(PaymentId id, std::int64_t amount, Time at) {
    payment::Refunded refunded;
    refunded.attempt = kRefund;
    refunded.amount = yuan(amount);
    refunded.at = at;
    append<Payment>(id, refunded);
  }
  void catch_up() {
    REQUIRE(testing::catch_up(*follower));
    CHECK(follower->status().parked == 0);
  }
  std::vector<reconciliation::OwnBooking> bookings(Time begins, Time ends, const std::vector<BillLine>& bill = {}) {
    catch_up();
    auto found = payments->bookings("alipay", begins, ends, bill);
    REQUIRE(found);
    return std::move(*found);
  }
  ReconciliationSummary day() {
    catch_up();
    const auto page = payments->reconciliations(10);
    REQUIRE(page);
    REQUIRE(page->items.size() == 1);
    return page->items.front();
  }
};

TEST_CASE("payments are listed, the newest first, with what was captured and given back") {
  World world;
  world.start(kFirst);
  world.start(kSecond, "sandbox");
  world.pay(kFirst, world.clock.now());
  world.refund(kFirst, 120, world.clock.now());
  world.append<Payment>(kSecond, payment::Closed{world.clock.now()});
  world.catch_up();
  const auto all = world.payments->list(10);
  REQUIRE(all);
  REQUIRE(all->items.size() == 2);
  CHECK(all->items[0].id == kSecond);
  CHECK(all->items[0].state == "closed");
  CHECK(all->items[1].state == "succeeded");
  CHECK(all->items[1].captured == 500);
  CHECK(all->items[1].refunded == 120);
  CHECK(all->items[1].reference == "T1");
  CHECK(world.payments->list(10, {}, "sandbox")->items.size() == 1);
  CHECK(world.payments->list(10, {}, {}, "succeeded")->items.size() == 1);
  const auto first = world.payments->list(1);
  REQUIRE(first->next);
  const auto rest = world.payments->list(1, first->next);
  CHECK(rest->items.front().id == kFirst);
  CHECK_FALSE(rest->next);
}

TEST_CASE("what was refused of a provider's reports, or by it of refunds, is an alert") {
  World world;
  world.start(kFirst);
  world.append<Payment>(kFirst, payment::ReportRefused{"wrong_amount", world.clock.now()});
  world.append<Payment>(kFirst, payment::RefundFailed{RefundId{Id128{0, 9}}, world.clock.now(), "no funds"});
  world.catch_up();
  const auto alerts = world.payments->alerts(10);
  REQUIRE(alerts->items.size() == 2);
  CHECK(alerts->items[0].reason == "refund_refused");
  CHECK(alerts->items[1].payment == kFirst);
  CHECK(alerts->items[1].order == kOrder);
  CHECK(alerts->items[1].reason == "wrong_amount");
}

TEST_CASE("the alert about a refund that was refused is gone once it was made, and no other is") {
  World world;
  world.start(kFirst);
  world.pay(kFirst, world.clock.now());
  const RefundId other{Id128{0, 9}};
  for (const auto refund : {kRefund, kRefund, other}) {
    world.append<Payment>(kFirst, payment::RefundFailed{refund, world.clock.now(), "no funds"});
  }
  world.refund(kFirst, 20, world.clock.now());
  world.catch_up();
  const auto alerts = world.payments->alerts(10);
  REQUIRE(alerts->items.size() == 1);
  CHECK(alerts->items[0].reason == "refund_refused");
}

TEST_CASE("bookings are those of the day, and those that the bill names, each once") {
  World world;
  const Time begins = world.clock.now();
  const Time ends = begins + Duration::minutes(60);
  world.start(kFirst);
  world.pay(kFirst, begins + Duration::minutes(1));
  world.refund(kFirst, 20, ends);
  world.start(kSecond, "sandbox");
  world.pay(kSecond, begins);
  const auto of_day = world.bookings(begins, ends);
  REQUIRE(of_day.size() == 1);
  CHECK(of_day[0].payment == kFirst.str());
  CHECK(of_day[0].is_of_the_day);
  const std::vector<BillLine> bill{{kFirst.str(), "", "T1", yuan(500)},
                                   {kFirst.str(), kRefund.str(), "T1", yuan(20)},
                                   {kSecond.str(), "", "T2", yuan(500)},
                                   {"nonsense", "", "T3", yuan(1)}};
  const auto with_bill = world.bookings(begins, ends, bill);
  REQUIRE(with_bill.size() == 2);
  CHECK(with_bill[1].refund == kRefund.str());
  CHECK_FALSE(with_bill[1].is_of_the_day);
}

TEST_CASE("a reconciliation counts its differences, and which of them are open") {
  World world;
  const Time now = world.clock.now();
  const Difference one{Kind::kMissingHere, "a", "", "T1", {}, yuan(1)};
  const Difference two{Kind::kMissingThere, "b", "", "", yuan(2), {}};
  world.append<Reconciliation>(kDay,
                               reconciliation::Compared{"alipay", "2026-11-23", 1, 1, {one, two}, {}, {}, 0, now});
  CHECK(world.day().differences == 2);
  CHECK(world.day().open == 2);
  world.append<Reconciliation>(kDay, reconciliation::DifferenceSettled{1, "looked into", {}, now});
  world.append<Reconciliation>(kDay, reconciliation::Compared{"alipay", "2026-11-23", 1, 1, {}, {2}, {}, 0, now});
  CHECK(world.day().open == 0);
  world.append<Reconciliation>(kDay, reconciliation::Failed{"alipay", "2026-11-23", "bill.not_ready", now});
  CHECK(world.day().problem == "bill.not_ready");
  world.append<Reconciliation>(kDay, reconciliation::Compared{"alipay", "2026-11-23", 1, 1, {}, {}, {2}, 0, now});
  CHECK(world.day().open == 1);
  CHECK(world.day().comparisons == 3);
  CHECK_FALSE(world.day().problem);
}

}  // namespace
}  // namespace souk
