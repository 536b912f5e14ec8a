/// Runs one projection against the log: catches up, then follows it live, by one and the same loop.
///
/// Every batch is one SQLite transaction with the rows and the checkpoint, so each durable event counts exactly once,
/// whenever the process dies. An event the projection fails on is parked with the later ones of its stream, counted
/// and reported, and everything else goes on. Where SQLite itself fails for a while (busy, disk full) nothing is lost:
/// the batch is tried again, ever more slowly, and the status says so.
///
/// Thread-safety: every function may be called from any thread; `start` once.
/// Ownership: the log and the clock must outlive the follower.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "projections/projection.hpp"
#include "projections/projection_store.hpp"

namespace souk {

struct FollowerOptions {
  std::string path;      ///< of the file
  bool rebuild = false;  ///< drop a file that does not belong to this log or cannot be read, instead of refusing
  std::size_t batch_events_max = 1'000;
  /// Rest between two batches when nobody waits: a projection some milliseconds late costs a tenth of one that makes
  /// a transaction of every commit, and orders change several times within them.
  std::chrono::milliseconds rest{20};
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{5'000};
  std::function<void(const ParkedEvent&)> on_parked;  ///< called after the commit, on the follower's thread
  std::function<void(const Error&)> on_failure;       ///< a batch failed and will be tried again
  /// Called likewise, of each event of its kinds once it is in the rows, also of those that the process ended before; a
  /// restart repeats none, and neither does a file that is made anew.
  std::function<void(const EventRecord&)> on_news;
  ProjectionStore::CheckpointWrite checkpoint_write = ProjectionStore::CheckpointWrite::kWithRows;
};

struct FollowerStatus {
  std::string name;
  Position position;  ///< everything up to here is in the rows or parked
  Position head;      ///< durable
  std::uint64_t lag_events = 0;
  std::uint64_t parked = 0;
  std::uint64_t events_total = 0;   ///< applied since the process began
  std::uint64_t batches_total = 0;  ///< transactions since the process began
  bool failing = false;             ///< the last batch failed
  std::string last_error;           ///< also of a failure that has passed; empty if there never was one
  Time last_progress;               ///< zero before the first batch
};

class Follower final : private LogListener {
 public:
  /// Called with true once the rows hold everything up to the position, with false if the follower stops before.
  /// On the follower's thread, or at once on the caller's; must return quickly and must not stop the follower. An
  /// event that was parked counts as held: waiting longer would not help.
  using WaitCallback = std::function<void(bool caught_up)>;
  /// Names a wait that may be cancelled; 0 where the callback was called at once.
  using WaitTicket = std::uint64_t;

  /// Opens the file and checks it against the log; nothing runs yet.
  /// Errors: as ProjectionStore::open.
  static Result<std::unique_ptr<Follower>> open(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                                                FollowerOptions options);
  ~Follower() override;

  void start();
  /// Waits for the batch under way, then answers all waits with false. May be called again.
  void stop();

  /// One batch on the caller's thread; returns how many events it covered, 0 when caught up. For tests, and for
  /// catching up before anything runs.
  Result<std::size_t> run_once();

  WaitTicket when_caught_up(Position position, WaitCallback callback);
  /// True if the callback will not be called any more.
  bool cancel(WaitTicket ticket);

  struct Retried {
    std::size_t applied = 0;
    std::size_t still_parked = 0;
  };
  /// Tries all parked events again, stream by stream in order; each stream stops at its first failure.
  Result<Retried> retry_parked();
  /// The earliest events parked.
  Result<std::vector<ParkedEvent>> parked(std::size_t limit);

  [[nodiscard]] Position position() const { return Position{position_.load(std::memory_order_acquire)}; }
  [[nodiscard]] FollowerStatus status() const;
  [[nodiscard]] const std::string& path() const { return options_.path; }
  /// The file was made anew when it was opened, so the lag is the whole log.
  [[nodiscard]] bool was_rebuilt() const { return was_rebuilt_; }

 private:
  struct Wait {
    WaitTicket ticket;
    WaitCallback callback;
  };

  Follower(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection, FollowerOptions options,
           ProjectionStore store);

  /// What one round of the loop did.
  struct Batch {
    Position upto;
    std::size_t covered = 0;  ///< events read
    std::size_t applied = 0;  ///< of those, the ones the projection took in
    bool wrote = false;
    std::size_t parked_total = 0;
    std::vector<ParkedEvent> newly_parked;
    std::vector<RecordPtr> news;  ///< for `on_news`
  };

  void durable(Position position) override;
  void loop();
  Result<Batch> run_batch();
  [[nodiscard]] bool wanted(const EventRecord& record) const;
  void advance(const Batch& batch);
  void note_failure(const Error& error);
  Result<std::size_t> retry_stream(const StreamId& stream);

  EventLog& log_;
  Clock& clock_;
  std::unique_ptr<Projection> projection_;
  const FollowerOptions options_;
  std::vector<std::string> kinds_;
  bool was_rebuilt_;
  const Position told_up_to_;  ///< events up to here are no news

  std::mutex work_;  ///< held during a batch or a retry; guards the store and the projection
  ProjectionStore store_;
  bool reload_ = false;  ///< a batch failed: what the file holds has to be read again

  std::atomic<std::uint64_t> position_;  ///< changed under mutex_

  mutable std::mutex mutex_;  ///< guards what follows; never held while SQLite or a callback runs
  std::condition_variable wake_;
  bool stopping_ = false;
  bool news_ = false;  ///< something became durable since the last batch was read
  std::multimap<Position, Wait> waits_;
  WaitTicket last_ticket_ = 0;
  FollowerStatus status_;

  std::mutex lifecycle_;  ///< one start or stop at a time
  std::thread thread_;
};

}  // namespace souk
