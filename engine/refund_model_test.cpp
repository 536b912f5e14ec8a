// A paid order that is refunded by line, refunded whole, cancelled and shipped, in every order in which that can happen
// and be answered: calls are refused, lost, or made again after a crash. Whatever happens, the customer is given back
// exactly the price of what was given back, once.
#include <doctest/doctest.h>

#include <set>
#include <unordered_set>

#include "engine/testing/given.hpp"
#include "engine/testing/order_soundness.hpp"
#include "engine/testing/random_commands.hpp"
#include "engine/testing/world.hpp"

using namespace souk;
using namespace souk::testing;

namespace {

constexpr OrderId kOrder{{0, 1}};
constexpr ProductId kTea{{0, 2}};
constexpr ProductId kCup{{0, 3}};
constexpr AccountId kBuyer{{0, 4}};
constexpr PaymentId kPayment{{0, 5}};
constexpr Time kStart{1'000'000};
constexpr Time kDue = {kStart.us + Duration::minutes(10).us};
const Money kTeaPrice = yuan(333);
const Money kCupPrice = yuan(1);
const Money kTotal = yuan(2 * 333 + 1);

RefundId refund_id(std::uint64_t n) {
  return RefundId{{1, n}};
}

/// What may still happen, so that there is an end to it.
struct Left {
  int refunds_of_a_tea = 0;
  int refunds_of_the_rest = 1;
  int cancellations = 0;
  int shipments = 0;
  int refusals = 0;
  int lost_answers = 0;
  int crashes = 0;
  int hasty_timers = 0;
};

struct Model {
  World world;
  Left left;
  Time now = kStart;
  std::int64_t given_back = 0;  ///< by the provider
  std::set<RefundId> given;     ///< likewise
  std::uint64_t asked = 0;      ///< refunds by administrators

  [[nodiscard]] const order::State& order() const { return world.all<Order>().at(kOrder); }
  [[nodiscard]] const payment::State& payment() const { return world.all<Payment>().at(kPayment); }

  [[nodiscard]] std::string fingerprint() const {
    std::string out = world.fingerprint();
    for (const auto& call : world.calls()) {
      if (const auto* refund = std::get_if<provider::Refund>(&call)) out += refund->attempt.str();
    }
    for (const auto& id : given) out += id.str();
    for (const auto part : {left.refunds_of_a_tea, left.refunds_of_the_rest, left.cancellations, left.shipments,
                            left.refusals, left.lost_answers, left.crashes, left.hasty_timers}) {
      out += std::to_string(part) + ",";
    }
    return out + std::to_string(now.us);
  }
};

enum class Fate : std::uint8_t { kAnswered, kRefused, kLost, kCrashed };

class Explorer {
 public:
  std::map<std::string, int> ends;
  std::size_t states = 0;

  void explore(const Model& model) {
    if (!seen_.insert(std::hash<std::string>{}(model.fingerprint())).second) return;
    ++states;
    check(model);
    const bool is_quiet = model.world.waiting() == 0 && model.world.calls().empty();
    if (is_quiet && model.world.timers() == 0) check_end(model);
    for (std::size_t i = 0; i < model.world.waiting(); ++i) {
      Model next = model;
      next.world.deliver(i, true);
      explore(next);
    }
    for (std::size_t i = 0; i < model.world.calls().size(); ++i) answer(model, i);
    act(model);
    if (model.world.timers() > 0 && (is_quiet || model.left.hasty_timers > 0)) {
      Model next = model;
      if (!is_quiet) --next.left.hasty_timers;
      next.now = std::max(next.now, next.world.next_due());
      next.world.advance(next.now);
      explore(next);
    }
  }

 private:
  /// The provider does it once, whatever becomes of its answer; or refuses it.
  void answer(const Model& model, std::size_t i) {
    const Call call = model.world.calls()[i];
    const auto* refund = std::get_if<provider::Refund>(&call);
    for (const auto fate : {Fate::kAnswered, Fate::kRefused, Fate::kLost, Fate::kCrashed}) {
      Model next = model;
      if (!spend(next.left, fate)) continue;
      if (fate != Fate::kCrashed) next.world.calls().erase(next.world.calls().begin() + static_cast<long>(i));
      if (refund != nullptr) settle(next, *refund, fate);
      if (refund == nullptr && fate != Fate::kAnswered) continue;
      explore(next);
    }
  }

  static bool spend(Left& left, Fate fate) {
    if (fate == Fate::kRefused) return left.refusals-- > 0;
    if (fate == Fate::kLost) return left.lost_answers-- > 0;
    return fate != Fate::kCrashed || left.crashes-- > 0;
  }

  static void settle(Model& model, const provider::Refund& call, Fate fate) {
    const bool is_known = model.given.contains(call.attempt);
    if ((fate != Fate::kRefused || is_known) && model.given.insert(call.attempt).second) {
      model.given_back += call.amount.amount;
    }
    if (fate == Fate::kCrashed) return;
    auto outcome = provider::RefundOutcome::kRefunded;
    if (fate == Fate::kLost) outcome = provider::RefundOutcome::kUnknown;
    if (fate == Fate::kRefused && !is_known) outcome = provider::RefundOutcome::kRefused;
    REQUIRE(model.world.ask<Payment>(kPayment, payment::RecordRefund{call.attempt, {outcome, ""}, model.now}));
  }

