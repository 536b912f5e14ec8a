// What every event log must do, run against each implementation: timers, commands, checkpoints, snapshots.
#include <doctest/doctest.h>

#include "eventstore/testing/stores.hpp"

namespace souk {
namespace {

using testing::for_each_store;
using testing::ManualClock;
using testing::request;
using testing::stream;
using testing::TestStore;
using testing::wait_durable;

NewEvent with_timer(TimerChange::Kind kind, const std::string& name, std::int64_t due_us) {
  return {"order.changed", 1, "{}", {{kind, name, Time{due_us}}}};
}

void append_timer(EventLog& log, std::uint64_t number, std::uint64_t expected, TimerChange::Kind kind,
                  const std::string& name, std::int64_t due_us) {
  auto wanted = request(stream(number), expected, 0);
  wanted.events.push_back(with_timer(kind, name, due_us));
  REQUIRE(log.append(std::move(wanted)));
}

TEST_CASE("durable timers come due in order, and one that is moved only at its new time") {
  for_each_store([](TestStore& store, ManualClock&) {
    using Kind = TimerChange::Kind;
    append_timer(*store, 1, 0, Kind::kSet, "expire", 300);
    append_timer(*store, 2, 0, Kind::kSet, "expire", 100);
    append_timer(*store, 3, 0, Kind::kSet, "expire", 200);
    append_timer(*store, 3, 1, Kind::kSet, "remind", -50);
    append_timer(*store, 2, 1, Kind::kSet, "expire", 250);
    append_timer(*store, 4, 0, Kind::kSet, "expire", 10);
    append_timer(*store, 4, 1, Kind::kCleared, "expire", 10);
    append_timer(*store, 4, 2, Kind::kCleared, "never_set", 10);
    wait_durable(*store);
    for (int round = 0; round < 2; ++round) {
      const auto due = store->due_timers({250}, 10);
      REQUIRE(due.size() == 3);
      CHECK((due[0] == PendingTimer{stream(3), "remind", {-50}, {4}}));
      CHECK((due[1] == PendingTimer{stream(3), "expire", {200}, {3}}));
      CHECK((due[2] == PendingTimer{stream(2), "expire", {250}, {5}}));
      CHECK(store->due_timers({250}, 1).size() == 1);
      CHECK(store->due_timers({-51}, 10).empty());
      CHECK(store->due_timers({1'000}, 10).size() == 4);
      store.reopen();
    }
  });
}

TEST_CASE("a timer set again for the same moment is forgotten only as what it is now") {
  for_each_store([](TestStore& store, ManualClock&) {
    append_timer(*store, 1, 0, TimerChange::Kind::kSet, "expire", 100);
    append_timer(*store, 1, 1, TimerChange::Kind::kSet, "expire", 100);
    append_timer(*store, 2, 0, TimerChange::Kind::kSet, "expire", 100);
    wait_durable(*store);
    store->forget_timer({stream(1), "expire", {100}, {1}});
    store->forget_timer({stream(2), "expire", {100}, {3}});
    store.reopen();
    const auto due = store->due_timers({100}, 10);
    REQUIRE(due.size() == 1);
    CHECK((due[0] == PendingTimer{stream(1), "expire", {100}, {2}}));
    append_timer(*store, 1, 2, TimerChange::Kind::kCleared, "expire", 100);
    wait_durable(*store);
    CHECK(store->due_timers({100}, 10).empty());
  });
}

TEST_CASE("a command with a key is known at once, by its last event, until the key expires") {
  for_each_store([](TestStore& store, ManualClock& clock) {
    CHECK_FALSE(store->find_command(testing::command_id(7)));
    REQUIRE(store->append(request(stream(1), 0, 3, 7)));
    auto unkeyed = request(stream(1), 3, 1, 8);
    unkeyed.meta.has_key = false;
    REQUIRE(store->append(unkeyed));
    for (int round = 0; round < 3; ++round) {
      const auto known = store->find_command(testing::command_id(7));
      REQUIRE(known);
      CHECK((known->stream == stream(1)));
      CHECK(known->position.value == 3);
      CHECK(known->fingerprint[0] == 7);
      CHECK((known->recorded_at == clock.now()));
      CHECK_FALSE(store->find_command(testing::command_id(8)));
      wait_durable(*store);
      if (round == 1) store.reopen();
    }
    clock.advance(Duration::minutes(7 * 24 * 60));
    CHECK(store->find_command(testing::command_id(7)));
    clock.advance({1});
    CHECK_FALSE(store->find_command(testing::command_id(7)));
    REQUIRE(store->append(request(stream(2), 0, 1, 7)));
    REQUIRE(store->find_command(testing::command_id(7)));
    CHECK((store->find_command(testing::command_id(7))->stream == stream(2)));
  });
}

TEST_CASE("checkpoints are kept per consumer") {
  for_each_store([](TestStore& store, ManualClock&) {
    CHECK(store->checkpoint("feed").value == 0);
    REQUIRE(store->append(request(stream(1), 0, 5)));
    store->set_checkpoint("feed", {2});
    store->set_checkpoint("search", {5});
    store->set_checkpoint("feed", {4});
    CHECK(store->checkpoint("feed").value == 4);
    store.reopen();
    CHECK(store->checkpoint("feed").value == 4);
    CHECK(store->checkpoint("search").value == 5);
    CHECK(store->checkpoint("other").value == 0);
  });
}

TEST_CASE("a snapshot shortens loading, unless it is of another schema or of nothing that is durable") {
  for_each_store([](TestStore& store, ManualClock&) {
    REQUIRE(store->append(request(stream(1), 0, 5)));
    wait_durable(*store);
    store->save_snapshot(stream(1), {{3}, {3}, 1, "state of three"});
    for (int round = 0; round < 2; ++round) {
      const auto loaded = store->load(stream(1), 1);
      REQUIRE(loaded);
      REQUIRE(loaded->snapshot);
      CHECK(loaded->snapshot->state == "state of three");
      CHECK(loaded->snapshot->version.value == 3);
      REQUIRE(loaded->records.size() == 2);
      CHECK(loaded->records[0]->version.value == 4);
      store.reopen();
    }
    CHECK(store->stats().snapshots_ignored == 0);
    const auto other_schema = store->load(stream(1), 2);
    REQUIRE(other_schema);
    CHECK_FALSE(other_schema->snapshot);
    CHECK(other_schema->records.size() == 5);
    CHECK(store->stats().snapshots_ignored == 1);

    store->save_snapshot(stream(1), {{6}, {6}, 1, "ahead of the disk"});
    CHECK(store->load(stream(1), 1)->snapshot->state == "state of three");
    // A version that the stream does not have, though its position is durable.
    store->save_snapshot(stream(1), {{6}, {5}, 1, "ahead of the stream"});
    const auto ahead = store->load(stream(1), 1);
    CHECK_FALSE(ahead->snapshot);
    CHECK(ahead->records.size() == 5);
    CHECK(store->stats().snapshots_ignored == 2);

    const auto empty = store->load(stream(2), 1);
    REQUIRE(empty);
    CHECK_FALSE(empty->snapshot);
    CHECK(empty->records.empty());
  });
}

}  // namespace
}  // namespace souk
