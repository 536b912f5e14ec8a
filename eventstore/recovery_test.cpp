// Damage between two starts: what is found, what is refused, and what mends itself.
#include <doctest/doctest.h>

#include <fstream>

#include "eventstore/keys.hpp"
#include "eventstore/rocks_db.hpp"
#include "eventstore/small_file.hpp"
#include "eventstore/testing/stores.hpp"
#include "eventstore/witness.hpp"

namespace souk {
namespace {

namespace fs = std::filesystem;

using testing::ManualClock;
using testing::open_or_die;
using testing::request;
using testing::small_options;
using testing::stream;
using testing::TempDirectory;
using testing::wait_durable;

constexpr std::uint64_t kEvents = 100;

/// One commit of two events each, with timers and keys; a checkpoint and a snapshot before the last of them.
void fill(EventLog& log) {
  for (std::uint64_t i = 0; i < kEvents / 2; ++i) {
    if (i + 1 == kEvents / 2) {
      log.save_snapshot(stream(0), {{4}, {12}, 1, "four"});
      log.set_checkpoint("feed", {40});
    }
    auto wanted = request(stream(i % 5), i / 5 * 2, 2, 1 + i);
    wanted.events[1].timers = {{TimerChange::Kind::kSet, "expire", Time{static_cast<std::int64_t>(1'000 + i)}}};
    REQUIRE(log.append(std::move(wanted)));
    wait_durable(log);
  }
}

struct Crashed {
  ManualClock clock;
  TempDirectory directory;
  TempDirectory live;
  std::unique_ptr<RocksEventLog> log;

  /// What a kill leaves: the files as they are while the log runs. The witness knows of one event only.
  Crashed() {
    auto options = small_options(live.path());
    options.witness_interval = std::chrono::hours(1);
    REQUIRE(open_or_die(options, clock)->append(request(stream(9), 0, 1)));
    log = open_or_die(options, clock);
    fill(*log);
    fs::copy(live.path(), directory.path(), fs::copy_options::recursive);
  }

  fs::path wal() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(directory.path() + "/rocksdb")) {
      if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
    }
    return newest;
  }
};

/// A log that was closed properly, and its database opened beside it.
struct Closed {
  ManualClock clock;
  TempDirectory directory;

  Closed() { fill(*open_or_die(small_options(directory.path()), clock)); }

  template <class Change>
  void change(Change&& change) {
    const auto rocks = open_rocks_db(directory.path() + "/rocksdb", {1 << 20, 1 << 20, {}, nullptr}, clock);
    REQUIRE(rocks);
    change(**rocks);
  }
  std::string refusal() {
    const auto log = RocksEventLog::open(small_options(directory.path()), clock);
    if (log) return "";
    CHECK(log.error().detail.size() > 20);
    return log.error().reason;
  }
  void put_witness(const Witness& witness) {
    REQUIRE(replace_file(directory.path(), kWitnessFile, encode_witness(witness)));
  }
  Witness witness() const {
    const auto witness = decode_witness(**read_small_file(directory.path() + "/" + kWitnessFile));
    REQUIRE(witness);
    return *witness;
  }
};

std::uint64_t head_after(const std::string& directory) {
  ManualClock clock;
  const auto log = RocksEventLog::open(small_options(directory), clock);
  if (!log) {
    MESSAGE(log.error().reason << ": " << log.error().detail);
    return 0;
  }
  CHECK((*log)->verify());
  return (*log)->head(Visibility::kDurable).value;
}

std::string refusal_after(const std::string& directory) {
  ManualClock clock;
  const auto log = RocksEventLog::open(small_options(directory), clock);
  return log ? "" : log.error().reason;
}

TEST_CASE("after a kill everything that was durable is there") {
  const Crashed crashed;
  CHECK(head_after(crashed.directory.path()) == kEvents + 1);
}

TEST_CASE("a torn end of the write-ahead log loses only the commit that it tore, and that whole") {
  const Crashed crashed;
  fs::resize_file(crashed.wal(), fs::file_size(crashed.wal()) - 5);
  CHECK(head_after(crashed.directory.path()) == kEvents - 1);
}

TEST_CASE("zeros and garbage behind the end of the write-ahead log lose nothing") {
  const Crashed crashed;
  std::string tail;
  SUBCASE("zeros") {
    tail = std::string(4'096, '\0');
  }
  SUBCASE("garbage") {
    tail = std::string(64, 'x');
  }
  std::ofstream(crashed.wal(), std::ios::binary | std::ios::app) << tail;
  CHECK(head_after(crashed.directory.path()) == kEvents + 1);
}

TEST_CASE("a flipped bit in the middle of the write-ahead log is refused, not skipped") {
  const Crashed crashed;
  const auto size = fs::file_size(crashed.wal());
  std::fstream file(crashed.wal(), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(size / 2));
  const char old = static_cast<char>(file.peek());
  file.put(static_cast<char>(old ^ 0x10));
  file.close();
  CHECK(refusal_after(crashed.directory.path()) == "store.damaged");
}

TEST_CASE("a deleted write-ahead log is noticed, though the database opens without complaint") {
  const Crashed crashed;
  const auto last = crashed.log->read({kEvents}, 1, Visibility::kDurable)->front();
  const Witness witness{crashed.log->log_id(), crashed.log->epoch(), last->position, last->hash};
  REQUIRE(replace_file(crashed.directory.path(), kWitnessFile, encode_witness(witness)));
  fs::remove(crashed.wal());
  CHECK(refusal_after(crashed.directory.path()) == "store.head_lost");
}

TEST_CASE("a deleted database is noticed") {
  Closed closed;
  fs::remove_all(closed.directory.path() + "/rocksdb");
  CHECK(closed.refusal() == "store.head_lost");
}

TEST_CASE("a family that was dropped is rebuilt from the log") {
  Closed closed;
  rocksdb::ColumnFamilyHandle* RocksDb::*family = nullptr;
  SUBCASE("streams") {
    family = &RocksDb::streams;
  }
  SUBCASE("timers") {
    family = &RocksDb::timers;
  }
  SUBCASE("idempotency") {
    family = &RocksDb::idempotency;
  }
  closed.change([&](RocksDb& rocks) { REQUIRE(rocks.db->DropColumnFamily(rocks.*family).ok()); });
  const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
  CHECK(log->verify());
  CHECK(log->load(stream(3), 1)->records.size() == 20);
  CHECK(log->due_timers({5'000}, 100).size() == 5);
  CHECK(log->find_command(testing::command_id(17))->position.value == 34);
  CHECK(log->checkpoint("feed").value == 40);
}

TEST_CASE("a family that lags behind the log is brought up to it") {
  Closed closed;
  closed.change([](RocksDb& rocks) {
    for (auto* family : {rocks.streams, rocks.timers, rocks.idempotency}) {
      REQUIRE(rocks.db->Put({}, family, slice(keys::kHighKey), slice(keys::Number(60).bytes())).ok());
    }
    for (std::uint64_t i = 30; i < kEvents / 2; ++i) {
      const keys::StreamVersion key(stream(i % 5), {i / 5 * 2 + 1});
      REQUIRE(rocks.db->Delete({}, rocks.streams, slice(key.bytes())).ok());
    }
  });
  const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
  CHECK(log->verify());
}

TEST_CASE("without snapshots everything is as before, only slower") {
  Closed closed;
  closed.change([](RocksDb& rocks) { REQUIRE(rocks.db->DropColumnFamily(rocks.snapshots).ok()); });
  const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
  CHECK_FALSE(log->load(stream(0), 1)->snapshot);
  CHECK(log->load(stream(0), 1)->records.size() == 20);
}

TEST_CASE("without its description the log is still the same one, and consumers begin anew") {
  Closed closed;
  const auto before = closed.witness();
  closed.change([](RocksDb& rocks) { REQUIRE(rocks.db->DropColumnFamily(rocks.meta).ok()); });
  const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
  CHECK((log->log_id() == before.log_id));
  CHECK(log->epoch() == before.epoch);
  CHECK(log->checkpoint("feed").value == 0);
}

TEST_CASE("without its log the store is refused") {
  Closed closed;
  closed.change([](RocksDb& rocks) { REQUIRE(rocks.db->DropColumnFamily(rocks.log).ok()); });
  CHECK(closed.refusal() == "store.head_lost");
}

TEST_CASE("a family that knows more than the log is refused, even when the witness is behind") {
  Closed closed;
  closed.change(
      [](RocksDb& rocks) { REQUIRE(rocks.db->Delete({}, rocks.log, slice(keys::Number(kEvents).bytes())).ok()); });
  auto witness = closed.witness();
  witness.position = {};
  witness.hash = {};
  closed.put_witness(witness);
  CHECK(closed.refusal() == "store.head_lost");
}

TEST_CASE("a checkpoint beyond the head is refused") {
  Closed closed;
  closed.change([](RocksDb& rocks) {
    REQUIRE(rocks.db->Put({}, rocks.meta, "checkpoint/feed", slice(keys::Number(kEvents + 1).bytes())).ok());
  });
  CHECK(closed.refusal() == "store.checkpoint_ahead");
}

TEST_CASE("a witness of what the log does not have is believed") {
  Closed closed;
  auto witness = closed.witness();
  REQUIRE(witness.position.value == kEvents);
  SUBCASE("beyond the head") {
    witness.position = {kEvents + 1};
    closed.put_witness(witness);
    CHECK(closed.refusal() == "store.head_lost");
  }
  SUBCASE("another record") {
    witness.hash[0] ^= 1;
    closed.put_witness(witness);
    CHECK(closed.refusal() == "store.chain_broken");
  }
}

TEST_CASE("a damaged witness is refused; once it is removed the whole chain is checked instead") {
  Closed closed;
  const std::string path = closed.directory.path() + "/witness";
  fs::resize_file(path, fs::file_size(path) - 1);
  CHECK(closed.refusal() == "store.witness_damaged");
  fs::remove(path);
  SUBCASE("whole") {
    CHECK(closed.refusal() == "");
  }
  SUBCASE("broken") {
    closed.change(
        [](RocksDb& rocks) { REQUIRE(rocks.db->Delete({}, rocks.log, slice(keys::Number(50).bytes())).ok()); });
    CHECK(closed.refusal() == "store.chain_broken");
  }
}

TEST_CASE("a record changed behind the witness stops the start, one before it is found by verify") {
  Closed closed;
  const auto change_record = [&](std::uint64_t position) {
    closed.change([&](RocksDb& rocks) {
      std::string value;
      REQUIRE(rocks.db->Get({}, rocks.log, slice(keys::Number(position).bytes()), &value).ok());
      value[value.size() - 40] ^= 1;
      REQUIRE(rocks.db->Put({}, rocks.log, slice(keys::Number(position).bytes()), value).ok());
    });
  };
  SUBCASE("behind") {
    std::string value;
    closed.change(
        [&](RocksDb& rocks) { REQUIRE(rocks.db->Get({}, rocks.log, slice(keys::Number(80).bytes()), &value).ok()); });
    auto witness = closed.witness();
    witness.position = {80};
    std::copy(value.end() - 32, value.end(), witness.hash.begin());
    closed.put_witness(witness);
    change_record(90);
    CHECK(closed.refusal() == "store.chain_broken");
  }
  SUBCASE("before") {
    change_record(50);
    const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
    const auto verified = log->verify();
    REQUIRE_FALSE(verified);
    CHECK(verified.error().reason == "store.chain_broken");
  }
}

TEST_CASE("verify finds an index that does not match the log") {
  Closed closed;
  closed.change([](RocksDb& rocks) {
    const keys::StreamVersion key(stream(1), {2});
    const auto timer = keys::timer_by_due({1'049}, stream(4), "expire");
    const auto command = keys::command_key(testing::command_id(3));
    SUBCASE("a missing entry of a stream") {
      REQUIRE(rocks.db->Delete({}, rocks.streams, slice(key.bytes())).ok());
    }
    SUBCASE("one that points elsewhere") {
      REQUIRE(rocks.db->Put({}, rocks.streams, slice(key.bytes()), slice(keys::Number(1).bytes())).ok());
    }
    SUBCASE("one too many") {
      const keys::StreamVersion extra(stream(77), {1});
      REQUIRE(rocks.db->Put({}, rocks.streams, slice(extra.bytes()), slice(keys::Number(1).bytes())).ok());
    }
    SUBCASE("a timer that can never fire") {
      REQUIRE(rocks.db->Delete({}, rocks.timers, timer).ok());
    }
    SUBCASE("a command that is unknown") {
      REQUIRE(rocks.db->Delete({}, rocks.idempotency, command).ok());
    }
  });
  const auto log = open_or_die(small_options(closed.directory.path()), closed.clock);
  const auto verified = log->verify();
  REQUIRE_FALSE(verified);
  CHECK(verified.error().reason == "store.index_damaged");
}

}  // namespace
}  // namespace souk
