#include "eventstore/testing/stores.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace souk::testing {
namespace {

class DurableWaiter final : public LogListener {
 public:
  void durable(Position /*position*/) override {
    // Empty, but a waiter between its check and its sleep must not miss this.
    { const std::lock_guard lock(mutex_); }
    told_.notify_all();
  }
  void wait(EventLog& log, Position until) {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [&] { return log.head(Visibility::kDurable) >= until; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
};

}  // namespace

TempDirectory::TempDirectory() {
  // In memory where that is to be had: a kill loses nothing of it, and FaultDisk does not need a disk to lose data.
  const std::filesystem::path memory = "/dev/shm";
  const auto parent = ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "souk-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}
TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void wait_durable(EventLog& log) {
  DurableWaiter waiter;
  log.add_listener(&waiter);
  waiter.wait(log, log.head(Visibility::kOrdered));
  log.remove_listener(&waiter);
}

RocksLogOptions small_options(std::string directory) {
  RocksLogOptions options;
  options.directory = std::move(directory);
  options.recent_records_max = 16;
  options.stream_heads_max = 8;
  options.block_cache_bytes = std::size_t{1} << 20;
  options.write_buffer_bytes = std::size_t{1} << 20;
  options.checkpoint_delay = std::chrono::milliseconds(0);
  return options;
}

std::unique_ptr<RocksEventLog> open_or_die(RocksLogOptions options, Clock& clock) {
  auto log = RocksEventLog::open(std::move(options), clock);
  if (!log) {
    std::cerr << log.error().reason << ": " << log.error().detail << '\n';
    std::abort();
  }
  return std::move(*log);
}

TestStore::TestStore(StoreKind kind, Clock& clock) : kind_(kind), clock_(clock) {
  open();
}

void TestStore::open() {
  if (kind_ == StoreKind::kMemory) {
    log_ = std::make_unique<MemoryEventLog>(clock_, std::move(disk_));
  } else {
    log_ = open_or_die(small_options(directory_.path()), clock_);
  }
}

void TestStore::reopen() {
  if (auto* memory = dynamic_cast<MemoryEventLog*>(log_.get())) disk_ = memory->crash();
  log_.reset();
  open();
}

}  // namespace souk::testing
