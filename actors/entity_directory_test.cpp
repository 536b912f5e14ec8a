#include <doctest/doctest.h>

#include "actors/testing/hosts.hpp"

namespace souk::testing {
namespace {

ProductId product(std::uint64_t n) {
  return ProductId{{n, 2}};
}

MemoryLogOptions by_hand() {
  MemoryLogOptions options;
  options.auto_commit = false;
  return options;
}

HostOptions with_budget(std::size_t live_entities_max) {
  HostOptions options;
  options.directory.live_entities_max = live_entities_max;
  return options;
}

TEST_CASE("ten thousand entities under a budget of a thousand: each is right, and no more than that stay") {
  ManualClock clock;
  MemoryEventLog log(clock);
  HostOptions options = with_budget(1'000);
  options.directory.snapshot_every = 2;
  ThreadedHost shop(log, clock, options);
  constexpr std::uint64_t kEntities = 10'000;
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> wrong{0};
  for (int round = 1; round <= 2; ++round) {
    for (std::uint64_t n = 0; n < kEntities; ++n) {
      shop.host.ask<Stock>(product(n), stock::Receive{static_cast<std::int64_t>(n) + 1, ""}, {}, {},
                           [&, n, round](const Judged<Stock>& judged) {
                             if (judged.state.on_hand != round * (static_cast<std::int64_t>(n) + 1)) ++wrong;
                             ++answered;
                           });
    }
    REQUIRE(eventually([&] { return answered == kEntities * static_cast<std::uint64_t>(round); }));
  }
  CHECK(wrong == 0);
  CHECK(eventually([&] { return shop.host.stats().directory.live <= 1'000; }));
  const DirectoryStats stats = shop.host.stats().directory;
  CHECK(stats.passivated >= kEntities * 2 - 1'000);
  CHECK(stats.loaded >= kEntities + 9'000);
  CHECK(shop.faults.size() == 0);
  for (std::uint64_t n = 0; n < kEntities; n += 997) {
    CHECK(shop.read<Stock>(product(n)).state.on_hand == 2 * (static_cast<std::int64_t>(n) + 1));
  }
}

TEST_CASE("an entity leaves only when all it enqueued is durable; who asks meanwhile is served by its successor") {
  ManualClock clock;
  MemoryEventLog log(clock, by_hand());
  SteppedHost shop(log, clock, with_budget(1));
  const auto first = shop.ask<Stock>(product(1), stock::Receive{1, ""});
  shop.run();
  REQUIRE(first->size() == 1);
  // Another takes the only place: the first is asked to leave while its event is not durable.
  shop.read<Stock>(product(2));
  shop.run();
  const auto second = shop.ask<Stock>(product(1), stock::Receive{2, ""});
  const auto third = shop.ask<Stock>(product(1), stock::Receive{4, ""});
  shop.run();
  CHECK(second->empty());
  CHECK(shop.host.stats().directory.passivated == 0);
  log.commit_all();
  shop.run();
  CHECK(shop.host.stats().directory.passivated >= 1);
  REQUIRE(second->size() == 1);
  REQUIRE(third->size() == 1);
  CHECK(second->at(0).state.on_hand == 3);
  CHECK(third->at(0).state.on_hand == 7);
}

TEST_CASE("requests held for an entity that leaves are bounded") {
  ManualClock clock;
  MemoryEventLog log(clock, by_hand());
  HostOptions options = with_budget(1);
  options.directory.stash_max = 1;
  SteppedHost shop(log, clock, options);
  shop.ask<Stock>(product(1), stock::Receive{1, ""});
  shop.run();
  shop.read<Stock>(product(2));
  shop.run();
  const auto held = shop.read<Stock>(product(1));
  const auto refused = shop.read<Stock>(product(1));
  REQUIRE(refused->size() == 1);
  CHECK(refused->at(0).reason == "entity.busy");
  log.commit_all();
  shop.run();
  CHECK(held->size() == 1);
}

TEST_CASE("an entity asked to leave while it loads serves who waits, then leaves") {
  ManualClock clock;
  MemoryEventLog log(clock);
  SteppedHost shop(log, clock, with_budget(1));
  std::vector<std::shared_ptr<std::vector<Answer<Stock>>>> answers;
  for (std::uint64_t n = 0; n < 50; ++n) answers.push_back(shop.ask<Stock>(product(n), stock::Receive{1, ""}));
  CHECK(shop.host.stats().directory.live == 50);
  shop.run();
  for (const auto& answer : answers) CHECK(answer->size() == 1);
  CHECK(shop.host.stats().directory.live == 1);
  CHECK(shop.host.stats().directory.loaded == 50);
}

TEST_CASE("an idle entity leaves at the next sweep after its time, one in use stays") {
  ManualClock clock;
  MemoryEventLog log(clock);
  HostOptions options;
  options.directory.idle_max = Duration::seconds(60);
  SteppedHost shop(log, clock, options);
  shop.ask<Stock>(product(1), stock::Receive{1, ""});
  shop.ask<Stock>(product(2), stock::Receive{1, ""});
  shop.run();
  CHECK(shop.host.stats().directory.live == 2);
  clock.advance(Duration::seconds(40));
  shop.read<Stock>(product(2));
  shop.run();
  clock.advance(Duration::seconds(30));
  shop.advance(Duration::milliseconds(250));
  shop.run();
  CHECK(shop.host.stats().directory.live == 1);
  CHECK(shop.host.stats().directory.passivated == 1);
  const auto again = shop.read<Stock>(product(1));
  shop.run();
  REQUIRE(again->size() == 1);
  CHECK(again->at(0).state.on_hand == 1);
}

TEST_CASE("a watched entity stays until its watcher has what it waits for or has gone") {
  ManualClock clock;
  MemoryEventLog log(clock);
  SteppedHost shop(log, clock, with_budget(1));
  bool gone = false;
  const auto patient = shop.ask<Stock>(product(1), stock::Receive{1, ""}, {},
                                       until<Stock>([](const stock::State& state) { return state.on_hand > 5; }));
  const auto leaver =
      shop.ask<Stock>(product(2), stock::Receive{1, ""}, {}, until<Stock>([&](const stock::State&) { return gone; }));
  shop.run();
  const auto tick = [&] {
    shop.advance(Duration::milliseconds(250));
    shop.run();
  };
  tick();
  CHECK(shop.host.stats().directory.live == 2);
  gone = true;
  // Each sweep asks one, the longest unused: whoever stays counts as used.
  tick();
  tick();
  CHECK(leaver->size() == 1);
  CHECK(patient->empty());
  CHECK(shop.host.stats().directory.live == 1);
  shop.ask<Stock>(product(1), stock::Receive{5, ""});
  shop.run();
  CHECK(patient->size() == 1);
  shop.read<Stock>(product(3));
  shop.run();
  CHECK(shop.host.stats().directory.live == 1);
}

TEST_CASE("watchers whose asker has gone do not pile up on an entity that does not change") {
  ManualClock clock;
  MemoryEventLog log(clock);
  SteppedHost shop(log, clock);
  auto held = std::make_shared<int>(0);
  for (int i = 0; i < 1'000; ++i) {
    bool first = true;
    shop.ask<Stock>(product(1), stock::Receive{1, ""}, keyed(1),
                    until<Stock>([first, held](const stock::State&) mutable { return !std::exchange(first, false); }));
    shop.run();
  }
  CHECK(held.use_count() < 100);
}

}  // namespace
}  // namespace souk::testing
