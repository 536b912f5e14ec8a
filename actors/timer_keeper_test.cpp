#include <doctest/doctest.h>

#include "actors/testing/hosts.hpp"
#include "actors/testing/wrapped_log.hpp"

namespace souk::testing {
namespace {

const ProductId kTea{{1, 2}};
const OrderId kOrder{{4, 4}};
constexpr std::uint64_t kMany = 10'000;

MemoryLogOptions by_hand() {
  MemoryLogOptions options;
  options.auto_commit = false;
  return options;
}

order::State order_now(SteppedHost& shop, OrderId id) {
  const auto answer = shop.read<Order>(id);
  shop.run();
  return answer->at(0).state;
}

OrderId order_of(std::uint64_t n) {
  return OrderId{{n + 1, 1}};
}
constexpr std::uint64_t kProducts = 100;
ProductId product_of(std::uint64_t n) {
  return ProductId{{n % kProducts + 1, 2}};
}

/// Orders that nobody pays, placed while no host runs.
void place_many(EventLog& log, Time now) {
  for (std::uint64_t n = 0; n < kProducts; ++n) {
    auto stock = make_live_entity(stream_of<Stock>(product_of(n)), log, {});
    Stock::Command receive = stock::Receive{static_cast<std::int64_t>(kMany), ""};
    stock->obey(&receive, {});
  }
  for (std::uint64_t n = 0; n < kMany; ++n) {
    auto order = make_live_entity(stream_of<Order>(order_of(n)), log, {});
    Order::Command place = place_order(product_of(n), 1, now);
    order->obey(&place, {});
  }
}

TEST_CASE("a timer fires when it is due, at most one look late, and not before") {
  ManualClock clock;
  MemoryEventLog log(clock);
  SteppedHost shop(log, clock);
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  shop.ask<Order>(kOrder, place_order(kTea, 2, clock.now()));
  shop.run();
  shop.advance({Duration::minutes(10).us - 1});
  shop.run();
  CHECK(order_now(shop, kOrder).state == order::OrderState::kAwaitingPayment);
  CHECK(shop.host.stats().timers_fired == 0);
  clock.advance(Duration{1});
  shop.advance(Duration::milliseconds(250));
  shop.run();
  CHECK(order_now(shop, kOrder).state == order::OrderState::kCancelled);
  CHECK(shop.host.stats().timers_fired == 1);
  CHECK(log.due_timers(clock.now(), 10).empty());
}

TEST_CASE("a timer whose outcome is not durable yet is not fired again") {
  ManualClock clock;
  MemoryEventLog log(clock, by_hand());
  SteppedHost shop(log, clock);
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  shop.ask<Order>(kOrder, place_order(kTea, 2, clock.now()));
  shop.run();
  log.commit_all();
  shop.advance(Duration::minutes(11));
  for (int looks = 0; looks < 5; ++looks) {
    shop.run();
    shop.advance(Duration::milliseconds(250));
  }
  CHECK(shop.host.stats().timers_fired == 1);
  CHECK(log.due_timers(clock.now(), 10).size() == 1);
  log.commit_all();
  shop.advance(Duration::milliseconds(250));
  shop.run();
  CHECK(log.due_timers(clock.now(), 10).empty());
  CHECK(shop.host.stats().timers_fired == 1);
}

TEST_CASE("ten thousand timers that fell due while the process was down are all fired by the first look") {
  ManualClock clock;
  MemoryEventLog log(clock);
  place_many(log, clock.now());
  clock.advance(Duration::minutes(60));
  SteppedHost shop(log, clock);
  CHECK_FALSE(shop.host.caught_up());
  // No time passes: one look, however many batches it takes.
  shop.run();
  CHECK(shop.host.caught_up());
  CHECK(shop.host.stats().timers_fired == kMany);
  CHECK(log.due_timers(clock.now(), 10).empty());
  CHECK(shop.host.stats().effects_under_way == 0);
  const auto stock = shop.read<Stock>(product_of(7));
  shop.run();
  CHECK(stock->at(0).state.reserved == 0);
  for (std::uint64_t n = 0; n < kMany; n += 499) {
    CHECK((order_now(shop, order_of(n)).cancel_reason == order::CancelReason::kPaymentTimeout));
  }
}

TEST_CASE("a host is not caught up before its overdue timers were handed over") {
  ManualClock clock;
  MemoryEventLog log(clock);
  place_many(log, clock.now());
  clock.advance(Duration::minutes(60));
  SteppedHost shop(log, clock);
  shop.run(false);
  // The dispatcher has seen everything; the disk has not told yet which timers are due.
  CHECK(shop.host.stats().dispatch_position >= kMany);
  CHECK_FALSE(shop.host.caught_up());
  while (!shop.host.caught_up() && shop.host.stepper()->run_disk_work()) {
    while (!shop.host.caught_up() && shop.host.stepper()->ready_actors() > 0) shop.host.stepper()->run_actor(0);
  }
  CHECK(shop.host.caught_up());
  shop.run();
  CHECK(shop.host.stats().timers_fired == kMany);
}

TEST_CASE("with real threads ten thousand overdue timers are fired within a second of readiness") {
  ManualClock clock;
  MemoryEventLog log(clock);
  place_many(log, clock.now());
  clock.advance(Duration::minutes(60));
  ThreadedHost shop(log, clock);
  REQUIRE(eventually([&] { return shop.host.caught_up(); }));
  const auto ready = std::chrono::steady_clock::now();
  REQUIRE(eventually([&] { return shop.host.stats().timers_fired >= kMany; }));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - ready);
  MESSAGE("fired ", took.count(), " ms after readiness");
  CHECK(shop.host.stats().timers_fired == kMany);
  CHECK(shop.read<Order>(order_of(kMany / 2)).state.state == order::OrderState::kCancelled);
  // Wide, for a machine that does other things as well; the end-to-end tests measure it on a quiet one.
  CHECK(took.count() < 10'000);
}

}  // namespace
}  // namespace souk::testing
