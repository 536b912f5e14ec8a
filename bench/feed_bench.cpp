// How fast the feed sends a log to a broker, from the first event to the last acknowledgement.
//
// Usage: feed_bench SCRATCH_DIRECTORY BROKERS EVENTS COMPRESSION TOPIC_PREFIX. Makes a log of orders' events in the
// scratch directory if there is none, prints the mean sizes of a payload and of a key, and the events a second.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "eventstore/rocks_event_log.hpp"
#include "kafka/feed_target.hpp"
#include "projections/follower.hpp"

namespace {

using namespace souk;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kStreams = 20'000;
constexpr std::size_t kUnderWay = 20'000;

class WallClock final : public Clock {
 public:
  Time now() override {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
  }
};

void fail_with(const Error& error) {
  std::fprintf(stderr, "feed_bench: %s: %s\n", error.reason.c_str(), error.detail.c_str());
  std::exit(1);
}

std::string payload_of(std::size_t number) {
  const auto id = Id128{number * 0x9e3779b97f4a7c15U, number}.str();
  return R"({"lines":[{"product_id":")" + id + R"(","quantity":)" + std::to_string(1 + number % 9) +
         R"(,"unit_price":{"amount":)" + std::to_string(100 + number % 9'000) +
         R"(,"currency":"CNY"}}],"total":{"amount":)" + std::to_string(1'000 + number % 90'000) +
         R"(,"currency":"CNY"},"at":"2026-11-23T07:31:46.000001Z"})";
}

void record(EventLog& log, std::size_t events) {
  for (std::size_t i = log.head(Visibility::kDurable).value; i < events; ++i) {
    const StreamId stream("order", Id128{7, i % kStreams});
    AppendRequest request{stream, Version{i / kStreams}, {{"order.placed", 1, payload_of(i), {}}}, {}};
    request.meta.principal = "account:0000000000000000000000000b";
    request.meta.correlation = "4f3c7a2b9d1e4f3c7a2b9d1e4f3c7a2b";
    if (!log.append(std::move(request))) std::abort();
    while (i - log.head(Visibility::kDurable).value > kUnderWay) std::this_thread::yield();
  }
  while (log.head(Visibility::kDurable).value < events) std::this_thread::yield();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: feed_bench SCRATCH_DIRECTORY BROKERS EVENTS COMPRESSION TOPIC_PREFIX\n");
    return 64;
  }
  const std::string scratch = argv[1];
  const auto events = static_cast<std::size_t>(std::strtoull(argv[3], nullptr, 10));
  WallClock clock;
  RocksLogOptions log_options;
  log_options.directory = scratch + "/log";
  const auto log = RocksEventLog::open(std::move(log_options), clock);
  if (!log) fail_with(log.error());
  record(**log, events);

  kafka::FeedOptions options;
  options.client.brokers = argv[2];
  options.compression = argv[4];
  options.topic_prefix = argv[5];
  const std::string file = scratch + "/kafka.1.sqlite";
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
  auto target = kafka::FeedTarget::open(**log, clock, options, file);
  if (!target) fail_with(target.error());
  FollowerOptions following;
  following.catch_up_events_max = 5'000;
  Follower follower(**log, clock, std::move(*target), following);
  const auto began = SteadyClock::now();
  follower.start();
  while (follower.position().value < events) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
  follower.stop();
  std::printf("%zu %zu %.0f\n", payload_of(events / 2).size(), StreamId("order", Id128{7, 1}).text().size(),
              static_cast<double>(events) / seconds);
  return 0;
}
