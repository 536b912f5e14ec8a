// What only a log on disk can get wrong: order and durability apart, failing disks, several processes, formats.
#include "eventstore/rocks_event_log.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "eventstore/keys.hpp"
#include "eventstore/rocks_db.hpp"
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
using testing::wait_durable;

RocksLogOptions on_disk(const TempDirectory& directory, FaultDisk& disk) {
  auto options = small_options(directory.path());
  options.env_for_tests = disk.env();
  return options;
}

TEST_CASE("what is ordered can be read as ordered, and as durable only after the sync") {
  ManualClock clock;
  const TempDirectory directory;
  FaultDisk disk(1);
  const auto log = open_or_die(on_disk(directory, disk), clock);
  REQUIRE(log->append(request(stream(1), 0, 1)));
  wait_durable(*log);

  disk.hold_syncs();
  // More than is kept in memory of what is durable.
  for (std::uint64_t i = 1; i < 50; ++i) REQUIRE(log->append(request(stream(1), i, 1, i)));
  CHECK(log->head(Visibility::kDurable).value == 1);
  CHECK(log->head(Visibility::kOrdered).value == 50);
  CHECK(log->stats().queue_length == 49);
  CHECK(log->read({}, 100, Visibility::kDurable)->size() == 1);
  CHECK(log->read({}, 100, Visibility::kOrdered)->size() == 50);
  CHECK(log->load(stream(1), 1)->records.size() == 1);
  CHECK(log->find_command(testing::command_id(49))->position.value == 50);
  REQUIRE(log->read_recent({1}, 100));
  CHECK(log->read_recent({1}, 100)->size() == 49);
  log->save_snapshot(stream(1), {{2}, {2}, 1, "not durable"});

  disk.release_syncs();
  wait_durable(*log);
  CHECK(log->read({}, 100, Visibility::kDurable)->size() == 50);
  const auto loaded = log->load(stream(1), 1);
  CHECK(loaded->records.size() == 50);
  CHECK_FALSE(loaded->snapshot);
  CHECK_FALSE(log->read_recent({0}, 100));
}

TEST_CASE("versions that are on their way are never forgotten, however many streams there are") {
  ManualClock clock;
  const TempDirectory directory;
  FaultDisk disk(1);
  const auto log = open_or_die(on_disk(directory, disk), clock);
  disk.hold_syncs();
  for (std::uint64_t i = 0; i < 200; ++i) REQUIRE(log->append(request(stream(i), 0, 1)));
  for (std::uint64_t i = 0; i < 200; ++i) {
    CHECK_FALSE(log->append(request(stream(i), 0, 1)));
    CHECK(log->append(request(stream(i), 1, 1)));
  }
  disk.release_syncs();
  wait_durable(*log);
  for (std::uint64_t i = 0; i < 200; ++i) CHECK(log->append(request(stream(i), 2, 1)));
}

struct Commits final : LogListener {
  void durable(Position position) override {
    heads.push_back(position.value);
    heard = position.value;
    heard.notify_all();
  }
  /// Whoever waits for the log may go on before listeners are told.
  void wait_for(std::uint64_t position) const {
    for (auto last = heard.load(); last < position; last = heard.load()) heard.wait(last);
  }

  std::vector<std::uint64_t> heads;
  std::atomic<std::uint64_t> heard{0};
};

TEST_CASE("what waits during a sync is written as one batch, up to the cap and without splitting an append") {
  ManualClock clock;
  const TempDirectory directory;
  FaultDisk disk(1);
  auto options = on_disk(directory, disk);
  options.batch_appends_max = 100;
  Commits commits;
  const auto log = open_or_die(options, clock);
  log->add_listener(&commits);
  disk.hold_syncs();
  for (std::uint64_t i = 0; i < 251; ++i) REQUIRE(log->append(request(stream(i), 0, 3)));
  disk.release_syncs();
  wait_durable(*log);
  commits.wait_for(753);
  log->remove_listener(&commits);
  // The first took what was there when it began.
  CHECK(commits.heads.size() >= 3);
  CHECK(commits.heads.size() <= 4);
  std::uint64_t before = 0;
  for (const auto head : commits.heads) {
    CHECK(head % 3 == 0);
    CHECK(head - before <= 300);
    before = head;
  }
  CHECK(before == 753);
}

