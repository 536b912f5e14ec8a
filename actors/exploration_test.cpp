// The shop explored at random: several crashes in one run, requests sent twice at once, many orders on few products;
// what must always hold is checked after every event and at the end of every run.
#include <doctest/doctest.h>

#include <cstdlib>

#include "actors/testing/hosts.hpp"
#include "engine/order/order.hpp"

namespace souk::testing {
namespace {

constexpr std::uint64_t kProducts = 3;
constexpr std::uint64_t kOrders = 6;

ProductId product(std::uint64_t n) {
  return ProductId{{n + 1, 2}};
}
OrderId order_id(std::uint64_t n) {
  return OrderId{{n + 1, 4}};
}
PaymentId payment_id(std::uint64_t n) {
  return PaymentId{{n + 1, 5}};
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* given = std::getenv(name);
  return given == nullptr ? otherwise : std::strtoull(given, nullptr, 10);
}

template <Entity E>
ClientCall call(typename E::Id id, typename E::Command command, std::uint64_t key, Until<E> wanted = nullptr) {
  ClientCall out;
  out.send = [=](EntityHost& host, DurabilityGate& gate, const std::function<void()>& answered) {
    host.ask<E>(id, command, keyed(key), wanted ? until<E>(wanted) : AskOptions<E>{},
                [&gate, answered](const Judged<E>& judged) { gate.hold(judged.position, answered); });
  };
  return out;
}

class Explorer {
 public:
  explicit Explorer(std::uint64_t seed) : random_(seed * 2 + 1), shop_(options(seed)) {}

  Simulation& run() {
    std::vector<ClientCall> deliveries;
    for (std::uint64_t n = 0; n < kProducts; ++n) twice(deliveries, call<Stock>(product(n), stock::Receive{4, ""}, n));
    phase(std::move(deliveries));
    std::vector<ClientCall> orders;
    for (std::uint64_t n = 0; n < kOrders; ++n)
      twice(orders, call<Order>(order_id(n), place(), 10 + n, order_is_settled));
    phase(std::move(orders));
    std::vector<ClientCall> rest;
    for (std::uint64_t n = 0; n < kOrders; ++n) {
      if (below(3) > 0) twice(rest, start(n));
      if (below(3) == 0)
        twice(rest, call<Order>(order_id(n), order::Cancel{order::CancelReason::kUser, kStart}, 20 + n));
    }
    phase(std::move(rest));
    std::vector<ClientCall> outcomes;
    for (std::uint64_t n = 0; n < kOrders; ++n) {
      if (below(3) > 0) {
        twice(outcomes, call<Payment>(payment_id(n), outcome(n), 30 + n));
      }
    }
    phase(std::move(outcomes));
    shop_.settle();
    shop_.advance(Duration::minutes(30));
    shop_.settle();
    return shop_;
  }

