#include "eventstore/memory_event_log.hpp"

#include <doctest/doctest.h>

#include "eventstore/testing/fixtures.hpp"

namespace souk {
namespace {

using testing::ManualClock;
using testing::request;
using testing::stream;

MemoryLogOptions manual() {
  MemoryLogOptions options;
  options.auto_commit = false;
  return options;
}

struct Heard final : LogListener {
  void durable(Position position) override { positions.push_back(position.value); }
  std::vector<std::uint64_t> positions;
};

TEST_CASE("a manual log makes durable exactly as many appends as it is told") {
  ManualClock clock;
  MemoryEventLog log(clock, manual());
  Heard heard;
  log.add_listener(&heard);
  REQUIRE(log.append(request(stream(1), 0, 2)));
  REQUIRE(log.append(request(stream(2), 0, 1)));
  REQUIRE(log.append(request(stream(3), 0, 3)));
  CHECK(log.head(Visibility::kDurable).value == 0);
  CHECK(log.head(Visibility::kOrdered).value == 6);
  CHECK(log.waiting() == 3);

  log.commit_some(1);
  CHECK(log.head(Visibility::kDurable).value == 2);
  log.commit_all();
  CHECK(log.head(Visibility::kDurable).value == 6);
  CHECK(heard.positions == std::vector<std::uint64_t>{2, 6});
  log.remove_listener(&heard);
}

TEST_CASE("a crash leaves the durable prefix and everything that belongs to it") {
  ManualClock clock;
  MemoryEventLog log(clock, manual());
  auto first = request(stream(1), 0, 1, 7);
  first.events[0].timers = {{TimerChange::Kind::kSet, "expire", Time{50}}};
  REQUIRE(log.append(first));
  log.set_checkpoint("feed", {1});
  auto second = request(stream(1), 1, 1, 8);
  second.events[0].timers = {{TimerChange::Kind::kCleared, "expire", Time{50}}};
  REQUIRE(log.append(second));
  log.set_checkpoint("feed", {2});
  log.commit_some(1);
  log.save_snapshot(stream(1), {{1}, {1}, 1, "one"});
  log.save_snapshot(stream(1), {{2}, {2}, 1, "two"});

  MemoryEventLog after(clock, log.crash(), manual());
  log.commit_all();
  CHECK(log.head(Visibility::kDurable).value == 1);
  CHECK(after.head(Visibility::kOrdered).value == 1);
  CHECK(after.checkpoint("feed").value == 0);
  CHECK(after.due_timers({100}, 10).size() == 1);
  CHECK(after.find_command(testing::command_id(7)));
  CHECK_FALSE(after.find_command(testing::command_id(8)));
  const auto loaded = after.load(stream(1), 1);
  REQUIRE(loaded);
  REQUIRE(loaded->snapshot);
  CHECK(loaded->snapshot->state == "one");
  CHECK(after.append(request(stream(1), 1, 1)));
}

TEST_CASE("a checkpoint behind the last committed append is not durable, commit_all writes it") {
  ManualClock clock;
  MemoryEventLog log(clock, manual());
  REQUIRE(log.append(request(stream(1), 0, 1)));
  log.set_checkpoint("feed", {1});
  CHECK(log.checkpoint("feed").value == 1);
  SUBCASE("not written") {
    log.commit_some(1);
    CHECK(MemoryEventLog(clock, log.crash()).checkpoint("feed").value == 0);
  }
  SUBCASE("written") {
    log.commit_all();
    CHECK(MemoryEventLog(clock, log.crash()).checkpoint("feed").value == 1);
  }
}

TEST_CASE("a commit that fails is fatal and nothing becomes durable any more") {
  ManualClock clock;
  std::string told;
  MemoryLogOptions options = manual();
  options.on_fatal = [&](const std::string& what) { told = what; };
  MemoryEventLog log(clock, options);
  Heard heard;
  log.add_listener(&heard);
  REQUIRE(log.append(request(stream(1), 0, 1)));
  log.fail_next_commit("the disk is full");
  log.commit_all();
  CHECK(told == "the disk is full");
  log.commit_all();
  CHECK(log.head(Visibility::kDurable).value == 0);
  CHECK(heard.positions.empty());
  log.remove_listener(&heard);
}

TEST_CASE("two logs that are given the same have the same chain") {
  ManualClock clock;
  MemoryEventLog one(clock);
  MemoryEventLog other(clock, manual());
  for (auto* log : {&one, &other}) {
    REQUIRE(log->append(request(stream(1), 0, 3, 1)));
    REQUIRE(log->append(request(stream(1), 3, 1, 2)));
  }
  other.commit_all();
  const auto a = one.read({}, 10, Visibility::kDurable);
  const auto b = other.read({}, 10, Visibility::kDurable);
  REQUIRE(a->size() == 4);
  for (std::size_t i = 0; i < a->size(); ++i) CHECK((*a)[i]->hash == (*b)[i]->hash);
  CHECK((*a)[0]->hash != (*a)[1]->hash);
}

}  // namespace
}  // namespace souk
