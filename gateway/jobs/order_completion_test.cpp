#include "gateway/jobs/order_completion.hpp"

#include <doctest/doctest.h>

#include "actors/testing/hosts.hpp"
#include "projections/follower.hpp"
#include "projections/testing/scratch.hpp"

namespace souk {
namespace {

constexpr Duration kAfter = Duration::seconds(3 * 86'400);
constexpr ProductId kTea{{3, 1}};
constexpr AccountId kBuyer{{2, 1}};

OrderId order_of(std::uint64_t n) {
  return OrderId{{5, n}};
}

struct World {
  testing::ScratchDirectory scratch;
  testing::ManualClock clock;
  MemoryEventLog log{clock};
  testing::SteppedHost shop{log, clock};
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<Orders> orders = std::move(Orders::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("orders.sqlite");
    auto opened = Follower::open(log, clock, make_orders_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  template <Entity E>
  void obey(typename E::Id id, const typename E::Command& command) {
    const auto answers = shop.ask<E>(id, command);
    shop.run();
    REQUIRE(answers->size() == 1);
    REQUIRE(answers->front().reason.empty());
  }
  /// An order that has arrived now.
  void deliver(std::uint64_t n) {
    obey<Stock>(kTea, stock::Receive{1, "delivery"});
    obey<Order>(order_of(n), testing::place_order(kTea, 1, clock.now()));
    const PaymentId payment{{6, n}};
    const auto expires = clock.now() + Duration::minutes(10);
    obey<Payment>(payment, payment::Start{order_of(n), kBuyer, "sandbox", Money{500, {}}, clock.now(),
                                          provider::Presentation::kPage, expires});
    obey<Payment>(payment, payment::RecordReport{
                               {provider::Source::kCallback, provider::Outcome::kPaid, "ref", Money{500, {}}, {}, {}},
                               clock.now()});
    obey<Order>(order_of(n), order::Ship{ShipmentId{{7, n}}, {}, "Post", "", clock.now()});
    obey<Order>(order_of(n), order::MarkDelivered{clock.now()});
  }
  void catch_up() {
    while (follower->run_once().value() > 0) {
    }
  }
  order::OrderState state(std::uint64_t n) {
    const auto answers = shop.read<Order>(order_of(n));
    shop.run();
    return answers->at(0).state.state;
  }
  BatchCount complete(std::size_t limit = 10) {
    std::vector<BatchCount> told;
    complete_orders(shop.host, *orders, kAfter, clock.now(), limit, {},
                    [&](const Result<BatchCount>& done) { told.push_back(done.value()); });
    shop.run();
    REQUIRE(told.size() == 1);
    return told.front();
  }
};

TEST_CASE("orders are completed when they were delivered long enough ago, and no others") {
  World world;
  world.deliver(1);
  world.shop.advance(Duration::seconds(86'400));
  world.deliver(2);
  world.shop.advance(Duration::seconds(2 * 86'400));
  world.catch_up();
  CHECK(world.complete().done == 1);
  CHECK(world.state(1) == order::OrderState::kCompleted);
  CHECK(world.state(2) == order::OrderState::kDelivered);
}

TEST_CASE("an order that something happened to since it was looked up is left alone") {
  World world;
  world.deliver(1);
  world.shop.advance(kAfter);
  world.catch_up();
  world.obey<Order>(order_of(1), order::ConfirmReceipt{world.clock.now()});
  const auto done = world.complete();
  CHECK(done.done == 0);
  CHECK(done.kept == 1);
}

TEST_CASE("many orders are completed batch by batch, the longest delivered first, each once") {
  World world;
  for (std::uint64_t n = 1; n <= 7; ++n) {
    world.deliver(n);
    world.shop.advance(Duration::seconds(60));
  }
  world.shop.advance(kAfter);
  world.catch_up();
  const auto first = world.complete(3);
  CHECK(first.done == 3);
  CHECK(first.more);
  CHECK(world.state(3) == order::OrderState::kCompleted);
  CHECK(world.state(4) == order::OrderState::kDelivered);
  CHECK(world.complete(3).kept == 3);  // the list has not heard of it yet
  world.catch_up();
  CHECK(world.follower->position() >= first.position);
  CHECK(world.complete(3).done == 3);
  world.catch_up();
  const auto last = world.complete(3);
  CHECK(last.done == 1);
  CHECK(!last.more);
  world.catch_up();
  CHECK(world.complete(3).kept == 0);
}

}  // namespace
}  // namespace souk