TEST_CASE("a batch is capped in bytes, and an append that alone is larger is still written") {
  ManualClock clock;
  const TempDirectory directory;
  FaultDisk disk(1);
  auto options = on_disk(directory, disk);
  options.batch_bytes_max = 10'000;
  Commits commits;
  const auto log = open_or_die(options, clock);
  log->add_listener(&commits);
  disk.hold_syncs();
  for (std::uint64_t i = 0; i < 10; ++i) {
    auto large = request(stream(i), 0, 1);
    large.events[0].payload = std::string(i == 9 ? 50'000 : 4'000, 'x');
    REQUIRE(log->append(std::move(large)));
  }
  disk.release_syncs();
  wait_durable(*log);
  commits.wait_for(10);
  log->remove_listener(&commits);
  CHECK(commits.heads.size() >= 5);
  CHECK(commits.heads.back() == 10);
}

TEST_CASE("after a failed write or sync nothing is acknowledged any more, and a restart finds what was") {
  struct Case {
    FaultDisk::Operation operation;
    FaultDisk::Failure failure;
  };
  for (const auto& [operation, failure] : {Case{FaultDisk::Operation::kWrite, FaultDisk::Failure::kNoSpace},
                                           Case{FaultDisk::Operation::kWrite, FaultDisk::Failure::kIoError},
                                           Case{FaultDisk::Operation::kSync, FaultDisk::Failure::kIoError},
                                           Case{FaultDisk::Operation::kSync, FaultDisk::Failure::kNoSpace}}) {
    ManualClock clock;
    const TempDirectory directory;
    FaultDisk disk(1);
    auto options = on_disk(directory, disk);
    std::mutex mutex;
    std::condition_variable told;
    std::vector<std::string> fatal;
    options.on_fatal = [&](const std::string& what) {
      const std::lock_guard lock(mutex);
      fatal.push_back(what);
      told.notify_all();
    };
    Commits commits;
    {
      const auto log = open_or_die(options, clock);
      REQUIRE(log->append(request(stream(1), 0, 2)));
      wait_durable(*log);
      log->add_listener(&commits);
      disk.fail_next(operation, failure);
      REQUIRE(log->append(request(stream(1), 2, 1)));
      {
        std::unique_lock lock(mutex);
        told.wait(lock, [&] { return !fatal.empty(); });
      }
      REQUIRE(log->append(request(stream(1), 3, 1)));
      log->set_checkpoint("feed", {2});
      CHECK(log->head(Visibility::kDurable).value == 2);
      log->remove_listener(&commits);
    }
    CHECK(commits.heads.empty());
    CHECK(fatal.size() == 1);
    CHECK(fatal[0].find("injected") != std::string::npos);

    const auto log = open_or_die(on_disk(directory, disk), clock);
    // The event whose sync failed was not acknowledged; it may be there or not.
    CHECK(log->head(Visibility::kDurable).value >= 2);
    CHECK(log->head(Visibility::kDurable).value <= 3);
    CHECK(log->verify());
  }
}

TEST_CASE("the default fatal handler says why on one line and exits with 74") {
  int out[2];
  REQUIRE(::pipe(out) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDERR_FILENO);
    die_of("the disk is full");
  }
  ::close(out[1]);
  char text[128] = {};
  const auto size = ::read(out[0], text, sizeof text - 1);
  ::close(out[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 74);
  CHECK(std::string(text, static_cast<std::size_t>(size)) == "souk: fatal: the disk is full\n");
}

