// How much of RocksDB's own speed the event log keeps: appends through the log against raw writes of byte-identical
// synced batches, in turns; then loading streams of ten events and reading the log in order.
//
//   committer_bench [DIRECTORY [EVENTS [ROUNDS]]]      DIRECTORY should lie on the disk that is to be measured
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "eventstore/log_batch.hpp"
#include "eventstore/record_codec.hpp"
#include "eventstore/rocks_event_log.hpp"

namespace {

using namespace souk;

constexpr std::uint64_t kEventsPerStream = 10;
/// On their way at once: as many commands as a busy server has waiting, and enough to fill batches.
constexpr std::uint64_t kOnTheirWayMax = 1'024;

using Seconds = std::chrono::duration<double>;

double now_s() {
  return Seconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class WallClock final : public Clock {
 public:
  Time now() override {
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count()};
  }
};

/// Lets appenders run ahead of the disk by a bounded distance, and notes where batches ended.
class Pace final : public LogListener {
 public:
  void durable(Position position) override {
    const std::lock_guard lock(mutex_);
    batch_ends.push_back(position);
    durable_ = position.value;
    told_.notify_all();
  }
  void wait(std::uint64_t ordered) {
    // Looks again only when the distance it knew of is used up.
    if (ordered < next_check_) return;
    std::unique_lock lock(mutex_);
    told_.wait(lock, [&] { return ordered < durable_ + kOnTheirWayMax; });
    next_check_ = durable_ + kOnTheirWayMax;
  }
  void wait_durable(std::uint64_t position) {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [&] { return durable_ >= position; });
  }
  std::vector<Position> batch_ends;

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::uint64_t durable_ = 0;
  std::uint64_t next_check_ = kOnTheirWayMax;
};

StreamId stream_of(std::uint64_t event, std::uint64_t streams) {
  return {"cart", Id128{0x9E3779B97F4A7C15ULL * (1 + event % streams), event % streams}};
}

AppendRequest request_of(std::uint64_t event, std::uint64_t streams, std::mt19937_64& random) {
  AppendRequest request{stream_of(event, streams), {event / streams}, {}, {}};
  request.events.push_back(
      {"cart.item_added",
       1,
       R"({"product_id":"01hf3k9p2m4n6q8r0s2t4v6w8x","name":"cold-brewed oolong tea, 500 ml","quantity":3,)"
       R"("price":{"amount":1999,"currency":"CNY"},"added_at":"2026-11-23T07:31:46.000001Z","note":""})",
       {}});
  request.meta.command_id = {Id128{random(), random()}};
  request.meta.has_key = true;
  request.meta.principal = "account:01hf3k9p2m4n6q8r0s2t4v6w8x";
  request.meta.correlation = "01hf3k9p2m4n6q8r0s2t4v6w8y";
  return request;
}

std::unique_ptr<RocksEventLog> open_log(const std::string& directory, Clock& clock, std::size_t recent_records_max) {
  RocksLogOptions options;
  options.directory = directory;
  options.recent_records_max = recent_records_max;
  auto log = RocksEventLog::open(options, clock);
  if (!log) {
    std::fprintf(stderr, "%s: %s\n", log.error().reason.c_str(), log.error().detail.c_str());
    std::exit(1);
  }
  return std::move(*log);
}

struct Round {
  double log_per_s = 0;
  double raw_per_s = 0;
  double batch = 0;
};

double append_all(EventLog& log, std::uint64_t events, Pace& pace) {
  std::mt19937_64 random(1);
  log.add_listener(&pace);
  const double begin = now_s();
  for (std::uint64_t i = 0; i < events; ++i) {
    pace.wait(i);
    if (!log.append(request_of(i, events / kEventsPerStream, random))) std::abort();
  }
  pace.wait_durable(events);
  const double took = now_s() - begin;
  log.remove_listener(&pace);
  return took;
}

