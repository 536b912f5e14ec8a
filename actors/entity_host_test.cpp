#include <doctest/doctest.h>

#include <latch>

#include "actors/testing/hosts.hpp"
#include "actors/testing/wrapped_log.hpp"

namespace souk::testing {
namespace {

ProductId product(std::uint64_t n) {
  return ProductId{{n, 2}};
}
const ProductId kTea = product(1);
const OrderId kOrder{{4, 4}};

struct Memory {
  ManualClock clock;
  MemoryEventLog log{clock};
};

TEST_CASE("asked and read, an entity tells its verdict, its state and where it was judged") {
  Memory memory;
  ThreadedHost shop(memory.log, memory.clock);
  const auto done = shop.ask<Stock>(kTea, stock::Receive{5, ""});
  CHECK(done.verdict == Verdict::kDone);
  CHECK(done.state.on_hand == 5);
  CHECK((done.position == Position{1}));
  const auto refused = shop.ask<Stock>(kTea, stock::Receive{-5, ""});
  CHECK(refused.verdict == Verdict::kRefused);
  CHECK(refused.reason == "stock.quantity_invalid");
  CHECK(refused.state.on_hand == 5);
  CHECK((refused.position == Position{1}));
  const auto seen = shop.read<Stock>(kTea);
  CHECK(seen.verdict == Verdict::kRead);
  CHECK((seen.version == Version{1}));
  const auto nothing = shop.read<Stock>(product(99));
  CHECK((nothing.version == Version{}));
}

TEST_CASE("who asks until a saga is settled is answered then") {
  Memory memory;
  ThreadedHost shop(memory.log, memory.clock);
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  const auto answer =
      shop.ask<Order>(kOrder, place_order(kTea, 2, memory.clock.now()), {}, until<Order>(order_is_settled));
  CHECK(answer.verdict == Verdict::kDone);
  CHECK(answer.state.state == order::OrderState::kAwaitingPayment);
  CHECK(shop.read<Stock>(kTea).state.reserved == 2);
}

TEST_CASE("a key repeated while its saga is unsettled waits and answers alike") {
  Memory memory;
  SteppedHost shop(memory.log, memory.clock);
  shop.ask<Stock>(kTea, stock::Receive{5, ""});
  shop.run();
  const auto place = place_order(kTea, 2, memory.clock.now());
  const auto first = shop.ask<Order>(kOrder, place, keyed(1), until<Order>(order_is_settled));
  const auto again = shop.ask<Order>(kOrder, place, keyed(1), until<Order>(order_is_settled));
  const auto other = shop.ask<Order>(kOrder, place, keyed(1, 9), until<Order>(order_is_settled));
  CHECK(first->empty());
  shop.run();
  REQUIRE(first->size() == 1);
  REQUIRE(again->size() == 1);
  REQUIRE(other->size() == 1);
  CHECK(first->at(0).verdict == Verdict::kDone);
  CHECK(again->at(0).verdict == Verdict::kRepeated);
  CHECK((first->at(0).state == again->at(0).state));
  CHECK((first->at(0).position == again->at(0).position));
  CHECK(other->at(0).reason == "idempotency.key_reused");
}

TEST_CASE("a request whose deadline has passed is not begun") {
  Memory memory;
  SteppedHost shop(memory.log, memory.clock);
  const auto late =
      shop.ask<Stock>(kTea, stock::Receive{5, ""}, {}, not_after<Stock>(memory.clock.now() + Duration::seconds(1)));
  memory.clock.advance(Duration::seconds(2));
  shop.run();
  REQUIRE(late->size() == 1);
  CHECK(late->at(0).reason == "request.deadline");
  CHECK((memory.log.head(Visibility::kOrdered) == Position{}));
}

TEST_CASE("more requests than the stash holds are refused while an entity loads; effects never are") {
  Memory memory;
  HostOptions options;
  options.directory.stash_max = 2;
  SteppedHost shop(memory.log, memory.clock, options);
  std::vector<std::shared_ptr<std::vector<Answer<Stock>>>> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(shop.ask<Stock>(kTea, stock::Receive{1, ""}));
  int effects_done = 0;
  CommandMeta meta;
  meta.cause = Cause::kCall;
  shop.host.post(
      stream_of<Stock>(kTea),
      std::make_shared<EffectTask>(AnyCommand{Stock::Command{stock::Receive{10, ""}}}, meta, [&] { ++effects_done; }));
  shop.run(false);
  CHECK(answers[0]->empty());
  CHECK(answers[1]->empty());
  REQUIRE(answers[2]->size() == 1);
  REQUIRE(answers[3]->size() == 1);
  CHECK(answers[2]->at(0).reason == "entity.busy");
  shop.run();
  REQUIRE(answers[1]->size() == 1);
  CHECK(answers[1]->at(0).verdict == Verdict::kDone);
  CHECK(effects_done == 1);
  CHECK(shop.host.stats().directory.loaded == 1);
}

TEST_CASE("a callback that throws ends one entity's life and nothing else: it starts again from the log") {
  Memory memory;
  SteppedHost shop(memory.log, memory.clock);
  int told = 0;
  shop.host.ask<Stock>(kTea, stock::Receive{5, ""}, {}, {}, [&](const Judged<Stock>&) {
    ++told;
    throw std::runtime_error("a bug of the asker");
  });
  const auto behind = shop.ask<Stock>(kTea, stock::Receive{7, ""});
  shop.run();
  CHECK(told == 1);
  CHECK(shop.faults.has("a bug of the asker"));
  CHECK(behind->empty());
  shop.advance(Duration::seconds(1));
  shop.run();
  REQUIRE(behind->size() == 1);
  CHECK(behind->at(0).state.on_hand == 12);
  CHECK(shop.host.stats().directory.loaded == 2);
}

/// Throws while it runs, the first times.
class Faulty final : public EntityTask {
 public:
  Faulty(int throws, bool is_effect, std::vector<std::string>& ends)
      : throws_(throws), is_effect_(is_effect), ends_(ends) {}
  Left run(LiveEntity& /*entity*/) override {
    if (throws_-- > 0) throw std::runtime_error("a bug");
    ends_.emplace_back("done");
    return Left::kNothing;
  }
  void fail(const Error& error) override { ends_.push_back(error.reason); }
  [[nodiscard]] bool must_not_be_shed() const override { return is_effect_; }

