#include "projections/log_reader.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"

namespace souk {
namespace {

constexpr std::uint64_t kChunk = 5'000;
constexpr std::uint64_t kChunks = 10;

struct World {
  testing::ManualClock clock;
  MemoryEventLog log{clock};

  World() {
    for (std::uint64_t i = 0; i <= kChunks; ++i)
      REQUIRE(log.append(testing::request({"cart", Id128{0, i}}, 0, kChunk)));
  }
};

LogReader::Chunk chunk_at(LogReader& reader, LogReader::Seat& seat, std::uint64_t number) {
  auto read = reader.read(seat, Position{number * kChunk}, kChunk);
  REQUIRE(read);
  CHECK(read->end - read->begin == kChunk);
  CHECK((*read->chunk)[read->begin]->position == Position{number * kChunk + 1});
  return read->chunk;
}

TEST_CASE("those who catch up side by side read the log once, however much faster one of them is") {
  World world;
  LogReader reader(world.log, {std::chrono::seconds(60), std::chrono::seconds(60)});
  const auto slow = reader.take_seat();
  std::vector<LogReader::Chunk> of_slow{chunk_at(reader, *slow, 0)};
  std::vector<LogReader::Chunk> of_fast;
  std::atomic<std::uint64_t> come_to{0};
  std::thread fast([&] {
    const auto seat = reader.take_seat();
    for (std::uint64_t i = 0; i < kChunks; ++i) {
      of_fast.push_back(chunk_at(reader, *seat, i));
      come_to = i + 1;
    }
  });
  for (std::uint64_t i = 1; i < kChunks; ++i) {
    // As far as the other one gets alone.
    while (come_to < std::min(i + 3, kChunks)) std::this_thread::yield();
    of_slow.push_back(chunk_at(reader, *slow, i));
  }
  fast.join();
  CHECK(of_slow == of_fast);
}

TEST_CASE("whoever reads no more is not waited for") {
  World world;
  LogReader reader(world.log, {std::chrono::seconds(60), std::chrono::milliseconds(0)});
  const auto stopped = reader.take_seat();
  chunk_at(reader, *stopped, 0);
  const auto seat = reader.take_seat();
  for (std::uint64_t i = 0; i < kChunks; ++i) chunk_at(reader, *seat, i);
  // It reads by itself what nobody keeps any more.
  chunk_at(reader, *stopped, 1);
}

}  // namespace
}  // namespace souk