/// The batches that the log wrote, built beforehand; only their writing is timed.
double write_raw(EventLog& log, const std::string& directory, const std::vector<Position>& batch_ends, Clock& clock) {
  const RocksLogOptions same;
  std::filesystem::create_directories(directory);
  auto rocks =
      open_rocks_db(directory + "/rocksdb",
                    {same.block_cache_bytes, same.write_buffer_bytes, same.idempotency_retention, nullptr}, clock);
  if (!rocks) std::exit(1);
  std::vector<LogBatch> batches;
  Position at;
  for (const Position end : batch_ends) {
    LogBatch& batch = batches.emplace_back(**rocks);
    const auto records = log.read(at, end.value - at.value, Visibility::kDurable);
    for (const auto& record : *records) {
      std::string stored;
      encode_record(*record, stored);
      stored.append(reinterpret_cast<const char*>(record->hash.data()), record->hash.size());
      batch.put_record(*record, stored);
    }
    for (const auto index : kIndexes) batch.put_high(index, end);
    at = end;
  }
  const double begin = now_s();
  for (auto& batch : batches) {
    if (!batch.write(true).ok()) std::abort();
  }
  return now_s() - begin;
}

Round run_round(const std::string& directory, std::uint64_t events, Clock& clock) {
  Round round;
  Pace pace;
  {
    const auto log = open_log(directory + "/log", clock, 65'536);
    round.log_per_s = static_cast<double>(events) / append_all(*log, events, pace);
  }
  round.batch = static_cast<double>(events) / static_cast<double>(pace.batch_ends.size());
  {
    const auto log = open_log(directory + "/log", clock, 1);
    round.raw_per_s = static_cast<double>(events) / write_raw(*log, directory + "/raw", pace.batch_ends, clock);
  }
  std::filesystem::remove_all(directory + "/raw");
  return round;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void measure_reads(const std::string& directory, std::uint64_t events, Clock& clock) {
  // Nothing in memory but RocksDB's own cache, so that what is measured is a cold entity in a warm store.
  const auto log = open_log(directory + "/log", clock, 1);
  const std::uint64_t streams = events / kEventsPerStream;
  constexpr int kLoads = 20'000;
  std::mt19937_64 random(2);
  std::vector<double> took_us;
  for (int i = 0; i < 2 * kLoads; ++i) {
    const StreamId stream = stream_of(random() % streams, streams);
    const double begin = now_s();
    const auto loaded = log->load(stream, 1);
    const double end = now_s();
    if (!loaded || loaded->records.size() != kEventsPerStream) std::abort();
    if (i >= kLoads) took_us.push_back((end - begin) * 1e6);
  }
  std::ranges::sort(took_us);
  std::printf("load a stream of %llu events, warm: p50 %.1f us, p99 %.1f us\n",
              static_cast<unsigned long long>(kEventsPerStream), took_us[took_us.size() / 2],
              took_us[took_us.size() * 99 / 100]);

  const double begin = now_s();
  Position at;
  for (;;) {
    const auto records = log->read(at, 1'000, Visibility::kDurable);
    if (!records || records->empty()) break;
    at = records->back()->position;
  }
  std::printf("read the log in order: %.0f events/s\n", static_cast<double>(at.value) / (now_s() - begin));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string parent = argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string();
  const std::uint64_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 300'000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  const std::string directory = parent + "/committer-bench-" + std::to_string(::getpid());
  WallClock clock;
  std::vector<double> log_rates;
  std::vector<double> raw_rates;
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    std::filesystem::remove_all(directory);
    const Round round = run_round(directory, events, clock);
    std::printf("round %d: log %.0f events/s, raw %.0f events/s, ratio %.2f, %.0f events a batch\n", i + 1,
                round.log_per_s, round.raw_per_s, round.log_per_s / round.raw_per_s, round.batch);
    std::fflush(stdout);
    log_rates.push_back(round.log_per_s);
    raw_rates.push_back(round.raw_per_s);
    ratios.push_back(round.log_per_s / round.raw_per_s);
  }
  std::printf("median: log %.0f events/s, raw %.0f events/s, ratio %.2f\n", median(log_rates), median(raw_rates),
              median(ratios));
  measure_reads(directory, events, clock);
  std::filesystem::remove_all(directory);
  return 0;
}
