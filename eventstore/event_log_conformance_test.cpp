// What every event log must do, run against each implementation: appending, reading, following.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "eventstore/record_codec.hpp"
#include "eventstore/testing/stores.hpp"

namespace souk {
namespace {

using testing::for_each_store;
using testing::ManualClock;
using testing::request;
using testing::stream;
using testing::TestStore;
using testing::wait_durable;

std::vector<RecordPtr> read_all(EventLog& log, Visibility visibility = Visibility::kDurable) {
  auto records = log.read({}, SIZE_MAX, visibility);
  REQUIRE(records);
  return std::move(*records);
}

TEST_CASE("an append answers where it landed, and what was written is read back whole") {
  for_each_store([](TestStore& store, ManualClock& clock) {
    auto wanted = request(stream(1), 0, 2, 5);
    wanted.meta.cause = Cause::kEffect;
    wanted.meta.causation = {77};
    wanted.meta.trace = "0af7651916cd43dd8448eb211c80319c";
    wanted.events[1].schema = 3;
    wanted.events[1].timers = {{TimerChange::Kind::kSet, "expire", Time{9}}};
    const auto appended = store->append(wanted);
    REQUIRE(appended);
    CHECK(appended->first.value == 1);
    CHECK(appended->last.value == 2);
    CHECK(appended->version.value == 2);
    CHECK((appended->recorded_at == clock.now()));
    wait_durable(*store);

    for (int round = 0; round < 2; ++round) {
      const auto records = read_all(*store);
      REQUIRE(records.size() == 2);
      const EventRecord& last = *records[1];
      CHECK(last.epoch == store->epoch());
      CHECK(last.position.value == 2);
      CHECK((last.stream == stream(1)));
      CHECK(last.version.value == 2);
      CHECK(last.tenant == 0);
      CHECK(last.type == "cart.item_added");
      CHECK(last.schema == 3);
      CHECK((last.recorded_at == appended->recorded_at));
      CHECK((last.meta == wanted.meta));
      CHECK((records[0]->meta == wanted.meta));
      CHECK(last.timers == wanted.events[1].timers);
      CHECK(last.payload == wanted.events[1].payload);
      CHECK_FALSE(records[0]->last_of_command);
      CHECK(last.last_of_command);
      store.reopen();
    }
  });
}

TEST_CASE("an append at another version is refused with the current one and writes nothing") {
  for_each_store([](TestStore& store, ManualClock&) {
    REQUIRE(store->append(request(stream(1), 0, 3)));
    for (const std::uint64_t wrong : {0, 2, 4, 100}) {
      const auto refused = store->append(request(stream(1), wrong, 1));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().current.value == 3);
    }
    const auto unknown = store->append(request(stream(2), 1, 1));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().current.value == 0);
    CHECK(store->head(Visibility::kOrdered).value == 3);
    // Also when nothing is known in memory.
    wait_durable(*store);
    store.reopen();
    for (const std::uint64_t wrong : {0, 2, 4, 100}) {
      const auto refused = store->append(request(stream(1), wrong, 1));
      REQUIRE_FALSE(refused);
      CHECK(refused.error().current.value == 3);
    }
    CHECK(store->append(request(stream(1), 3, 1)));
  });
}

TEST_CASE("positions are gapless over all streams, versions within each") {
  for_each_store([](TestStore& store, ManualClock&) {
    std::uint64_t versions[40] = {};
    std::uint64_t next = 1;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const std::uint64_t number = i * 7 % 40;
      const std::size_t count = 1 + i % 3;
      const auto appended = store->append(request(stream(number), versions[number], count));
      REQUIRE(appended);
      CHECK(appended->first.value == next);
      versions[number] += count;
      next += count;
      CHECK(appended->version.value == versions[number]);
      if (i == 150) store.reopen();
    }
    wait_durable(*store);
    const auto records = read_all(*store);
    REQUIRE(records.size() == next - 1);
    for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i]->position.value == i + 1);
    for (std::uint64_t number = 0; number < 40; ++number) {
      const auto one = store->read_stream(stream(number), {}, SIZE_MAX);
      REQUIRE(one);
      CHECK(one->size() == versions[number]);
      for (std::size_t i = 0; i < one->size(); ++i) CHECK((*one)[i]->version.value == i + 1);
    }
  });
}