  /// What people do; some of it is refused because of what was done before, and that is all.
  void act(const Model& model) {
    const auto with = [&](int Left::*left, auto&& command) {
      if (model.left.*left == 0) return;
      Model next = model;
      --(next.left.*left);
      next.world.ask<Order>(kOrder, command(next));
      explore(next);
    };
    with(&Left::refunds_of_a_tea, [](Model& next) {
      return order::RequestRefund{refund_id(++next.asked), {{kTea, 1, true}}, false, "torn", next.now};
    });
    with(&Left::refunds_of_the_rest, [](Model& next) {
      return order::RequestRefund{refund_id(++next.asked), {}, false, "torn", next.now};
    });
    with(&Left::cancellations, [](Model& next) { return order::Cancel{order::CancelReason::kUser, next.now}; });
    with(&Left::shipments, [](Model& next) { return order::Ship{ShipmentId{{0, 9}}, {}, "SF", "", next.now}; });
    for (const auto& refund : model.payment().refunds) {
      if (refund.status != payment::RefundStatus::kRefused) continue;
      Model next = model;
      REQUIRE(next.world.ask<Payment>(kPayment, payment::RetryRefund{refund.attempt, next.now}));
      explore(next);
    }
  }

  static void check(const Model& model) {
    for (const auto product : {kTea, kCup}) REQUIRE(is_sound(model.world.all<Stock>().at(product)));
    REQUIRE(is_sound(model.order()));
    REQUIRE(is_sound(model.payment()));
    REQUIRE(model.given_back <= kTotal.amount);
    REQUIRE(model.payment().refunded <= model.given_back);
  }

  void check_end(const Model& model) {
    const auto& state = model.order();
    for (const auto& refund : model.payment().refunds) {
      if (refund.status != payment::RefundStatus::kRefunded) return;  // somebody has to look at it first
    }
    std::int64_t kept = 0;
    std::int64_t units_back = 0;
    for (std::size_t i = 0; i < state.lines.size(); ++i) {
      kept += state.refundable(i) * state.lines[i].unit_price.amount;
      units_back += state.progress_of(i).refunded;
    }
    REQUIRE(model.given_back == kTotal.amount - kept);
    REQUIRE(model.payment().refunded == model.given_back);
    REQUIRE((state.state == order::OrderState::kClosedRefunded) == (units_back == 3));
    auto balances = model.world.balances();
    REQUIRE(balances[payment::LedgerAccount::kProvider] == kept);
    REQUIRE(balances[payment::LedgerAccount::kCustomer] == -kept);
    REQUIRE(balances[payment::LedgerAccount::kPromised] == 0);
    const auto& tea = model.world.all<Stock>().at(kTea);
    REQUIRE(tea.sold == 2);
    REQUIRE(tea.restocked <= state.progress_of(0).refunded);
    ++ends[std::string(name_of(state.state)) + " " + std::to_string(units_back)];
  }

  std::unordered_set<std::size_t> seen_;
};

Model a_paid_order(const Left& left) {
  Model model;
  model.left = left;
  REQUIRE(model.world.ask<Stock>(kTea, stock::Receive{2, ""}));
  REQUIRE(model.world.ask<Stock>(kCup, stock::Receive{1, ""}));
  const order::Line tea{kTea, Version{1}, "", "tea", "", "", kTeaPrice, 2};
  const order::Line cup{kCup, Version{1}, "", "cup", "", "", kCupPrice, 1};
  REQUIRE(model.world.ask<Order>(
      kOrder, order::Place{kBuyer, {tea, cup}, {"personal:v1:QQ"}, false, kStart, kDue, std::nullopt}));
  const auto deliver_all = [&] {
    while (model.world.waiting() > 0) model.world.deliver(0, false);
  };
  deliver_all();
  REQUIRE(model.world.ask<Payment>(
      kPayment, payment::Start{kOrder, kBuyer, "sandbox", kTotal, kStart, provider::Presentation::kQr, kDue}));
  REQUIRE(model.world.ask<Payment>(
      kPayment,
      payment::RecordReport{{provider::Source::kCallback, provider::Outcome::kPaid, "t", kTotal, {}, ""}, kStart}));
  deliver_all();
  model.world.calls().clear();
  REQUIRE(model.order().state == order::OrderState::kPaid);
  return model;
}

}  // namespace

TEST_CASE("B12: however refunds, a cancellation and a shipment are interleaved, the money is exact") {
  Explorer explorer;
  explorer.explore(a_paid_order({.refunds_of_a_tea = 2, .cancellations = 1, .shipments = 1}));
  MESSAGE(explorer.states, " states");
  for (const char* end : {"paid 0", "paid 1", "paid 2", "shipped 0", "shipped 1", "shipped 2", "closed_refunded 3"}) {
    CHECK_MESSAGE(explorer.ends[end] > 0, end);
  }
}

TEST_CASE("B11, B12: however refunds are refused, lost and made again after a crash, each is made once") {
  Explorer explorer;
  explorer.explore(a_paid_order(
      {.refunds_of_a_tea = 1, .cancellations = 1, .refusals = 1, .lost_answers = 1, .crashes = 1, .hasty_timers = 1}));
  MESSAGE(explorer.states, " states");
  for (const char* end : {"paid 0", "paid 1", "closed_refunded 3"}) CHECK_MESSAGE(explorer.ends[end] > 0, end);
}