 private:
  int throws_;
  bool is_effect_;
  std::vector<std::string>& ends_;
};

TEST_CASE("the asker of a task that throws is told of a fault; an effect is tried until it is done") {
  Memory memory;
  SteppedHost shop(memory.log, memory.clock);
  std::vector<std::string> request;
  std::vector<std::string> effect;
  shop.host.post(stream_of<Stock>(kTea), std::make_shared<Faulty>(1, false, request));
  shop.host.post(stream_of<Stock>(kTea), std::make_shared<Faulty>(3, true, effect));
  const auto behind = shop.ask<Stock>(kTea, stock::Receive{1, ""});
  for (int i = 0; i < 10; ++i) {
    shop.run();
    shop.advance(Duration::milliseconds(250));
  }
  CHECK((request == std::vector<std::string>{"entity.fault"}));
  CHECK((effect == std::vector<std::string>{"done"}));
  CHECK(behind->size() == 1);
  CHECK(shop.host.stats().directory.faults == 4);
}

TEST_CASE("a watcher that throws ends alone") {
  Memory memory;
  SteppedHost shop(memory.log, memory.clock);
  const auto kind = [](const stock::State& state) { return state.on_hand >= 3; };
  const auto bad = shop.ask<Stock>(kTea, stock::Receive{1, ""}, {}, until<Stock>([](const stock::State& state) {
                                     if (state.on_hand >= 2) throw std::runtime_error("a bug of the watcher");
                                     return false;
                                   }));
  const auto good = shop.ask<Stock>(kTea, stock::Receive{1, ""}, {}, until<Stock>(kind));
  const auto third = shop.ask<Stock>(kTea, stock::Receive{1, ""});
  shop.run();
  REQUIRE(bad->size() == 1);
  CHECK(bad->at(0).reason == "entity.fault");
  REQUIRE(good->size() == 1);
  CHECK(good->at(0).state.on_hand == 3);
  CHECK(third->size() == 1);
  CHECK(shop.host.stats().directory.loaded == 1);
}

class FailingLog final : public WrappedLog {
 public:
  using WrappedLog::WrappedLog;
  Result<LoadedStream> load(const StreamId& stream, std::uint32_t schema) override {
    if (failures-- > 0) return fail(ErrorCode::kInternal, "log.unreadable", "a bad block");
    return inner.load(stream, schema);
  }
  std::atomic<int> failures{0};
};

TEST_CASE("while a stream cannot be loaded its requests are told so and its effects wait") {
  ManualClock clock;
  FailingLog log(clock);
  SteppedHost shop(log, clock);
  log.failures = 2;
  int effects_done = 0;
  CommandMeta meta;
  meta.cause = Cause::kCall;
  const auto first = shop.ask<Stock>(kTea, stock::Receive{1, ""});
  shop.host.post(
      stream_of<Stock>(kTea),
      std::make_shared<EffectTask>(AnyCommand{Stock::Command{stock::Receive{10, ""}}}, meta, [&] { ++effects_done; }));
  shop.run();
  REQUIRE(first->size() == 1);
  CHECK(first->at(0).reason == "entity.unreadable");
  CHECK(effects_done == 0);
  const auto second = shop.ask<Stock>(kTea, stock::Receive{1, ""});
  shop.run();
  REQUIRE(second->size() == 1);
  CHECK(second->at(0).reason == "entity.unreadable");
  CHECK(effects_done == 0);
  shop.advance(Duration::seconds(1));
  shop.run();
  CHECK(effects_done == 1);
  const auto third = shop.read<Stock>(kTea);
  shop.run();
  REQUIRE(third->size() == 1);
  CHECK(third->at(0).state.on_hand == 10);
}

TEST_CASE("a snapshot that cannot be read is done without") {
  Memory memory;
  {
    ThreadedHost shop(memory.log, memory.clock);
    shop.ask<Stock>(kTea, stock::Receive{5, ""});
  }
  memory.log.save_snapshot(stream_of<Stock>(kTea), {Version{1}, Position{1}, Stock::kStateSchema, "{\"nonsense\":1}"});
  ThreadedHost shop(memory.log, memory.clock);
  CHECK(shop.read<Stock>(kTea).state.on_hand == 5);
  CHECK(shop.faults.has("snapshot"));
}

class LatchedLog final : public WrappedLog {
 public:
  LatchedLog(Clock& clock, const StreamId& slow) : WrappedLog(clock), slow_(slow) {}
  Result<LoadedStream> load(const StreamId& stream, std::uint32_t schema) override {
    if (stream == slow_) {
      ++slow_loads;
      opened.wait();
    }
    return inner.load(stream, schema);
  }
  std::latch opened{1};
  std::atomic<int> slow_loads{0};