TEST_CASE("record time never goes back, not even over a restart") {
  for_each_store([](TestStore& store, ManualClock& clock) {
    clock.set({2'000});
    CHECK(store->append(request(stream(1), 0, 1))->recorded_at.us == 2'000);
    clock.set({1'000});
    CHECK(store->append(request(stream(1), 1, 1))->recorded_at.us == 2'000);
    wait_durable(*store);
    store.reopen();
    CHECK(store->append(request(stream(1), 2, 1))->recorded_at.us == 2'000);
    clock.set({3'000});
    CHECK(store->append(request(stream(1), 3, 1))->recorded_at.us == 3'000);
  });
}

TEST_CASE("streams and the log are read from where the reader is, no more than asked for") {
  for_each_store([](TestStore& store, ManualClock&) {
    for (std::uint64_t i = 0; i < 50; ++i) REQUIRE(store->append(request(stream(i % 2), i / 2, 1)));
    wait_durable(*store);
    const auto some = store->read_stream(stream(1), {20}, 3);
    REQUIRE(some);
    REQUIRE(some->size() == 3);
    CHECK((*some)[0]->version.value == 21);
    CHECK((*some)[2]->version.value == 23);
    CHECK(store->read_stream(stream(1), {25}, 3)->empty());
    CHECK(store->read_stream(stream(9), {}, 3)->empty());
    // The middle lies on disk and in memory.
    const auto range = store->read({10}, 35, Visibility::kDurable);
    REQUIRE(range);
    REQUIRE(range->size() == 35);
    for (std::size_t i = 0; i < range->size(); ++i) CHECK((*range)[i]->position.value == 11 + i);
    CHECK(store->read({50}, 10, Visibility::kOrdered)->empty());
    CHECK(store->read({99}, 10, Visibility::kOrdered)->empty());
    CHECK(store->read({0}, 0, Visibility::kOrdered)->empty());
    const auto recent = store->read_recent({48}, 10);
    REQUIRE(recent);
    CHECK(recent->size() == 2);
    const auto none = store->read_recent({50}, 10);
    REQUIRE(none);
    CHECK(none->empty());
  });
}

/// Reads the durable log as a follower does, from its own thread, until it has seen `until`.
class Follower final : public LogListener {
 public:
  explicit Follower(EventLog& log) : log_(log) {}
  void durable(Position position) override {
    const std::lock_guard lock(mutex_);
    if (position < told_) went_back_ = true;
    told_ = position;
    wake_.notify_one();
  }
  void follow(Position until) {
    Position seen;
    while (seen < until) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return told_ > seen; });
      }
      const auto records = log_.read(seen, 100, Visibility::kDurable);
      for (const auto& record : *records) {
        if (record->position.value != seen.value + 1 || record->hash == Hash256{}) ++wrong_;
        seen = record->position;
      }
    }
  }
  [[nodiscard]] std::size_t wrong() const { return wrong_ + (went_back_ ? 1 : 0); }

 private:
  EventLog& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Position told_;
  bool went_back_ = false;
  std::size_t wrong_ = 0;
};

TEST_CASE("a follower sees every durable position once and in order while many append") {
  for_each_store([](TestStore& store, ManualClock&) {
    constexpr std::uint64_t kThreads = 4;
    constexpr std::uint64_t kAppends = 500;
    Follower follower(*store);
    store->add_listener(&follower);
    std::thread reader([&] { follower.follow({kThreads * kAppends * 2}); });
    std::vector<std::thread> appenders;
    std::atomic<std::uint64_t> refused = 0;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      appenders.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < kAppends; ++i) {
          // Ten streams a thread, more than are kept in memory.
          if (!store->append(request(stream(t * 100 + i % 10), i / 10 * 2, 2, 1 + t * kAppends + i))) ++refused;
        }
      });
    }
    for (auto& thread : appenders) thread.join();
    reader.join();
    store->remove_listener(&follower);
    CHECK(refused == 0);
    CHECK(follower.wrong() == 0);
    for (std::uint64_t i = 1; i <= kThreads * kAppends; ++i) {
      const auto known = store->find_command(testing::command_id(i));
      REQUIRE(known);
      CHECK(known->position.value % 2 == 0);
    }
  });
}

TEST_CASE("of many who append at one version exactly one wins") {
  for_each_store([](TestStore& store, ManualClock&) {
    for (std::uint64_t round = 0; round < 20; ++round) {
      std::atomic<int> won = 0;
      std::vector<std::thread> racers;
      for (int i = 0; i < 4; ++i) {
        racers.emplace_back([&] { won += store->append(request(stream(1), round, 1)) ? 1 : 0; });
      }
      for (auto& racer : racers) racer.join();
      CHECK(won == 1);
    }
  });
}

TEST_CASE("listeners hear of every append and of durability, and no more once they are removed") {
  struct Counter final : LogListener {
    void ordered() override { ++orders; }
    void durable(Position position) override { last = position.value; }
    std::atomic<int> orders = 0;
    std::atomic<std::uint64_t> last = 0;
  };
  for_each_store([](TestStore& store, ManualClock&) {
    Counter counter;
    store->add_listener(&counter);
    REQUIRE(store->append(request(stream(1), 0, 1)));
    REQUIRE(store->append(request(stream(1), 1, 2)));
    // Its listener is told after this one, which was added before.
    wait_durable(*store);
    store->remove_listener(&counter);
    CHECK(counter.orders == 2);
    CHECK(counter.last == 3);
    REQUIRE(store->append(request(stream(1), 3, 1)));
    wait_durable(*store);
    CHECK(counter.orders == 2);
    CHECK(counter.last == 3);
  });
}

TEST_CASE("each record's hash continues the one before, over a restart too") {
  for_each_store([](TestStore& store, ManualClock&) {
    const auto id = store->log_id();
    REQUIRE(store->append(request(stream(1), 0, 2)));
    wait_durable(*store);
    store.reopen();
    CHECK(store->log_id() == id);
    REQUIRE(store->append(request(stream(1), 2, 2)));
    wait_durable(*store);
    Hash256 previous{};
    for (const auto& record : read_all(*store)) {
      std::string bytes;
      encode_record(*record, bytes);
      previous = chain_hash(previous, bytes);
      CHECK(record->hash == previous);
    }
    CHECK(store->head(Visibility::kDurable).value == 4);
  });
}

TEST_CASE("figures count what became durable") {
  for_each_store([](TestStore& store, ManualClock&) {
    REQUIRE(store->append(request(stream(1), 0, 2)));
    REQUIRE(store->append(request(stream(2), 0, 1)));
    wait_durable(*store);
    const auto stats = store->stats();
    CHECK(stats.events == 3);
    CHECK(stats.commits >= 1);
    CHECK(stats.bytes > 300);
    CHECK(stats.queue_length == 0);
  });
}

}  // namespace
}  // namespace souk
