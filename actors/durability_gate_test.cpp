#include "actors/durability_gate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "actors/testing/simulation.hpp"

namespace souk::testing {
namespace {

MemoryLogOptions by_hand() {
  MemoryLogOptions options;
  options.auto_commit = false;
  return options;
}

struct LogByHand {
  Position append_next() {
    AppendRequest request;
    request.stream = StreamId("cart", {1, 1});
    request.expected = {appended++};
    request.events.push_back({"cart.cleared", 1, "{}", {}});
    return log.append(std::move(request)).value().last;
  }

  ManualClock clock;
  MemoryEventLog log{clock, by_hand()};
  std::uint64_t appended = 0;
};

TEST_CASE("what is held until a position is released once that position is durable, and not before") {
  LogByHand hand;
  DurabilityGate gate(hand.log);
  int released = 0;
  const Position first = hand.append_next();
  const Position second = hand.append_next();
  gate.hold(second, [&] { ++released; });
  gate.hold(first, [&] { ++released; });
  CHECK(gate.size() == 2);
  CHECK(released == 0);
  hand.log.commit_some(1);
  CHECK(released == 1);
  hand.log.commit_some(1);
  CHECK(released == 2);
  CHECK(gate.size() == 0);
}

TEST_CASE("what is durable already is released at once, and position 0 always is") {
  LogByHand hand;
  const Position first = hand.append_next();
  hand.log.commit_all();
  DurabilityGate gate(hand.log);
  int released = 0;
  gate.hold(first, [&] { ++released; });
  gate.hold(Position{}, [&] { ++released; });
  CHECK(released == 2);
}

TEST_CASE("each durable report hands over one batch, by position and within one in the order of holding") {
  LogByHand hand;
  std::vector<std::size_t> batches;
  DurabilityGate gate(hand.log, [&](std::vector<DurabilityGate::Release> releases) {
    batches.push_back(releases.size());
    for (auto& release : releases) release();
  });
  std::vector<int> order;
  std::vector<Position> positions;
  for (int i = 0; i < 4; ++i) positions.push_back(hand.append_next());
  const auto hold = [&](std::size_t at, int name) {
    gate.hold(positions[at], [&order, name] { order.push_back(name); });
  };
  for (int i = 0; i < 8; ++i) hold(2, 20 + i);
  hold(3, 30);
  hold(0, 1);
  hold(1, 10);
  hand.log.commit_some(3);
  CHECK((batches == std::vector<std::size_t>{10}));
  CHECK((order == std::vector<int>{1, 10, 20, 21, 22, 23, 24, 25, 26, 27}));
  hand.log.commit_some(1);
  CHECK((batches == std::vector<std::size_t>{10, 1}));
}

TEST_CASE("a closed gate drops what it holds and hears no more") {
  LogByHand hand;
  int released = 0;
  auto alive = std::make_shared<int>(0);
  DurabilityGate gate(hand.log);
  const Position first = hand.append_next();
  gate.hold(first, [&released, alive] { ++released; });
  gate.close();
  CHECK(alive.use_count() == 1);
  gate.hold(first, [&released] { ++released; });
  hand.log.commit_all();
  CHECK(released == 0);
  CHECK(gate.size() == 0);
}

TEST_CASE("an early gate, which only a mutation control makes, releases before durability") {
  LogByHand hand;
  DurabilityGate gate(hand.log, DurabilityGate::run_inline, true);
  int released = 0;
  gate.hold(hand.append_next(), [&] { ++released; });
  CHECK(released == 1);
}

TEST_CASE("held on many threads while another commits, everything is released once and never early") {
  LogByHand hand;
  std::atomic<int> released{0};
  std::atomic<int> early{0};
  constexpr int kThreads = 3;
  constexpr int kEach = 2'000;
  {
    DurabilityGate gate(hand.log);
    std::mutex appending;
    std::atomic<int> at_work{kThreads};
    std::thread committer([&] {
      while (at_work > 0) hand.log.commit_some(7);
      hand.log.commit_all();
    });
    std::vector<std::thread> holders;
    for (int t = 0; t < kThreads; ++t) {
      holders.emplace_back([&] {
        for (int i = 0; i < kEach; ++i) {
          Position at;
          {
            const std::scoped_lock lock(appending);
            at = hand.append_next();
          }
          gate.hold(at, [&, at] {
            if (hand.log.head(Visibility::kDurable) < at) ++early;
            ++released;
          });
        }
        --at_work;
      });
    }
    for (auto& holder : holders) holder.join();
    committer.join();
    CHECK(gate.size() == 0);
  }
  CHECK(released == kThreads * kEach);
  CHECK(early == 0);
}

}  // namespace
}  // namespace souk::testing
