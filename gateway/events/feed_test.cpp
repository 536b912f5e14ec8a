#include "gateway/events/feed.hpp"

#include <doctest/doctest.h>

#include <condition_variable>

#include "actors/testing/hosts.hpp"
#include "actors/testing/wrapped_log.hpp"

namespace souk {
namespace {

const StreamId kTea{"stock", Id128{1, 1}};
const StreamId kCup{"stock", Id128{1, 2}};

/// A log whose memory can be made short.
class ForgetfulLog final : public testing::WrappedLog {
 public:
  using WrappedLog::WrappedLog;
  std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) override {
    if (after.value < remembers_from) return std::nullopt;
    return WrappedLog::read_recent(after, limit);
  }
  std::atomic<std::uint64_t> remembers_from{0};
};

/// What a listener was told, as "stream@version"; "?" for null.
class Ear {
 public:
  EventFeed::Listener listener() {
    return [this](const RecordPtr& record) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(record ? std::string(record->stream.text()) + "@" + std::to_string(record->version.value) : "?");
      changed_.notify_all();
    };
  }
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(5), [&] { return heard_.size() >= count; });
    return heard_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
};

struct World {
  testing::ManualClock clock;
  ForgetfulLog log{clock, [] {
                     MemoryLogOptions options;
                     options.auto_commit = false;
                     return options;
                   }()};
  EventFeed feed{log};

  void append(const StreamId& stream, std::uint64_t expected, std::size_t count = 1) {
    AppendRequest request;
    request.stream = stream;
    request.expected = {expected};
    for (std::size_t i = 0; i < count; ++i) {
      NewEvent event;
      event.type = "stock.received";
      event.payload = "{}";
      request.events.push_back(event);
    }
    REQUIRE(log.append(std::move(request)));
  }
  void commit() { log.inner.commit_all(); }
};

std::string of(const StreamId& stream, std::uint64_t version) {
  return std::string(stream.text()) + "@" + std::to_string(version);
}

}  // namespace

TEST_CASE("a listener is told the durable events of its stream, in order") {
  World world;
  world.append(kTea, 0);
  world.commit();
  Ear tea;
  Ear cup;
  world.feed.listen(kTea, tea.listener());
  world.feed.listen(kCup, cup.listener());
  world.append(kTea, 1);
  world.append(kCup, 0);
  world.append(kTea, 2, 2);
  world.commit();
  CHECK((tea.wait_for(3) == std::vector{of(kTea, 2), of(kTea, 3), of(kTea, 4)}));
  CHECK((cup.wait_for(1) == std::vector{of(kCup, 1)}));
}

TEST_CASE("what is ordered is told only once it is durable") {
  World world;
  Ear tea;
  Ear cup;
  world.feed.listen(kTea, tea.listener());
  world.feed.listen(kCup, cup.listener());
  world.append(kCup, 0);
  world.append(kTea, 0);
  world.log.inner.commit_some(1);
  CHECK((cup.wait_for(1) == std::vector{of(kCup, 1)}));  // by then the other one would have been told as well
  CHECK(tea.wait_for(0).empty());
  world.commit();
  CHECK((tea.wait_for(1) == std::vector{of(kTea, 1)}));
}

TEST_CASE("who listens no more is told no more, and the feed rests until somebody listens again") {
  World world;
  Ear first;
  const auto ticket = world.feed.listen(kTea, first.listener());
  world.append(kTea, 0);
  world.commit();
  first.wait_for(1);
  world.feed.stop_listening(ticket);
  world.feed.stop_listening(ticket);
  world.append(kTea, 1);
  world.commit();
  Ear second;
  world.feed.listen(kTea, second.listener());
  world.append(kTea, 2);
  world.commit();
  CHECK((second.wait_for(1) == std::vector{of(kTea, 3)}));
  CHECK(first.wait_for(0).size() == 1);
}

TEST_CASE("of what memory has lost, everybody is told that there was something") {
  World world;
  Ear tea;
  Ear cup;
  world.feed.listen(kTea, tea.listener());
  world.feed.listen(kCup, cup.listener());
  world.log.remembers_from = 2;
  world.append(kTea, 0, 3);
  world.commit();
  CHECK((tea.wait_for(1) == std::vector<std::string>{"?"}));
  CHECK((cup.wait_for(1) == std::vector<std::string>{"?"}));
  world.append(kTea, 3);
  world.commit();
  CHECK((tea.wait_for(2) == std::vector<std::string>{"?", of(kTea, 4)}));
}

TEST_CASE("several may listen to one stream, and to many events at once") {
  World world;
  Ear first;
  Ear second;
  world.feed.listen(kTea, first.listener());
  world.feed.listen(kTea, second.listener());
  world.append(kTea, 0, 5'000);
  world.commit();
  CHECK(first.wait_for(5'000).size() == 5'000);
  CHECK(second.wait_for(5'000).back() == of(kTea, 5'000));
}

}  // namespace souk
