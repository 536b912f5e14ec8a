// An order, its stock and its payment against a provider, in every order in which things can happen: the customer pays
// or does not, callbacks come late, twice or never, polls cross them, the order is cancelled or runs out of time, calls
// are lost, and a crash has a call made again. Whatever happens, either the order is paid, or all money is back.
//
// A crash loses what was not durable, and with it what that had brought about: that is a state in which the callback,
// the cancellation or the timer has not come yet, and it is explored as such, for none of them was acknowledged. What
// is left of a crash is what had left the process: a call that was obeyed, and whose answer nobody remembers.
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
constexpr ProductId kProduct{{0, 2}};
constexpr AccountId kBuyer{{0, 3}};
constexpr Time kStart{1'000'000};
constexpr Time kDue = {kStart.us + Duration::seconds(20).us};  // a poll fits in before
const Money kPrice = yuan(500);

/// What may go wrong, and how often at most, so that there is an end to what can happen.
struct Faults {
  int lost_answers = 1;
  int crashes = 1;
  int repeated_callbacks = 1;
  int hasty_timers = 2;  ///< timers that fire before what is on its way has arrived
};

/// The other side, as it really is.
struct Provider {
  enum class Trade : std::uint8_t { kNone, kPending, kPaid, kClosed };
  Trade trade = Trade::kNone;
  int callbacks = 0;  ///< on their way; they may stay there forever
  std::int64_t refunded = 0;
  std::set<RefundId> refunds;
};

struct Model {
  World world;
  std::map<PaymentId, Provider> provider;
  Faults left;
  Time now = kStart;
  bool may_cancel = true;
  int money_left = 1;  ///< how many payments the customer can still be brought to make

  void start_payment(PaymentId id) {
    provider[id];
    REQUIRE(world.ask<Payment>(
        id, payment::Start{kOrder, kBuyer, "sandbox", kPrice, now, provider::Presentation::kQr, kDue}));
  }

  void report(PaymentId id, provider::Source source, provider::Outcome outcome, std::string problem = {}) {
    REQUIRE(
        world.ask<Payment>(id, payment::RecordReport{{source, outcome, "trade", kPrice, {}, std::move(problem)}, now}));
  }

  [[nodiscard]] std::string fingerprint() const {
    std::string out = world.fingerprint();
    for (const auto& call : world.calls()) {
      out += std::visit([](const auto& made) { return name_of_call(made); }, call);
    }
    for (const auto& [id, side] : provider) {
      for (const auto part : {static_cast<std::int64_t>(side.trade), std::int64_t{side.callbacks}, side.refunded}) {
        out += std::to_string(part) + ",";
      }
    }
    for (const auto part :
         {left.lost_answers, left.crashes, left.repeated_callbacks, left.hasty_timers, int{may_cancel}, money_left}) {
      out += std::to_string(part) + ",";
    }
    return out + std::to_string(now.us);
  }

  static std::string name_of_call(const provider::Create& call) { return "create" + call.payment.str(); }
  static std::string name_of_call(const provider::Query& call) { return "query" + call.payment.str(); }
  static std::string name_of_call(const provider::Close& call) { return "close" + call.payment.str(); }
  static std::string name_of_call(const provider::Refund& call) { return "refund" + call.attempt.str(); }
  static std::string name_of_call(const auto& /*call*/) { return {}; }
};

enum class Fate : std::uint8_t { kAnswered, kLost, kCrashed };

/// The provider does what it is asked. Its answer arrives, is lost, or finds nobody who remembers having asked.
struct Ask {
  Model& model;
  Fate fate;

