// How fast all read models are made anew from a log, side by side, as a rebuild of all of them does.
//
// Usage: rebuild_bench DATA_DIRECTORY SCRATCH_DIRECTORY [NAME]. Prints, of each read model, its events a second of the
// whole log and the time of its own thread, then all of them together. The log is read once before, which warms the
// system's cache. Nobody may serve the directory meanwhile.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "eventstore/rocks_event_log.hpp"
#include "projections/follower.hpp"
#include "projections/projections.hpp"
#include "projections/read_model_source.hpp"

namespace {

using namespace souk;
using SteadyClock = std::chrono::steady_clock;

class WallClock final : public Clock {
 public:
  Time now() override {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count()};
  }
};

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void fail_with(const Error& error) {
  std::fprintf(stderr, "rebuild_bench: %s: %s\n", error.reason.c_str(), error.detail.c_str());
  std::exit(1);
}

/// What the log is made of, the most frequent kind first.
void print_mix(EventLog& log) {
  std::map<std::string, std::uint64_t, std::less<>> kinds;
  for (Position after;;) {
    const auto records = log.read(after, 5'000, Visibility::kDurable);
    if (!records) fail_with(records.error());
    if (records->empty()) break;
    for (const auto& record : *records) ++kinds[std::string(record->stream.kind())];
    after = records->back()->position;
  }
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [kind, count] : kinds) sorted.emplace_back(count, kind);
  std::sort(sorted.rbegin(), sorted.rend());
  std::string text = "events:";
  for (const auto& [count, kind] : sorted) text += " " + kind + " " + std::to_string(count);
  std::printf("%s\n", text.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: rebuild_bench DATA_DIRECTORY SCRATCH_DIRECTORY [NAME]\n");
    return 64;
  }
  WallClock clock;
  RocksLogOptions options;
  options.directory = std::string(argv[1]) + "/log";
  const auto log = RocksEventLog::open(std::move(options), clock);
  if (!log) fail_with(log.error());
  const auto head = (*log)->head(Visibility::kDurable).value;
  const auto reader = std::make_shared<LogReader>(**log);
  if (argc == 3) print_mix(**log);
  std::mutex printing;
  std::vector<std::thread> threads;
  const auto began = SteadyClock::now();
  for (const auto& make : all_projections()) {
    if (argc > 3 && make()->name() != argv[3]) continue;
    threads.emplace_back([&, make] {
      ReadModelSource source(**log, argv[2], make);
      source.remove(1);
      auto target = source.open(1, FollowerSource::Use::kBuilding);
      if (!target) fail_with(target.error());
      FollowerOptions following;
      following.catch_up_events_max = 5'000;
      following.reader = reader;
      Follower follower(**log, clock, std::move(*target), following);
      for (;;) {
        const auto covered = follower.run_once();
        if (!covered) fail_with(covered.error());
        if (*covered == 0) break;
      }
      const auto status = follower.status();
      const auto settled = follower.release()->settle();
      if (!settled) fail_with(settled.error());
      const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
      const std::lock_guard lock(printing);
      std::printf("%-16s %9.0f events/s, %5.2f s of its thread, %llu of its events, %llu parked\n", status.name.c_str(),
                  static_cast<double>(head) / seconds, cpu_seconds(),
                  static_cast<unsigned long long>(status.events_total), static_cast<unsigned long long>(status.parked));
    });
  }
  for (auto& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
  std::printf("all: %.0f events/s: %llu events in %.2f s\n", static_cast<double>(head) / seconds,
              static_cast<unsigned long long>(head), seconds);
  return 0;
}
