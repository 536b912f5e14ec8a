// Power cuts and kills, in loops: nothing that was acknowledged is ever lost or contradicted.
//
// In the suite "slow", which does not run by default. SOUK_CUTS and SOUK_KILLS set the number of cycles, SOUK_SEED the
// seed. Each loop has a control that must find losses where the disk lies.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "eventstore/testing/fault_disk.hpp"
#include "eventstore/testing/stores.hpp"

namespace souk {
namespace {

using testing::FaultDisk;
using testing::ManualClock;
using testing::open_or_die;
using testing::request;
using testing::small_options;
using testing::stream;
using testing::TempDirectory;

constexpr std::uint64_t kThreads = 2;
constexpr std::uint64_t kStreamsPerThread = 20;
/// All that survived is read after every cut, so the log must not grow for ever.
constexpr std::uint64_t kCutsPerDirectory = 5;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

std::uint64_t seed() {
  const std::uint64_t value = number_from("SOUK_SEED", static_cast<std::uint64_t>(::getpid()) * 7'919);
  std::cout << "SOUK_SEED=" << value << '\n';
  return value;
}

/// A record as one line; what was acknowledged of it must be found again letter by letter.
std::string line_of(const EventRecord& record) {
  return std::to_string(record.position.value) + ' ' + std::string(record.stream.text()) + ' ' +
         std::to_string(record.version.value) + ' ' + record.payload;
}

/// Appends from several threads until nothing more becomes durable, keeping bounded what is on its way.
class Load final : public LogListener {
 public:
  Load(EventLog& log, std::uint64_t seed) : log_(log), acknowledged_(log.head(Visibility::kDurable).value) {
    log_.add_listener(this);
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads_.emplace_back([this, t, seed] { run(t, seed + t); });
    }
  }
  ~Load() override {
    stop();
    for (auto& thread : threads_) thread.join();
    log_.remove_listener(this);
  }

  void durable(Position position) override {
    const std::lock_guard lock(mutex_);
    acknowledged_ = position.value;
    told_.notify_all();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    told_.notify_all();
  }
  void wait_stopped() {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [this] { return stopping_; });
  }
  std::uint64_t acknowledged() {
    const std::lock_guard lock(mutex_);
    return acknowledged_;
  }

 private:
  static constexpr std::uint64_t kOnTheirWayMax = 30;