 private:
  static constexpr Time kStart{1'780'000'000'000'000};

  static SimulationOptions options(std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    options.lose_checkpoint = seed % 2 == 0;
    options.snapshot_every = 1 + seed % 4;
    return options;
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  void twice(std::vector<ClientCall>& calls, const ClientCall& one) {
    calls.push_back(one);
    if (below(2) == 0) calls.push_back(one);
  }

  void phase(std::vector<ClientCall> calls) {
    shop_.crash_after(below(120));
    shop_.run_phase(std::move(calls));
  }

  order::Place place() {
    order::Place out = place_order(product(below(kProducts)), 1 + static_cast<std::int64_t>(below(3)), kStart);
    order::Line second = out.lines.front();
    second.product = product(below(kProducts));
    out.lines.push_back(second);
    return out;
  }

  ClientCall start(std::uint64_t n) {
    const std::int64_t total = shop_.state<Order>(order_id(n)).total.amount;
    return call<Payment>(payment_id(n),
                         payment::Start{order_id(n), AccountId{{1, 1}}, "sandbox", Money{total, {}}, kStart,
                                        provider::Presentation::kQr, kStart + Duration::minutes(10)},
                         40 + n);
  }

  payment::RecordReport outcome(std::uint64_t n) {
    provider::Report report{provider::Source::kCallback, provider::Outcome::kPaid, "ref", {}, {}, {}};
    report.amount.amount = shop_.state<Payment>(payment_id(n)).amount.amount;
    if (below(4) == 0) report.outcome = provider::Outcome::kClosed;
    return {report, kStart};
  }

  std::mt19937_64 random_;
  Simulation shop_;
};

/// Folds one stream and calls `check` with the state after each event.
template <Entity E, class Check>
void after_each_event(const std::vector<RecordPtr>& records, typename E::Id id, Check check) {
  typename E::State before;
  for (const auto& record : records) {
    if (record->stream != stream_of<E>(id)) continue;
    const auto event = decode_event<typename E::Event>(record->type, record->schema, record->payload).value();
    const typename E::State after = E::evolve(before, event);
    check(before, after);
    before = after;
  }
}

bool is_legal_step(order::OrderState from, order::OrderState to) {
  using enum order::OrderState;
  if (from == to) return true;
  switch (from) {
    case kNone: return to == kPlaced;
    case kPlaced: return to == kAwaitingPayment || to == kRejected || to == kCancelled;
    case kAwaitingPayment: return to == kPaid || to == kCancelled;
    case kPaid: return to == kCancelled;
    case kCancelled: return to == kClosedRefunded;
    default: break;
  }
  return false;
}

void check_always(const std::vector<RecordPtr>& records) {
  bool stock_holds = true;
  bool orders_legal = true;
  bool payments_hold = true;
  for (std::uint64_t n = 0; n < kProducts; ++n) {
    after_each_event<Stock>(records, product(n), [&](const stock::State&, const stock::State& now) {
      stock_holds = stock_holds && now.reserved >= 0 && now.reserved <= now.on_hand &&
                    now.on_hand == now.received + now.adjusted + now.restocked - now.sold;
    });
  }
  for (std::uint64_t n = 0; n < kOrders; ++n) {
    after_each_event<Order>(records, order_id(n), [&](const order::State& before, const order::State& now) {
      orders_legal = orders_legal && is_legal_step(before.state, now.state);
    });
    after_each_event<Payment>(records, payment_id(n), [&](const payment::State&, const payment::State& now) {
      payments_hold = payments_hold && now.captured >= now.refunded && now.refunded >= 0;
    });
  }
  CHECK(stock_holds);
  CHECK(orders_legal);
  CHECK(payments_hold);
}

void check_live(Simulation& shop) {
  const auto live = shop.live_states();
  for (const auto& [name, folded] : shop.folded_states()) {
    INFO("stream ", name);
    CHECK(live.at(name) == folded);
  }
}

void check_end(Simulation& shop) {
  std::map<ProductId, std::int64_t> sold;
  std::int64_t kept = 0;
  std::int64_t earned = 0;
  for (std::uint64_t n = 0; n < kOrders; ++n) {
    const auto order = shop.state<Order>(order_id(n));
    CHECK(order.state != order::OrderState::kPlaced);
    CHECK(order.state != order::OrderState::kAwaitingPayment);
    const auto payment = shop.state<Payment>(payment_id(n));
    kept += payment.captured - payment.refunded;
    if (order.payment.empty()) continue;
    earned += order.state == order::OrderState::kPaid ? order.total.amount : 0;
    for (const auto& line : order.lines) sold[line.product] += line.quantity;
  }
  CHECK(kept == earned);
  for (std::uint64_t n = 0; n < kProducts; ++n) {
    const auto stock = shop.state<Stock>(product(n));
    CHECK(stock.received == 4);
    CHECK(stock.reserved == 0);
    CHECK(stock.sold == sold[product(n)]);
  }
  CHECK(shop.faults().empty());
  // The live entities say the same as the whole log, and so do those woken from a snapshot and a tail.
  check_live(shop);
  shop.crash_after(0);
  shop.settle();
  check_live(shop);
}

TEST_CASE("whatever is sent twice and however often it crashes, the shop ends legal, sold out at most, and balanced") {
  const std::uint64_t first = from_environment("SOUK_SEED", 1);
  const std::uint64_t count = from_environment("SOUK_SEEDS", 150);
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    INFO("seed ", seed);
    Explorer explorer(seed);
    Simulation& shop = explorer.run();
    crashes += shop.crashes();
    check_always(shop.records());
    check_end(shop);
  }
  MESSAGE(count, " seeds from ", first, ", ", crashes, " crashes");
  if (count >= 100) CHECK(crashes > count);
}

}  // namespace
}  // namespace souk::testing
