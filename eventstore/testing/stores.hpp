/// Both implementations of the event log behind one handle, for the conformance suite and for tests of the disk.
#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "eventstore/memory_event_log.hpp"
#include "eventstore/rocks_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"

namespace souk::testing {

/// A new directory that goes when this does.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Blocks until all that is ordered now is durable. The log must not fail meanwhile.
void wait_durable(EventLog& log);

enum class StoreKind : std::uint8_t { kMemory, kRocks };
inline constexpr StoreKind kStoreKinds[] = {StoreKind::kMemory, StoreKind::kRocks};

/// One log with its storage; `reopen` closes it and opens it again, as a restart does.
class TestStore {
 public:
  explicit TestStore(StoreKind kind, Clock& clock);

  EventLog& operator*() { return *log_; }
  EventLog* operator->() { return log_.get(); }
  void reopen();

 private:
  void open();

  const StoreKind kind_;
  Clock& clock_;
  TempDirectory directory_;
  MemoryDisk disk_;
  std::unique_ptr<EventLog> log_;
};

/// Runs the test once for each implementation, with a new store and its clock.
template <class Test>
void for_each_store(Test&& test) {
  for (const StoreKind kind : kStoreKinds) {
    INFO("store: " << (kind == StoreKind::kMemory ? "memory" : "rocks"));
    ManualClock clock;
    TestStore store(kind, clock);
    test(store, clock);
  }
}

/// Small memory and quick checkpoints, so that tests meet the disk and need not wait.
RocksLogOptions small_options(std::string directory);

/// Opens or ends the test program with the reason.
std::unique_ptr<RocksEventLog> open_or_die(RocksLogOptions options, Clock& clock);

}  // namespace souk::testing
