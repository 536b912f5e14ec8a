// The sagas as a whole: every entity at once, with effects delivered in any order that hosts may deliver them in.
#include <doctest/doctest.h>

#include "engine/testing/given.hpp"
#include "engine/testing/random_commands.hpp"
#include "engine/testing/world.hpp"

using namespace souk;
using namespace souk::testing;

namespace {

constexpr int kRuns = 300;
constexpr int kStepsPerRun = 500;
constexpr std::uint64_t kProducts = 3;
constexpr Time kDue{1'000};

void drain(World& world, Random& random) {
  while (world.waiting() > 0) world.deliver(random.next(), random.one_in(5));
}

order::Place random_place(Random& random) {
  order::Place place{random_id<AccountId>(random), {}, {"personal:v1:QQ"}, random.one_in(2), Time{1}, kDue, {}};
  for (auto lines = 1 + random.below(3); lines > 0; --lines) {
    place.lines.push_back(
        {random_id<ProductId>(random, kProducts), Version{1}, "", "n", "", "", yuan(100), random.between(1, 3)});
  }
  return place;
}

/// Something that somebody outside does.
void act(World& world, Random& random, std::uint64_t& made) {
  const auto order = random_id<OrderId>(random, 20);
  const auto payment = random_id<PaymentId>(random, 30);
  switch (random.below(14)) {
    case 0:
    case 1: world.ask<Stock>(random_id<ProductId>(random, kProducts), stock::Receive{random.between(1, 9), ""}); break;
    case 2:
      world.ask<Cart>(random_id<AccountId>(random), cart::AddItem{random_id<ProductId>(random, kProducts), 2});
      break;
    case 3: world.ask<Order>(order, order::Cancel{order::CancelReason::kUser, Time{2}}); break;
    case 4:
      world.ask<Payment>(
          payment,
          payment::Start{
              order, {}, "sandbox", yuan(100 * random.between(1, 6)), Time{2}, provider::Presentation::kQr, kDue});
      break;
    case 5:
    case 6:
    case 7:
      // Most payments are of the right amount.
      if (const auto found = world.all<Order>().find(order); found != world.all<Order>().end()) {
        world.ask<Payment>(
            payment,
            payment::Start{order, {}, "sandbox", found->second.total, Time{2}, provider::Presentation::kQr, kDue});
      }
      break;
    case 8:
    case 9:
    case 10:
      if (const auto found = world.all<Payment>().find(payment); found != world.all<Payment>().end()) {
        provider::Report report{provider::Source::kCallback, provider::Outcome::kPaid, "ref", {}, {}, {}};
        report.amount = found->second.amount;
        if (random.one_in(3)) report.outcome = provider::Outcome::kClosed;
        world.ask<Payment>(payment, payment::RecordReport{report, Time{3}});
      }
      break;
    default: world.ask<Order>(OrderId{Id128{7, made++ % 20 + 1}}, random_place(random)); break;
  }
}

/// Answers a call as a provider does that sometimes has no answer, and sometimes was paid without saying so.
struct Answer {
  World& world;
  Random& random;

  provider::Report report(provider::Source source, PaymentId payment, provider::Outcome otherwise) {
    const auto outcome = random.one_in(6) ? provider::Outcome::kPaid : otherwise;
    const std::string problem = outcome == provider::Outcome::kUnknown ? "timeout" : "";
    return {source, outcome, "ref", world.all<Payment>().at(payment).amount, {}, problem};
  }
  void operator()(const auto& /*call*/) const {}
  void operator()(const provider::Create& call) {
    world.ask<Payment>(call.payment, payment::RecordCreated{{!random.one_in(3), "u", "", "busy"}, Time{4}});
  }
  void operator()(const provider::Query& call) {
    const auto said = report(provider::Source::kPoll, call.payment, provider::Outcome::kPending);
    world.ask<Payment>(call.payment, payment::RecordReport{said, Time{4}});
  }
  void operator()(const provider::Close& call) {
    const auto otherwise = random.one_in(3) ? provider::Outcome::kUnknown : provider::Outcome::kClosed;
    world.ask<Payment>(call.payment,
                       payment::RecordReport{report(provider::Source::kClose, call.payment, otherwise), Time{4}});
  }
  void operator()(const provider::Refund& call) {
    const auto outcome = static_cast<provider::RefundOutcome>(random.below(3));
    world.ask<Payment>(call.payment, payment::RecordRefund{call.attempt, {outcome, "why"}, Time{4}});
    // A refused one is tried again by hand.
    if (outcome == provider::RefundOutcome::kRefused) {
      world.ask<Payment>(call.payment, payment::RetryRefund{call.attempt, Time{4}});
    }
  }
};

void answer_call(World& world, Random& random) {
  const Call call = world.calls().front();
  world.calls().pop_front();
  std::visit(Answer{world, random}, call);
}

/// Delivers and answers everything, and lets time pass until nobody waits for anything.
void settle(World& world, Random& random, Time now) {
  while (world.waiting() > 0 || !world.calls().empty() || world.timers() > 0) {
    drain(world, random);
    while (!world.calls().empty()) answer_call(world, random);
    drain(world, random);
    now = now + Duration::minutes(30);
    world.advance(now);
  }
}

/// How much of each product the paid orders hold.
std::map<ProductId, std::int64_t> sold_by_orders(const World& world) {
  std::map<ProductId, std::int64_t> sold;
  for (const auto& [id, state] : world.all<Order>()) {
    if (state.payment.empty()) continue;
    for (const auto& line : state.lines) sold[line.product] += line.quantity;
  }
  return sold;
}

void check_settled(const World& world) {
  auto sold = sold_by_orders(world);
  for (const auto& [product, state] : world.all<Stock>()) {
    REQUIRE(is_sound(state));
    REQUIRE(state.sold == sold[product]);
    for (const auto& [order, reservation] : state.reservations) {
      REQUIRE(world.all<Order>().at(order).state == order::OrderState::kAwaitingPayment);
    }
  }
  for (const auto& [id, state] : world.all<Order>()) {
    REQUIRE(is_sound(state));
    REQUIRE(state.state != order::OrderState::kPlaced);
  }
  for (const auto& [id, state] : world.all<Payment>()) {
    REQUIRE(is_sound(state));
    if (state.captured == 0) continue;
    const auto order = world.all<Order>().find(state.order);
    const bool kept = order != world.all<Order>().end() && order->second.payment == id;
    // Money is either the order's or given back.
    std::int64_t given_back = kept ? 0 : state.captured;
    if (kept) {
      for (const auto& refund : order->second.refunds) given_back += refund.amount.amount;
      REQUIRE((order->second.total == state.amount));
      REQUIRE((order->second.state == order::OrderState::kClosedRefunded) == (state.refunded == state.captured));
      // What is cancelled is paid back: nobody is charged with nothing to ship.
      REQUIRE(order->second.state != order::OrderState::kCancelled);
    }
    REQUIRE(state.refunded == given_back);
    REQUIRE((standing_of(state) == payment::Standing::kRefunded) == (state.refunded == state.captured));
  }
}

}  // namespace

TEST_CASE("orders, stock and payments agree once everything is delivered, in whatever order") {
  const std::uint64_t seed = seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  Random random(seed);
  std::map<order::OrderState, int> outcomes;
  for (int run = 0; run < kRuns; ++run) {
    INFO("run ", run, ", SOUK_SEED=", seed);
    World world;
    std::uint64_t made = 0;
    for (int i = 0; i < kStepsPerRun; ++i) {
      if (world.waiting() > 0 && !random.one_in(4)) {
        world.deliver(random.next(), random.one_in(5));
      } else {
        act(world, random, made);
      }
      if (random.one_in(200)) world.advance(kDue);
      if (!world.calls().empty() && random.one_in(8)) answer_call(world, random);
      for (const auto& [product, state] : world.all<Stock>()) REQUIRE(is_sound(state));
    }
    settle(world, random, kDue);
    check_settled(world);
    for (const auto& [product, state] : world.all<Stock>()) REQUIRE(state.reserved == 0);
    for (const auto& [id, state] : world.all<Order>()) ++outcomes[state.state];
  }
  for (const auto outcome : {order::OrderState::kPaid, order::OrderState::kRejected, order::OrderState::kCancelled,
                             order::OrderState::kClosedRefunded}) {
    CHECK_MESSAGE(outcomes[outcome] > 100, std::string(name_of(outcome)), " is too rare to prove anything");
  }
}

TEST_CASE("of many registrations of one name at most one wins, and what the others had claimed is free again") {
  Random random(seed_of_tests());
  for (int run = 0; run < 200; ++run) {
    World world;
    for (std::uint64_t i = 1; i <= 6; ++i) {
      // One user name for all; every other e-mail is shared by two.
      const account::Register wanted{
          {"personal:v1:QQ"},       {"personal:v1:Qg"},   {"secret:v1:Qw"}, ClaimId{Id128{1, 1}},
          ClaimId{Id128{2, i / 2}}, account::Role::kUser, Time{1}};
      REQUIRE(world.ask<Account>(AccountId{Id128{3, i}}, wanted));
    }
    drain(world, random);
    int active = 0;
    for (const auto& [id, state] : world.all<Account>()) {
      active += state.status == account::Status::kActive ? 1 : 0;
      REQUIRE(state.status != account::Status::kPending);
    }
    // Two that each hold what the other wants may both lose, but never both win.
    REQUIRE(active <= 1);
    for (const auto& [id, claim] : world.all<Claim>()) {
      if (claim.holder) REQUIRE(world.all<Account>().at(*claim.holder).status == account::Status::kActive);
    }
  }
}

TEST_CASE("thirty-two buyers of ten get exactly ten") {
  Random random(seed_of_tests());
  World world;
  const ProductId product{Id128{7, 1}};
  REQUIRE(world.ask<Stock>(product, stock::Receive{10, ""}));
  for (std::uint64_t i = 1; i <= 32; ++i) {
    order::Place place = random_place(random);
    place.lines.resize(1);
    place.lines[0].product = product;
    place.lines[0].quantity = 1;
    REQUIRE(world.ask<Order>(OrderId{Id128{9, i}}, place));
  }
  drain(world, random);
  int reserved = 0;
  for (const auto& [id, state] : world.all<Order>()) {
    if (state.state == order::OrderState::kAwaitingPayment) ++reserved;
    if (state.state == order::OrderState::kRejected) {
      CHECK((state.shortages == std::vector<order::Shortage>{{product, 1, 0}}));
    }
  }
  CHECK(reserved == 10);
  CHECK(world.all<Stock>().at(product).available() == 0);
}