 private:
  StreamId slow_;
};

TEST_CASE("a cold stream that loads slowly stalls nobody else, and its loads are one") {
  ManualClock clock;
  LatchedLog log(clock, stream_of<Stock>(kTea));
  ThreadedHost shop(log, clock);
  std::vector<std::future<Answer<Stock>>> slow;
  for (int i = 0; i < 5; ++i) {
    auto told = std::make_shared<std::promise<Answer<Stock>>>();
    slow.push_back(told->get_future());
    shop.host.ask<Stock>(kTea, stock::Receive{1, ""}, {}, {},
                         [told](const Judged<Stock>& judged) { told->set_value(answer_of(judged)); });
  }
  REQUIRE(eventually([&] { return log.slow_loads == 1; }));
  for (std::uint64_t n = 2; n < 50; ++n) CHECK(shop.ask<Stock>(product(n), stock::Receive{1, ""}).state.on_hand == 1);
  CHECK(slow[0].wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  log.opened.count_down();
  for (int i = 0; i < 5; ++i) CHECK(slow[static_cast<std::size_t>(i)].get().state.on_hand == i + 1);
  CHECK(log.slow_loads == 1);
}

TEST_CASE("stopped with work under way, a host ends") {
  for (int round = 0; round < 50; ++round) {
    Memory memory;
    HostOptions options;
    options.worker_threads = 2;
    options.directory.live_entities_max = 8;
    auto shop = std::make_unique<ThreadedHost>(memory.log, memory.clock, options);
    auto answered = std::make_shared<std::atomic<int>>(0);
    std::thread client([&host = shop->host, &clock = memory.clock, answered] {
      for (std::uint64_t n = 0; n < 200; ++n) {
        host.ask<Stock>(product(n % 40), stock::Receive{1, ""}, {}, {},
                        [answered](const Judged<Stock>&) { ++*answered; });
        host.ask<Order>(OrderId{{n, 1}}, place_order(product(n % 40), 1, clock.now()), {},
                        until<Order>(order_is_settled), [answered](const Judged<Order>&) { ++*answered; });
      }
    });
    REQUIRE(eventually([&] { return *answered > round; }));
    shop->host.stop();
    client.join();
    shop.reset();
  }
}

}  // namespace
}  // namespace souk::testing