  void answer(const provider::Query& call) { tell(call.payment, provider::Source::kPoll); }
  void answer(const provider::Close& call) {
    auto& trade = model.provider[call.payment].trade;
    if (trade == Provider::Trade::kPending) trade = Provider::Trade::kClosed;
    tell(call.payment, provider::Source::kClose);
  }
  void answer(const provider::Create& call) {
    auto& trade = model.provider[call.payment].trade;
    if (trade == Provider::Trade::kNone) trade = Provider::Trade::kPending;
    if (fate == Fate::kCrashed) return;
    const bool succeeded = fate == Fate::kAnswered && trade != Provider::Trade::kClosed;
    const provider::Created created{succeeded, succeeded ? "https://pay.example" : "", "", succeeded ? "" : "timeout"};
    REQUIRE(model.world.ask<Payment>(call.payment, payment::RecordCreated{created, model.now}));
  }
  void answer(const provider::Refund& call) {
    auto& side = model.provider[call.payment];
    if (side.refunds.insert(call.attempt).second) side.refunded += call.amount.amount;
    if (fate == Fate::kCrashed) return;
    const auto outcome = fate == Fate::kLost ? provider::RefundOutcome::kUnknown : provider::RefundOutcome::kRefunded;
    REQUIRE(model.world.ask<Payment>(call.payment, payment::RecordRefund{call.attempt, {outcome, ""}, model.now}));
  }
  void answer(const auto& /*call*/) {}

  void tell(PaymentId id, provider::Source source) {
    using enum Provider::Trade;
    if (fate == Fate::kCrashed) return;
    if (fate == Fate::kLost) {
      model.report(id, source, provider::Outcome::kUnknown, "timeout");
      return;
    }
    switch (model.provider[id].trade) {
      case kNone: model.report(id, source, provider::Outcome::kUnknown); break;
      case kPending: model.report(id, source, provider::Outcome::kPending); break;
      case kPaid: model.report(id, source, provider::Outcome::kPaid); break;
      case kClosed: model.report(id, source, provider::Outcome::kClosed); break;
    }
  }
};

class Explorer {
 public:
  std::map<std::string, int> ends;  ///< how the order ended, and what became of the money
  std::size_t states = 0;

  void explore(const Model& model) {
    if (!seen_.insert(std::hash<std::string>{}(model.fingerprint())).second) return;
    ++states;
    check(model);
    const bool is_quiet = model.world.waiting() == 0 && model.world.calls().empty();
    if (is_quiet && model.world.timers() == 0) check_end(model);
    deliver(model);
    answer(model);
    pay(model);
    call_back(model);
    if (model.may_cancel) {
      Model next = model;
      next.may_cancel = false;
      // Refused once it is too late, and that is all.
      next.world.ask<Order>(kOrder, order::Cancel{order::CancelReason::kUser, next.now});
      explore(next);
    }
    if (model.world.timers() > 0 && (is_quiet || model.left.hasty_timers > 0)) {
      Model next = model;
      if (!is_quiet) --next.left.hasty_timers;
      next.now = std::max(next.now, next.world.next_due());
      next.world.advance(next.now);
      explore(next);
    }
  }

 private:
  void deliver(const Model& model) {
    for (std::size_t i = 0; i < model.world.waiting(); ++i) {
      Model next = model;
      next.world.deliver(i, true);  // a repetition changes nothing, so it needs no branch of its own
      explore(next);
    }
  }

  void answer(const Model& model) {
    for (std::size_t i = 0; i < model.world.calls().size(); ++i) {
      for (const auto fate : {Fate::kAnswered, Fate::kLost, Fate::kCrashed}) {
        if (fate == Fate::kLost && model.left.lost_answers == 0) continue;
        if (fate == Fate::kCrashed && model.left.crashes == 0) continue;
        Model next = model;
        if (fate == Fate::kLost) --next.left.lost_answers;
        if (fate == Fate::kCrashed) --next.left.crashes;
        const Call call = next.world.calls()[i];
        if (fate != Fate::kCrashed) next.world.calls().erase(next.world.calls().begin() + static_cast<long>(i));
        std::visit([&](const auto& made) { Ask{next, fate}.answer(made); }, call);
        explore(next);
      }
    }
  }

  void pay(const Model& model) {
    for (const auto& [id, side] : model.provider) {
      if (side.trade != Provider::Trade::kPending || model.money_left == 0 || model.now >= kDue) continue;
      Model next = model;
      --next.money_left;
      next.provider[id].trade = Provider::Trade::kPaid;
      next.provider[id].callbacks = 1;
      explore(next);
    }
  }

  void call_back(const Model& model) {
    for (const auto& [id, side] : model.provider) {
      if (side.callbacks == 0) continue;
      Model next = model;
      next.report(id, provider::Source::kCallback, provider::Outcome::kPaid);
      if (next.left.repeated_callbacks > 0) {
        Model again = next;
        --again.left.repeated_callbacks;
        explore(again);
      }
      next.provider[id].callbacks = 0;
      explore(next);
    }
  }

