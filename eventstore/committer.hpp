/// The one thread that writes events: takes what is waiting as one batch, chains the hashes, writes with one sync, and
/// tells that it is durable. Internal.
///
/// It never waits for more on purpose: while one batch syncs, the next one gathers.
#pragma once

#include <atomic>
#include <thread>

#include "eventstore/event_log.hpp"
#include "eventstore/fatal.hpp"
#include "eventstore/log_listeners.hpp"
#include "eventstore/sequencer.hpp"
#include "eventstore/witness.hpp"

namespace souk {

struct RocksDb;

class Committer {
 public:
  /// Begins at once. Everything passed must outlive it.
  Committer(const RocksDb& rocks, Sequencer& sequencer, LogListeners& listeners, WitnessKeeper& witness,
            FailStop& fail_stop, const Hash256& head_hash);
  /// Writes all that waits, unless something failed.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// All but what the sequencer knows.
  [[nodiscard]] LogStats stats() const;

 private:
  void run();
  bool commit(CommitWork& work);

  const RocksDb& rocks_;
  Sequencer& sequencer_;
  LogListeners& listeners_;
  WitnessKeeper& witness_;
  FailStop& fail_stop_;
  Hash256 hash_;

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> events_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> commit_us_total_ = 0;
  std::thread thread_;
};

}  // namespace souk
