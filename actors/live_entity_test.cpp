#include "actors/live_entity.hpp"

#include <doctest/doctest.h>

#include "actors/testing/simulation.hpp"

namespace souk::testing {
namespace {

constexpr Time kStart{1'780'000'000'000'000};
const ProductId kTea{{2, 2}};
const OrderId kOrder{{4, 4}};
const AccountId kBuyer{{1, 1}};

struct Bench {
  std::unique_ptr<LiveEntity> load(const StreamId& stream) {
    auto entity = make_live_entity(stream, log, {});
    REQUIRE(entity->restore(log.load(stream, entity->state_schema()).value()));
    return entity;
  }
  template <Entity E>
  std::unique_ptr<LiveEntity> load(typename E::Id id) {
    return load(stream_of<E>(id));
  }
  std::vector<RecordPtr> records() { return log.read(Position{}, 1'000, Visibility::kOrdered).value(); }
  [[nodiscard]] Position head() const { return log.head(Visibility::kOrdered); }

  ManualClock clock;
  MemoryEventLog log{clock};
};

template <Entity E>
const typename E::State& state_of(const LiveEntity& entity) {
  return *static_cast<const typename E::State*>(entity.state());
}

template <Entity E>
Judgement obey(LiveEntity& entity, typename E::Command command, const CommandMeta& meta = {}) {
  return entity.obey(&command, meta);
}

CommandMeta effect_at(std::uint64_t position) {
  CommandMeta meta;
  meta.cause = Cause::kEffect;
  meta.causation = Position{position};
  return meta;
}

CommandMeta keyed(std::uint64_t key, std::uint8_t body) {
  CommandMeta meta;
  meta.command_id = CommandId{{9, key}};
  meta.has_key = true;
  meta.fingerprint[0] = body;
  return meta;
}

order::Place place(Time due = kStart + Duration::minutes(10)) {
  order::Line line;
  line.product = kTea;
  line.product_version = Version{1};
  line.name = "tea";
  line.unit_price = Money{500, {}};
  line.quantity = 2;
  order::Place out;
  out.account = kBuyer;
  out.lines = {line};
  out.address.sealed = "personal:v1:address";
  out.placed_at = kStart;
  out.payment_due_at = due;
  return out;
}

TEST_CASE("a command appends its events and is judged at the last of them") {
  Bench bench;
  const auto stock = bench.load<Stock>(kTea);
  const Judgement judged = obey<Stock>(*stock, stock::Receive{5, "delivery"});
  CHECK(judged.verdict == Verdict::kDone);
  CHECK((judged.position == Position{1}));
  CHECK((stock->version() == Version{1}));
  CHECK(state_of<Stock>(*stock).on_hand == 5);
}

TEST_CASE("a refused command writes nothing and says why") {
  Bench bench;
  const auto stock = bench.load<Stock>(kTea);
  const Judgement judged = obey<Stock>(*stock, stock::Receive{0, "nothing"});
  CHECK(judged.verdict == Verdict::kRefused);
  REQUIRE(judged.refusal);
  CHECK(judged.refusal->reason == "stock.quantity_invalid");
  CHECK((bench.head() == Position{}));
}

TEST_CASE("an effect at or below the highest position obeyed is obeyed already, also after a reload") {
  Bench bench;
  auto claim = bench.load<Claim>(ClaimId{{7, 7}});
  CHECK(obey<Claim>(*claim, claim::Take{kBuyer, {}}, effect_at(10)).verdict == Verdict::kDone);
  CHECK(obey<Claim>(*claim, claim::Take{kBuyer, {}}, effect_at(10)).verdict == Verdict::kUnchanged);
  CHECK(obey<Claim>(*claim, claim::Take{kBuyer, {}}, effect_at(9)).verdict == Verdict::kUnchanged);
  claim = bench.load<Claim>(ClaimId{{7, 7}});
  CHECK(obey<Claim>(*claim, claim::Take{kBuyer, {}}, effect_at(10)).verdict == Verdict::kUnchanged);
  CHECK((bench.head() == Position{1}));
  CHECK(obey<Claim>(*claim, claim::Take{kBuyer, {}}, effect_at(11)).verdict == Verdict::kDone);
}

TEST_CASE("a key that did its command before is repeated, at a position that holds its outcome") {
  Bench bench;
  auto stock = bench.load<Stock>(kTea);
  obey<Stock>(*stock, stock::Receive{5, ""}, keyed(1, 1));
  obey<Stock>(*stock, stock::Receive{1, ""}, keyed(2, 1));
  for (int reloaded = 0; reloaded < 2; ++reloaded) {
    const Judgement again = obey<Stock>(*stock, stock::Receive{5, ""}, keyed(1, 1));
    CHECK(again.verdict == Verdict::kRepeated);
    CHECK((again.position == Position{2}));
    CHECK(state_of<Stock>(*stock).on_hand == 6);
    stock = bench.load<Stock>(kTea);
  }
}

TEST_CASE("a key of another request, or of another stream, is refused and writes nothing") {
  Bench bench;
  const auto tea = bench.load<Stock>(kTea);
  const auto cup = bench.load<Stock>(ProductId{{3, 3}});
  obey<Stock>(*tea, stock::Receive{5, ""}, keyed(1, 1));
  const auto check = [&](const Judgement& judged) {
    CHECK(judged.verdict == Verdict::kRefused);
    REQUIRE(judged.refusal);
    CHECK(judged.refusal->reason == "idempotency.key_reused");
    CHECK((judged.refusal->code == ErrorCode::kUnprocessable));
    // The refusal itself rests on the first command: it may not be told before that is durable.
    CHECK((judged.position == Position{1}));
  };
  check(obey<Stock>(*tea, stock::Receive{6, ""}, keyed(1, 2)));
  check(obey<Stock>(*cup, stock::Receive{5, ""}, keyed(1, 1)));
  CHECK((bench.head() == Position{1}));
}

TEST_CASE("a keyed command that was refused is judged anew") {
  Bench bench;
  const auto order = bench.load<Order>(kOrder);
  CHECK(obey<Order>(*order, order::Cancel{}, keyed(1, 1)).verdict == Verdict::kRefused);
  obey<Order>(*order, place());
  CHECK(obey<Order>(*order, order::Cancel{}, keyed(1, 1)).verdict == Verdict::kDone);
}

TEST_CASE("reactions set timers with their events and clear them, naming the due time they had") {
  Bench bench;
  const auto order = bench.load<Order>(kOrder);
  const Time due = kStart + Duration::minutes(10);
  obey<Order>(*order, place(due));
  REQUIRE(bench.log.due_timers(due, 10).size() == 1);
  CHECK((bench.log.due_timers(due, 10)[0] == PendingTimer{order->stream(), "payment_due", due, Position{1}}));
  CHECK(bench.log.due_timers(due + Duration{-1}, 10).empty());
  obey<Order>(*order, order::Cancel{order::CancelReason::kUser, kStart});
  CHECK(bench.log.due_timers(due, 10).empty());
  CHECK(
      (bench.records().back()->timers == std::vector<TimerChange>{{TimerChange::Kind::kCleared, "payment_due", due}}));
}

/// Opens what moving and clearing timers is made of; no entity of the shop moves a timer yet.
struct TimerRules : LiveEntity {
  using LiveEntity::note_timer_effects;
  using LiveEntity::Timer;
};

TEST_CASE("moving a timer clears the old one; clearing one that is not set does nothing") {
  std::vector<TimerRules::Timer> timers;
  NewEvent event;
  Effects effects;
  effects.timers = {SetTimer{"a", Time{5}}, SetTimer{"a", Time{7}}, ClearTimer{"b"}};
  TimerRules::note_timer_effects(effects, timers, event);
  CHECK((event.timers == std::vector<TimerChange>{{TimerChange::Kind::kSet, "a", Time{5}},
                                                  {TimerChange::Kind::kCleared, "a", Time{5}},
                                                  {TimerChange::Kind::kSet, "a", Time{7}}}));
  REQUIRE(timers.size() == 1);
  CHECK((timers[0].due == Time{7}));
}

TEST_CASE("a timer that fell due is obeyed and cleared with its outcome") {
  Bench bench;
  const auto order = bench.load<Order>(kOrder);
  const Time due = kStart + Duration::minutes(10);
  obey<Order>(*order, place(due));
  const auto timers = bench.log.due_timers(due, 10);
  CHECK(order->fire(timers.at(0), timers.at(0).due).verdict == Verdict::kDone);
  CHECK(state_of<Order>(*order).state == order::OrderState::kCancelled);
  CHECK(bench.log.due_timers(due, 10).empty());
  const RecordPtr last = bench.records().back();
  CHECK(last->meta.cause == Cause::kTimer);
  CHECK((last->meta.causation == timers[0].set_by));
  CHECK(order->fire(timers.at(0), timers.at(0).due).verdict == Verdict::kUnchanged);
}

TEST_CASE("a fired timer that is not set any more, or at another time, is forgotten without an event") {
  Bench bench;
  const auto order = bench.load<Order>(kOrder);
  const Time due = kStart + Duration::minutes(10);
  obey<Order>(*order, place(due));
  PendingTimer other = bench.log.due_timers(due, 10).at(0);
  other.due = due + Duration::minutes(1);
  CHECK(order->fire(other, other.due).verdict == Verdict::kUnchanged);
  CHECK(state_of<Order>(*order).state == order::OrderState::kPlaced);
  CHECK((bench.head() == Position{1}));

  // As after a crash that lost the entity's view: the log still has the timer, a stream that never set it does not.
  const auto stranger = bench.load<Order>(OrderId{{5, 5}});
  CHECK(stranger->fire(other, other.due).verdict == Verdict::kUnchanged);
  CHECK((bench.head() == Position{1}));
}

TEST_CASE("another writer on the stream marks the entity as broken, and a reload sees both") {
  Bench bench;
  const auto mine = bench.load<Stock>(kTea);
  const auto theirs = bench.load<Stock>(kTea);
  obey<Stock>(*theirs, stock::Receive{5, ""});
  const Judgement judged = obey<Stock>(*mine, stock::Receive{7, ""});
  CHECK(judged.verdict == Verdict::kRefused);
  REQUIRE(judged.refusal);
  CHECK(judged.refusal->reason == "entity.conflict");
  CHECK(mine->broken());
  CHECK(state_of<Stock>(*bench.load<Stock>(kTea)).on_hand == 5);
}

TEST_CASE("a snapshot with its tail is the same as a full replay, with what was obeyed and the timers") {
  Bench bench;
  auto order = bench.load<Order>(kOrder);
  obey<Order>(*order, place());
  obey<Order>(*order, order::RecordReserved{kTea}, effect_at(10));
  const auto full = bench.load<Order>(kOrder);
  bench.log.save_snapshot(order->stream(), order->take_snapshot());
  CHECK((order->snapshot_version() == order->version()));
  obey<Order>(*order, order::RecordPayment{PaymentId{{8, 8}}, Money{1, {}}}, effect_at(20));

  const LoadedStream stored = bench.log.load(order->stream(), order->state_schema()).value();
  REQUIRE(stored.snapshot);
  REQUIRE(stored.records.size() == 1);
  const auto short_way = bench.load<Order>(kOrder);
  bench.log.save_snapshot(order->stream(), Snapshot{Version{1}, Position{1}, 999, "of another program"});
  const auto long_way = bench.load<Order>(kOrder);
  CHECK((short_way->snapshot_version() > long_way->snapshot_version()));
  CHECK((short_way->version() == long_way->version()));
  CHECK((short_way->position() == long_way->position()));
  CHECK((state_of<Order>(*short_way) == state_of<Order>(*long_way)));
  // The text holds the positions obeyed and the timers as well.
  CHECK(short_way->take_snapshot().state == long_way->take_snapshot().state);
  CHECK(short_way->take_snapshot().state == order->take_snapshot().state);

  CHECK(obey<Order>(*short_way, order::RecordReserved{kTea}, effect_at(20)).verdict == Verdict::kUnchanged);
  obey<Order>(*short_way, order::Cancel{order::CancelReason::kUser, kStart});
  CHECK(bench.log.due_timers(kStart + Duration::minutes(60), 10).empty());
}

TEST_CASE("the larger a state is, the more events lie between its snapshots") {
  Bench bench;
  auto stock = bench.load<Stock>(kTea);
  obey<Stock>(*stock, stock::Receive{100'000, ""});
  std::uint64_t at = 0;
  const auto reserve = [&] {
    ++at;
    obey<Stock>(*stock, stock::Reserve{OrderId{{at, 3}}, 1, kStart}, effect_at(at));
  };
  for (int i = 0; i < 9; ++i) reserve();
  CHECK(stock->wants_snapshot(10));
  CHECK(!stock->wants_snapshot(11));
  for (int i = 0; i < 2'000; ++i) reserve();
  const auto bytes = stock->take_snapshot().state.size();
  CHECK(bytes > 100'000);
  const std::uint64_t wait = bytes / 512;
  for (std::uint64_t i = 1; i < wait; ++i) reserve();
  CHECK(!stock->wants_snapshot(10));
  reserve();
  CHECK(stock->wants_snapshot(10));
}

TEST_CASE("a stream with an event of an unknown type cannot be restored, nor reacted to") {
  Bench bench;
  AppendRequest request;
  request.stream = stream_of<Stock>(kTea);
  request.events.push_back({"stock.from_the_future", 1, "{}", {}});
  REQUIRE(bench.log.append(std::move(request)));
  const auto stock = make_live_entity(stream_of<Stock>(kTea), bench.log, {});
  const auto restored = stock->restore(bench.log.load(stock->stream(), stock->state_schema()).value());
  REQUIRE_FALSE(restored);
  CHECK(restored.error().reason == "event.unknown_type");
  CHECK_FALSE(effects_of(*bench.records().at(0)));
}

TEST_CASE("an unknown kind of stream has no entity") {
  Bench bench;
  CHECK(make_live_entity(StreamId("unheard", {1, 1}), bench.log, {}) == nullptr);
  CHECK(state_schema_of(StreamId("unheard", {1, 1})) == 0);
  CHECK(state_schema_of(stream_of<Order>(kOrder)) == Order::kStateSchema);
}

}  // namespace
}  // namespace souk::testing
