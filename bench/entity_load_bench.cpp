// How long a cold entity takes to come to life from a warm store: reading an order of ten events and folding it, as the
// actor's load does.
//
//   entity_load_bench [DIRECTORY [ORDERS]]      DIRECTORY should lie on the disk that is to be measured
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>
#include <vector>

#include "actors/live_entity.hpp"
#include "engine/base/clock.hpp"
#include "engine/entities.hpp"
#include "eventstore/rocks_event_log.hpp"

namespace {

using namespace souk;

/// Placed, one event for each line reserved, awaiting payment, paid.
constexpr std::uint64_t kLines = 7;
constexpr std::uint64_t kEvents = kLines + 3;
constexpr int kLoads = 20'000;

class WallClock final : public Clock {
 public:
  Time now() override {
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
};

std::unique_ptr<RocksEventLog> open_log(const std::string& directory, Clock& clock) {
  RocksLogOptions options;
  options.directory = directory;
  // Nothing is kept in memory but RocksDB's own cache, so that every load goes to the store.
  options.recent_records_max = 1;
  auto log = RocksEventLog::open(options, clock);
  if (!log) {
    std::fprintf(stderr, "%s: %s\n", log.error().reason.c_str(), log.error().detail.c_str());
    std::exit(1);
  }
  return std::move(*log);
}

StreamId stream_of_order(std::uint64_t number) {
  return {std::string(Order::kKind), Id128{0x9E3779B97F4A7C15ULL * (number + 1), number}};
}

void write_order(EventLog& log, std::uint64_t number, Time at) {
  using namespace order;
  Place place{AccountId{{1, number}},     {}, {"personal:v1:" + std::string(160, 'A')}, true, at,
              at + Duration::minutes(10), {}};
  for (std::uint64_t i = 0; i < kLines; ++i) {
    place.lines.push_back({ProductId{{0, i + 1}}, Version{1}, "SKU-" + std::to_string(i), "龙井茶 Longjing tea",
                           "https://pictures.example/1.jpg", "Green tea from the first days of spring",
                           Money{1'999, {}}, 1});
  }
  const auto entity = make_live_entity(stream_of_order(number), log, {});
  const auto obey = [&](const Order::Command& command) {
    CommandMeta meta;
    meta.command_id = CommandId{Id128{number, entity->version().value}};
    meta.principal = "account:01hf3k9p2m4n6q8r0s2t4v6w8x";
    if (entity->obey(&command, meta).refusal) std::abort();
  };
  obey(place);
  for (const auto& line : place.lines) obey(RecordReserved{line.product});
  obey(RecordPayment{PaymentId{{number, 2}}, Money{1'999 * static_cast<std::int64_t>(kLines), {}}});
  if (entity->version().value != kEvents) std::abort();
}

void write_orders(const std::string& directory, std::uint64_t orders, Clock& clock) {
  const auto log = open_log(directory, clock);
  for (std::uint64_t i = 0; i < orders; ++i) {
    write_order(*log, i, clock.now());
    // The queue of the log is bounded by nothing but its callers.
    while (log->stats().queue_length > 20'000) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

double load_one_us(EventLog& log, std::uint64_t number) {
  const auto stream = stream_of_order(number);
  const auto begin = std::chrono::steady_clock::now();
  const auto entity = make_live_entity(stream, log, {});
  const auto loaded = log.load(stream, Order::kStateSchema);
  if (!loaded || !entity->restore(*loaded) || entity->version().value != kEvents) std::abort();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string();
  const std::uint64_t orders = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000;
  const std::string directory = parent + "/entity-load-bench-" + std::to_string(::getpid());
  WallClock clock;
  std::filesystem::remove_all(directory);
  write_orders(directory, orders, clock);
  std::vector<double> took_us;
  {
    const auto log = open_log(directory, clock);
    std::mt19937_64 random(1);
    for (int i = 0; i < 2 * kLoads; ++i) {
      const double us = load_one_us(*log, random() % orders);
      if (i >= kLoads) took_us.push_back(us);
    }
  }
  std::filesystem::remove_all(directory);
  std::ranges::sort(took_us);
  std::printf("load an order of %llu events, warm: p50 %.1f us, p99 %.1f us\n",
              static_cast<unsigned long long>(kEvents), took_us[took_us.size() / 2],
              took_us[took_us.size() * 99 / 100]);
  return 0;
}