  static void check(const Model& model) {
    const auto& stock = model.world.all<Stock>().at(kProduct);
    REQUIRE(is_sound(stock));
    for (const auto& [id, state] : model.world.all<Payment>()) {
      const auto& side = model.provider.at(id);
      REQUIRE(is_sound(state));
      if (state.captured > 0) REQUIRE(side.trade == Provider::Trade::kPaid);
      REQUIRE(side.refunded <= kPrice.amount);
      REQUIRE(state.refunded <= side.refunded);
    }
    REQUIRE(is_sound(model.world.all<Order>().at(kOrder)));
  }

  void check_end(const Model& model) {
    const auto& order = model.world.all<Order>().at(kOrder);
    const auto& stock = model.world.all<Stock>().at(kProduct);
    std::int64_t taken = 0;
    std::int64_t given_back = 0;
    for (const auto& [id, side] : model.provider) {
      const auto& state = model.world.all<Payment>().at(id);
      const bool is_paid = side.trade == Provider::Trade::kPaid;
      // However it was told or not told: what was paid is known.
      REQUIRE(state.captured == (is_paid ? kPrice.amount : 0));
      REQUIRE(state.refunded == side.refunded);
      REQUIRE(side.trade != Provider::Trade::kPending);
      taken += state.captured;
      given_back += side.refunded;
    }
    const std::int64_t kept = taken - given_back;
    const bool is_sold = order.state == order::OrderState::kPaid;
    REQUIRE(
        (is_sold || order.state == order::OrderState::kCancelled || order.state == order::OrderState::kClosedRefunded));
    REQUIRE(kept == (is_sold ? kPrice.amount : 0));
    REQUIRE(stock.reserved == 0);
    REQUIRE(stock.available() == (is_sold ? 0 : 1));
    std::map<payment::LedgerAccount, std::int64_t> balances = model.world.balances();
    REQUIRE(balances[payment::LedgerAccount::kProvider] == kept);
    REQUIRE(balances[payment::LedgerAccount::kCustomer] == -kept);
    REQUIRE(balances[payment::LedgerAccount::kPromised] == 0);
    ++ends[std::string(name_of(order.state)) + (taken > 0 && kept == 0 ? ", money given back" : "")];
  }

  std::unordered_set<std::size_t> seen_;
};

Model an_order_that_waits_to_be_paid() {
  Model model;
  REQUIRE(model.world.ask<Stock>(kProduct, stock::Receive{1, ""}));
  const order::Line line{kProduct, Version{1}, "", "tea", "", "", kPrice, 1};
  REQUIRE(model.world.ask<Order>(kOrder,
                                 order::Place{kBuyer, {line}, {"personal:v1:QQ"}, false, kStart, kDue, std::nullopt}));
  while (model.world.waiting() > 0) model.world.deliver(0, false);
  REQUIRE(model.world.all<Order>().at(kOrder).state == order::OrderState::kAwaitingPayment);
  return model;
}

}  // namespace

TEST_CASE(
    "B01, B02, B04, B05, B08, B11: in whatever order callback, poll, cancel, timeout and crash come, money and goods "
    "agree") {
  Model model = an_order_that_waits_to_be_paid();
  model.start_payment(PaymentId{{0, 7}});
  Explorer explorer;
  explorer.explore(model);
  MESSAGE(explorer.states, " states");
  for (const char* end : {"paid", "cancelled", "cancelled, money given back", "closed_refunded, money given back"}) {
    CHECK_MESSAGE(explorer.ends[end] > 0, end);
  }
}

TEST_CASE("of two payments of one order both of which are paid, exactly one is kept") {
  Model model = an_order_that_waits_to_be_paid();
  model.left = {0, 0, 0, 0};
  model.money_left = 2;
  model.start_payment(PaymentId{{0, 7}});
  model.start_payment(PaymentId{{0, 8}});
  Explorer explorer;
  explorer.explore(model);
  MESSAGE(explorer.states, " states");
  for (const char* end : {"paid", "cancelled", "cancelled, money given back", "closed_refunded, money given back"}) {
    CHECK_MESSAGE(explorer.ends[end] > 0, end);
  }
}