  void run(std::uint64_t thread, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        told_.wait(lock, [this] {
          return stopping_ || log_.head(Visibility::kOrdered).value < acknowledged_ + kOnTheirWayMax;
        });
        if (stopping_) return;
      }
      const StreamId target = stream(thread * kStreamsPerThread + random() % kStreamsPerThread);
      auto wanted = request(target, versions_[target], 1 + random() % 3, random() | 1);
      for (auto& event : wanted.events) event.payload = "{\"n\":" + std::to_string(random()) + "}";
      if (random() % 4 == 0) {
        const auto kind = random() % 2 == 0 ? TimerChange::Kind::kSet : TimerChange::Kind::kCleared;
        wanted.events[0].timers = {{kind, "expire", Time{static_cast<std::int64_t>(random() % 1'000)}}};
      }
      auto appended = log_.append(wanted);
      if (!appended) {
        wanted.expected = appended.error().current;
        appended = log_.append(wanted);
      }
      const std::lock_guard lock(mutex_);
      versions_[target] = appended ? appended->version.value : 0;
      if (random() % 16 == 0) log_.set_checkpoint("feed", log_.head(Visibility::kOrdered));
      if (appended && random() % 16 == 0) log_.save_snapshot(target, {appended->version, appended->last, 1, "state"});
    }
  }

  EventLog& log_;
  std::mutex mutex_;
  std::condition_variable told_;
  std::uint64_t acknowledged_;
  bool stopping_ = false;
  std::map<StreamId, std::uint64_t> versions_;
  std::vector<std::thread> threads_;
};

/// What the log knows, as lines by position. What is not durable counts: it may survive, but only as it was.
std::vector<std::string> lines(EventLog& log, Visibility visibility, std::uint64_t after) {
  std::vector<std::string> out;
  const auto records = log.read({after}, SIZE_MAX, visibility);
  REQUIRE(records);
  for (const auto& record : *records) out.push_back(line_of(*record));
  return out;
}

struct Losses {
  int cycles_with_loss = 0;
  std::uint64_t acknowledged = 0;
};

/// Cuts the power again and again; how often something acknowledged was gone or the start refused.
Losses cut_power(std::uint64_t cuts, bool lying, std::uint64_t seed) {
  Losses losses;
  std::mt19937_64 random(seed);
  ManualClock clock;
  std::unique_ptr<TempDirectory> directory;
  std::vector<std::string> written;
  std::uint64_t acknowledged = 0;
  const auto start_anew = [&] {
    directory = std::make_unique<TempDirectory>();
    written.clear();
    acknowledged = 0;
  };
  for (std::uint64_t cut = 0; cut < cuts; ++cut) {
    if (cut % kCutsPerDirectory == 0) start_anew();
    const std::uint64_t before = acknowledged;
    FaultDisk disk(random());
    if (lying) disk.lie_about_syncs();
    disk.cut_power_at(1 + random() % (random() % 4 == 0 ? 60 : 800));
    auto options = small_options(directory->path());
    options.env_for_tests = disk.env();
    options.witness_interval = std::chrono::milliseconds(2);
    options.write_buffer_bytes = std::size_t{128} * 1024;
    // So small that checkpoints have to wait for the events that they are behind.
    options.batch_appends_max = 4;
    Load* load = nullptr;
    std::mutex mutex;
    bool failed = false;
    options.on_fatal = [&](const std::string&) {
      const std::lock_guard lock(mutex);
      failed = true;
      if (load != nullptr) load->stop();
    };
    if (auto log = RocksEventLog::open(options, clock)) {
      Load running(**log, random());
      {
        const std::lock_guard lock(mutex);
        load = &running;
        if (failed) running.stop();
      }
      running.wait_stopped();
      acknowledged = std::max(acknowledged, running.acknowledged());
      losses.acknowledged += acknowledged - before;
      const auto more = lines(**log, Visibility::kOrdered, written.size());
      written.insert(written.end(), more.begin(), more.end());
      const std::lock_guard lock(mutex);
      load = nullptr;
    } else if (disk.has_power()) {
      ++losses.cycles_with_loss;
      start_anew();
      continue;
    }
    disk.restore_power();

    auto after = small_options(directory->path());
    const auto log = RocksEventLog::open(after, clock);
    if (!log) {
      if (!lying) FAIL_CHECK(log.error().reason << ": " << log.error().detail);
      ++losses.cycles_with_loss;
      start_anew();
      continue;
    }
    const auto verified = (*log)->verify();
    if (!lying && !verified) FAIL_CHECK(verified.error().reason << ": " << verified.error().detail);
    const auto survived = lines(**log, Visibility::kDurable, 0);
    const bool is_prefix =
        survived.size() <= written.size() && std::equal(survived.begin(), survived.end(), written.begin());
    const auto last = (*log)->read({survived.empty() ? 0 : survived.size() - 1}, 1, Visibility::kDurable);
    const bool is_whole = last->empty() || last->front()->last_of_command;
    if (!verified || !is_prefix || !is_whole || survived.size() < acknowledged) {
      ++losses.cycles_with_loss;
      start_anew();
      continue;
    }
    written = survived;
    acknowledged = survived.size();
  }
  return losses;
}

TEST_SUITE("slow" * doctest::skip()) {
  TEST_CASE("no power cut loses what was acknowledged, splits an append or leaves a hole") {
    const auto cuts = number_from("SOUK_CUTS", 40);
    const auto losses = cut_power(cuts, false, seed());
    std::cout << cuts << " power cuts, " << losses.acknowledged << " events acknowledged, " << losses.cycles_with_loss
              << " cycles with a loss\n";
    CHECK(losses.cycles_with_loss == 0);
    CHECK(losses.acknowledged > cuts);
  }

  TEST_CASE("control: on a disk that lies about syncs the same loop finds losses") {
    const auto cuts = number_from("SOUK_CUTS", 40) / 2;
    const auto losses = cut_power(cuts, true, seed());
    std::cout << cuts << " power cuts without syncs, " << losses.cycles_with_loss << " cycles with a loss\n";
    CHECK(losses.cycles_with_loss > 0);
  }
}

constexpr const char* kChildDirectory = "SOUK_CRASH_CHILD_DIRECTORY";
constexpr const char* kChildPipe = "SOUK_CRASH_CHILD_PIPE";
constexpr const char* kChildTest = "child: appends and says what is durable until it is killed";

TEST_SUITE("child" * doctest::skip()) {
  TEST_CASE("child: appends and says what is durable until it is killed") {
    if (std::getenv(kChildDirectory) == nullptr) return;
    const int out = static_cast<int>(number_from(kChildPipe, 0));
    ManualClock clock;
    const auto log = open_or_die(small_options(std::getenv(kChildDirectory)), clock);
    Position said = log->head(Visibility::kDurable);
    Load load(*log, static_cast<std::uint64_t>(::getpid()));
    for (;;) {
      testing::wait_durable(*log);
      const auto records = log->read(said, 1'000, Visibility::kDurable);
      for (const auto& record : *records) {
        const std::string line = line_of(*record) + "\n";
        // A line is shorter than PIPE_BUF, so it arrives whole or not at all.
        if (::write(out, line.data(), line.size()) < 0) return;
        said = record->position;
      }
    }
  }
}

/// What the child said until it was killed, `lines_wanted` or a little more.
std::vector<std::string> run_and_kill(const std::string& directory, std::size_t lines_wanted) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const std::string test = std::string("--test-case=") + kChildTest;
  const std::string pipe = std::to_string(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(kChildDirectory, directory.c_str(), 1);
    ::setenv(kChildPipe, pipe.c_str(), 1);
    ::fcntl(ends[1], F_SETFD, 0);
    ::execl("/proc/self/exe", "crash_child", "--no-skip", test.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  char part[65'536];
  bool killed = false;
  for (;;) {
    const auto size = ::read(ends[0], part, sizeof part);
    if (size <= 0) break;
    text.append(part, static_cast<std::size_t>(size));
    if (!killed && static_cast<std::size_t>(std::ranges::count(text, '\n')) >= lines_wanted) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  std::vector<std::string> out;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    out.push_back(text.substr(at, end - at));
  }
  return out;
}

TEST_SUITE("slow" * doctest::skip()) {
  TEST_CASE("no kill loses what another process was told is durable") {
    const auto kills = number_from("SOUK_KILLS", 25);
    std::mt19937_64 random(seed());
    ManualClock clock;
    const TempDirectory directory;
    std::uint64_t acknowledged = 0;
    for (std::uint64_t i = 0; i < kills; ++i) {
      const auto said = run_and_kill(directory.path(), 1 + random() % 2'000);
      acknowledged += said.size();
      const auto log = open_or_die(small_options(directory.path()), clock);
      const auto survived = lines(*log, Visibility::kDurable, 0);
      CHECK(log->verify());
      for (const auto& line : said) {
        const auto position = std::strtoull(line.c_str(), nullptr, 10);
        REQUIRE(position <= survived.size());
        CHECK(survived[position - 1] == line);
      }
    }
    std::cout << kills << " kills, " << acknowledged << " events acknowledged to another process, 0 lost\n";
  }
}

}  // namespace
}  // namespace souk
