#include "actors/effect_dispatcher.hpp"

#include <doctest/doctest.h>

#include <set>

#include "actors/testing/hosts.hpp"
#include "actors/testing/wrapped_log.hpp"

namespace souk::testing {
namespace {

const ProductId kTea{{1, 2}};
const OrderId kOrder{{4, 4}};
const PaymentId kPayment{{5, 5}};

MemoryLogOptions by_hand() {
  MemoryLogOptions options;
  options.auto_commit = false;
  return options;
}

/// Writes down what refunds it is asked for and answers when it is told to; to all else it never answers.
class RecordingProvider final : public PaymentProvider {
 public:
  void create(const provider::Create& wanted, std::function<void(provider::Created)> answer) override {
    created.push_back(wanted);
    create_answers.push_back(std::move(answer));
  }
  void query(const provider::Query& wanted, std::function<void(provider::Report)> answer) override {
    queried.push_back(wanted);
    report_answers.push_back(std::move(answer));
  }
  void close(const provider::Close& wanted, std::function<void(provider::Report)> answer) override {
    closed.push_back(wanted);
    report_answers.push_back(std::move(answer));
  }
  void refund(const provider::Refund& wanted, std::function<void(provider::RefundReport)> answer) override {
    refunds.push_back(wanted);
    answers.push_back(std::move(answer));
  }
  std::vector<provider::Create> created;
  std::vector<provider::Query> queried;
  std::vector<provider::Close> closed;
  std::vector<provider::Refund> refunds;
  std::vector<std::function<void(provider::Created)>> create_answers;
  std::vector<std::function<void(provider::Report)>> report_answers;
  std::vector<std::function<void(provider::RefundReport)>> answers;
};

constexpr auto kRefunded = provider::RefundOutcome::kRefunded;

payment::Start start_of_payment(Time now) {
  return {kOrder,
          AccountId{{1, 1}},
          "sandbox",
          Money{500, {}},
          now,
          provider::Presentation::kQr,
          now + Duration::minutes(10)};
}
provider::Report paid_report() {
  return {provider::Source::kCallback, provider::Outcome::kPaid, "ref", Money{500, {}}, {}, {}};
}

/// A payment that succeeds for an order nobody knows is returned: a refund is asked of the provider.
void pay_for_nothing(SteppedHost& shop, ManualClock& clock) {
  shop.ask<Payment>(kPayment, start_of_payment(clock.now()));
  shop.ask<Payment>(kPayment, payment::RecordReport{paid_report(), clock.now()});
  shop.run();
}

payment::State payment_now(SteppedHost& shop) {
  const auto answer = shop.read<Payment>(kPayment);
  shop.run();
  return answer->at(0).state;
}

TEST_CASE("a refund is asked for once its intent is durable, once, and its answer is recorded") {
  ManualClock clock;
  MemoryEventLog log(clock, by_hand());
  RecordingProvider provider;
  SteppedHost shop(log, clock, {}, &provider);
  pay_for_nothing(shop, clock);
  // Started, reported, succeeded, unwanted by the order and returned, refund requested: all ordered ahead of
  // durability.
  CHECK((log.head(Visibility::kOrdered) == Position{6}));
  std::uint64_t intent = 0;
  const auto records = log.read(Position{}, 6, Visibility::kOrdered);
  for (const auto& record : *records) {
    if (record->type == payment::RefundRequested::kType) intent = record->position.value;
  }
  REQUIRE(intent > 1);
  while (log.head(Visibility::kDurable).value + 1 < intent) log.commit_some(1);
  shop.run();
  CHECK(provider.refunds.empty());
  log.commit_all();
  shop.run();
  REQUIRE(provider.created.size() == 1);
  provider.create_answers[0]({true, "u", {}, {}});
  shop.run();
  REQUIRE(provider.refunds.size() == 1);
  CHECK((provider.refunds[0].amount == Money{500, {}}));
  CHECK(shop.host.stats().effects_under_way == 1);
  provider.answers.at(0)({kRefunded, {}});
  shop.run();
  CHECK(standing_of(payment_now(shop)) == payment::Standing::kRefunded);
  CHECK(shop.host.stats().effects_under_way == 0);
  log.commit_all();
  shop.run();
  CHECK(provider.refunds.size() == 1);
}

TEST_CASE("a refund whose answer a crash lost is asked for again under the same attempt and recorded once") {
  ManualClock clock;
  RecordingProvider provider;
  MemoryDisk disk;
  for (int life = 0; life < 3; ++life) {
    MemoryEventLog log(clock, disk, by_hand());
    SteppedHost shop(log, clock, {}, &provider);
    if (life == 0) pay_for_nothing(shop, clock);
    shop.run();
    log.commit_all();
    shop.run();
    REQUIRE(provider.refunds.size() == static_cast<std::size_t>(life) + 1);
    if (life == 2) {
      provider.answers.back()({kRefunded, {}});
      shop.run();
      CHECK(payment_now(shop).refunded == 500);
    }
    disk = log.crash();
  }
  std::set<RefundId> attempts;
  for (const auto& refund : provider.refunds) attempts.insert(refund.attempt);
  CHECK(attempts.size() == 1);
}

TEST_CASE("an answer that comes when the host is gone is heard by nobody") {
  ManualClock clock;
  MemoryEventLog log(clock);
  RecordingProvider provider;
  {
    SteppedHost shop(log, clock, {}, &provider);
    pay_for_nothing(shop, clock);
    REQUIRE(provider.answers.size() == 1);
  }
  provider.answers[0]({kRefunded, {}});
  CHECK((log.head(Visibility::kOrdered) == Position{6}));
}

TEST_CASE("a payment is created, asked after and closed at its provider, and the answers are recorded") {
  ManualClock clock;
  MemoryEventLog log(clock);
  RecordingProvider provider;
  SteppedHost shop(log, clock, {}, &provider);
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  shop.run();
  shop.ask<Order>(kOrder, place_order(kTea, 1, clock.now()));
  shop.run();
  shop.ask<Payment>(kPayment, start_of_payment(clock.now()));
  shop.run();
  REQUIRE(provider.created.size() == 1);
  CHECK((provider.created[0].amount == Money{500, {}}));
  provider.create_answers[0]({true, "https://pay.example", "qr", {}});
  shop.run();
  CHECK(payment_now(shop).pay_url == "https://pay.example");
  shop.advance(Duration::seconds(16));
  shop.run();
  REQUIRE(provider.queried.size() == 1);
  shop.ask<Order>(kOrder, order::Cancel{order::CancelReason::kUser, clock.now()});
  shop.run();
  REQUIRE(provider.closed.size() == 1);
  provider.report_answers.at(1)({provider::Source::kClose, provider::Outcome::kClosed, {}, {}, {}, {}});
  shop.run();
  CHECK(payment_now(shop).status == payment::Status::kClosed);
}

TEST_CASE("a call that nobody answers holds up the checkpoint for a while only, and a second answer is not heard") {
  ManualClock clock;
  MemoryEventLog log(clock);
  RecordingProvider provider;
  SteppedHost shop(log, clock, {}, &provider);
  shop.ask<Payment>(kPayment, start_of_payment(clock.now()));
  shop.run();
  // To be created, and to be closed, for nobody has ordered anything.
  CHECK(shop.host.stats().effects_under_way == 2);
  clock.advance(Duration::minutes(6));
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  shop.run();
  CHECK(shop.host.stats().effects_under_way == 0);
  provider.create_answers.at(0)({true, "late", {}, {}});
  provider.create_answers.at(0)({true, "later", {}, {}});
  shop.run();
  CHECK(payment_now(shop).pay_url.empty());
}

/// Keeps only the last events in memory.
class ShortMemoryLog final : public WrappedLog {
 public:
  using WrappedLog::WrappedLog;
  std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) override {
    if (after.value + kWindow < inner.head(Visibility::kOrdered).value) {
      ++too_old;
      return std::nullopt;
    }
    return inner.read_recent(after, limit);
  }
  static constexpr std::uint64_t kWindow = 100;
  std::atomic<int> too_old{0};
};

TEST_CASE("a dispatcher far behind the log reads the disk and misses nothing") {
  ManualClock clock;
  ShortMemoryLog log(clock);
  // Orders placed while nobody dispatched: each asks the stock for one.
  constexpr std::uint64_t kOrders = 2'000;
  auto stock = make_live_entity(stream_of<Stock>(kTea), log, {});
  Stock::Command receive = stock::Receive{1'000'000, ""};
  stock->obey(&receive, {});
  for (std::uint64_t n = 0; n < kOrders; ++n) {
    auto order = make_live_entity(stream_of<Order>(OrderId{{n, 1}}), log, {});
    Order::Command place = place_order(kTea, 1, clock.now());
    order->obey(&place, {});
  }
  ThreadedHost shop(log, clock);
  REQUIRE(eventually([&] {
    const HostStats stats = shop.host.stats();
    return stats.dispatch_position == log.head(Visibility::kOrdered).value && stats.effects_under_way == 0 &&
           stats.dispatch_position == 1 + 4 * kOrders;
  }));
  CHECK(log.too_old > 0);
  CHECK(shop.host.caught_up());
  CHECK(shop.read<Stock>(kTea).state.reserved == static_cast<std::int64_t>(kOrders));
  CHECK(shop.read<Order>(OrderId{{kOrders - 1, 1}}).state.state == order::OrderState::kAwaitingPayment);
}

TEST_CASE("the dispatcher's checkpoint follows what is obeyed, so that a restart delivers little again") {
  ManualClock clock;
  MemoryEventLog log(clock, by_hand());
  {
    SteppedHost shop(log, clock);
    shop.ask<Stock>(kTea, stock::Receive{5, ""});
    shop.ask<Order>(kOrder, place_order(kTea, 2, clock.now()));
    shop.run();
    log.commit_all();
    shop.run();
    CHECK((log.checkpoint(EffectDispatcher::kConsumer) == log.head(Visibility::kOrdered)));
  }
  MemoryDisk disk = log.crash();
  const Position head = disk.head();
  MemoryEventLog next(clock, std::move(disk), by_hand());
  SteppedHost shop(next, clock);
  shop.run();
  CHECK(shop.host.caught_up());
  CHECK((next.head(Visibility::kOrdered) == head));
}

void append_raw(EventLog& log, const StreamId& stream, std::string type) {
  AppendRequest request;
  request.stream = stream;
  request.events.push_back({std::move(type), 1, "{}", {}});
  REQUIRE(log.append(std::move(request)));
}

TEST_CASE("an event nobody can read stops the dispatcher with a report instead of being skipped") {
  for (const StreamId& stream : {stream_of<Stock>(ProductId{{9, 9}}), StreamId("unheard", {1, 1})}) {
    ManualClock clock;
    MemoryEventLog log(clock);
    append_raw(log, stream, "stock.from_the_future");
    SteppedHost shop(log, clock);
    shop.ask<Stock>(kTea, stock::Receive{5, ""});
    shop.ask<Order>(kOrder, place_order(kTea, 2, clock.now()));
    shop.run();
    shop.advance(Duration::seconds(10));
    shop.run();
    CHECK(shop.host.stats().dispatch_position == 0);
    CHECK((log.checkpoint(EffectDispatcher::kConsumer) == Position{}));
    CHECK_FALSE(shop.host.caught_up());
    CHECK(shop.faults.size() == 1);
    CHECK(shop.faults.has("cannot be reacted to"));
  }
}

}  // namespace
}  // namespace souk::testing