TEST_CASE("closing writes everything that waits, the checkpoint too") {
  ManualClock clock;
  const TempDirectory directory;
  auto options = small_options(directory.path());
  options.checkpoint_delay = std::chrono::hours(1);
  {
    const auto log = open_or_die(options, clock);
    for (std::uint64_t i = 0; i < 1'000; ++i) REQUIRE(log->append(request(stream(1), i, 1)));
    log->set_checkpoint("feed", {1'000});
  }
  const auto log = open_or_die(options, clock);
  CHECK(log->head(Visibility::kDurable).value == 1'000);
  CHECK(log->checkpoint("feed").value == 1'000);
  CHECK(log->verify()->head.value == 1'000);
}

TEST_CASE("a second opener is refused and told who holds the log") {
  ManualClock clock;
  const TempDirectory directory;
  const auto log = open_or_die(small_options(directory.path()), clock);
  const auto second = RocksEventLog::open(small_options(directory.path()), clock);
  REQUIRE_FALSE(second);
  CHECK((second.error().code == ErrorCode::kUnavailable));
  CHECK(second.error().reason == "store.locked");
  CHECK(second.error().detail.find(std::to_string(::getpid())) != std::string::npos);
}

std::string refusal(const std::string& directory) {
  ManualClock clock;
  const auto log = RocksEventLog::open(small_options(directory), clock);
  return log ? "" : log.error().reason;
}

TEST_CASE("a directory of something else is refused and left as it is") {
  const TempDirectory directory;
  SUBCASE("files without an identity") {
    std::ofstream(directory.path() + "/holiday.jpg") << "x";
  }
  SUBCASE("an identity of another program") {
    std::ofstream(directory.path() + "/identity") << "something else\n";
  }
  CHECK(refusal(directory.path()) == "store.foreign");
  CHECK_FALSE(std::filesystem::exists(directory.path() + "/rocksdb"));
}

TEST_CASE("a newer format is refused, whether the identity or the database says so") {
  ManualClock clock;
  const TempDirectory directory;
  { const auto log = open_or_die(small_options(directory.path()), clock); }
  SUBCASE("identity") {
    std::ofstream(directory.path() + "/identity") << "souk event log\nformat 2\nsomething new\n";
  }
  SUBCASE("database") {
    const auto rocks = open_rocks_db(directory.path() + "/rocksdb", {1 << 20, 1 << 20, {}, nullptr}, clock);
    REQUIRE(rocks);
    REQUIRE((*rocks)->db->Put({}, (*rocks)->meta, slice(keys::kFormat), slice(keys::Number(2).bytes())).ok());
  }
  CHECK(refusal(directory.path()) == "store.format_newer");
}

TEST_CASE("files of two logs do not go together") {
  ManualClock clock;
  const TempDirectory one;
  const TempDirectory other;
  for (const auto* directory : {&one, &other}) {
    const auto log = open_or_die(small_options(directory->path()), clock);
    REQUIRE(log->append(request(stream(1), 0, 1)));
  }
  const auto from = [&](const char* name) { return std::filesystem::path(other.path()) / name; };
  const auto to = [&](const char* name) { return std::filesystem::path(one.path()) / name; };
  SUBCASE("the witness") {
    std::filesystem::copy_file(from("witness"), to("witness"), std::filesystem::copy_options::overwrite_existing);
  }
  SUBCASE("the identity") {
    std::filesystem::copy_file(from("identity"), to("identity"), std::filesystem::copy_options::overwrite_existing);
  }
  CHECK(refusal(one.path()) == "store.foreign");
}

TEST_CASE("expired commands leave the disk when it is compacted, others stay") {
  ManualClock clock;
  const TempDirectory directory;
  {
    const auto log = open_or_die(small_options(directory.path()), clock);
    REQUIRE(log->append(request(stream(1), 0, 1, 1)));
    clock.advance(Duration::minutes(60));
    REQUIRE(log->append(request(stream(1), 1, 1, 2)));
  }
  {
    const auto rocks =
        open_rocks_db(directory.path() + "/rocksdb", {1 << 20, 1 << 20, Duration::minutes(30), nullptr}, clock);
    REQUIRE(rocks);
    auto& db = *(*rocks)->db;
    REQUIRE(db.Flush({}, (*rocks)->idempotency).ok());
    REQUIRE(db.CompactRange({}, (*rocks)->idempotency, nullptr, nullptr).ok());
    std::string value;
    CHECK(db.Get({}, (*rocks)->idempotency, keys::command_key(testing::command_id(1)), &value).IsNotFound());
    CHECK(db.Get({}, (*rocks)->idempotency, keys::command_key(testing::command_id(2)), &value).ok());
    CHECK(db.Get({}, (*rocks)->idempotency, slice(keys::kHighKey), &value).ok());
  }
  const auto log = open_or_die(small_options(directory.path()), clock);
  CHECK(log->find_command(testing::command_id(2)));
}

}  // namespace
}  // namespace souk
