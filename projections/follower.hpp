/// Feeds one target with the log: catches up, then follows it live, by one and the same loop.
///
/// Each durable event counts once, as far as the target can promise it: a file takes rows and checkpoint in one
/// transaction, whenever the process dies. What becomes of an event that the target cannot take in is said by a policy.
/// Where the disk or a peer fails for a while nothing is lost: the batch is tried again, ever more slowly, and the
/// status says so. The loop goes round at least once in every `heartbeat`, also when there is nothing to do, so that a
/// reader that hangs or has died is noticed even at no lag.
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
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "projections/follower_target.hpp"
#include "projections/log_reader.hpp"
#include "projections/projection.hpp"
#include "projections/projection_store.hpp"

namespace souk {

struct FollowerOptions {
  std::string path;      ///< of the file, where a projection is followed
  bool rebuild = false;  ///< drop a file that does not belong to this log or cannot be read, instead of refusing
  std::size_t batch_events_max = 1'000;
  /// Of the batches while it is far behind.
  std::size_t catch_up_events_max = 1'000;
  /// Rest between two batches when nobody waits: a projection some milliseconds late costs a tenth of one that makes
  /// a transaction of every commit, and orders change several times within them.
  std::chrono::milliseconds rest{20};
  std::chrono::milliseconds heartbeat{1'000};
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{5'000};
  /// The loop stands still while another target catches up that shall take the place of its own.
  std::chrono::milliseconds exchange_max{3'000};
  OnPoison on_poison = OnPoison::kPark;
  /// Shared with others that catch up; none: the log is read directly.
  std::shared_ptr<LogReader> reader;
  bool paused = false;                                ///< until somebody resumes
  std::function<void(const ParkedEvent&)> on_parked;  ///< called after the commit, on the follower's thread
  std::function<void(const Error&)> on_failure;       ///< a batch failed and will be tried again
  /// Called likewise, of each event of its kinds once it is in the rows, also of those that the process ended before; a
  /// restart repeats none, and neither does a file that is made anew.
  std::function<void(const EventRecord&)> on_news;
  ProjectionStore::CheckpointWrite checkpoint_write = ProjectionStore::CheckpointWrite::kWithRows;
};

enum class FollowerState : std::uint8_t {
  kFollowing,
  kPaused,   ///< by somebody
  kStopped,  ///< by an event that could not be taken in, until somebody resumes
};

struct FollowerStatus {
  std::string name;
  FollowerState state = FollowerState::kFollowing;
  OnPoison on_poison = OnPoison::kPark;
  Position position;  ///< everything up to here is held or parked
  Position accepted;
  Position head;  ///< durable
  std::uint64_t lag_events = 0;
  Duration lag;  ///< for how long the first event that it has not taken in has been there
  std::uint64_t parked = 0;
  std::uint64_t events_total = 0;      ///< applied since the process began
  std::uint64_t batches_total = 0;     ///< transactions since the process began
  bool failing = false;                ///< the last batch failed
  std::string last_error;              ///< also of a failure that has passed; empty if there never was one
  Time last_error_at;                  ///< zero if there never was one
  std::optional<ParkedEvent> blocked;  ///< the event that nothing goes on before
  Time last_progress;                  ///< zero before the first batch
  std::chrono::milliseconds quiet{0};  ///< since the loop went round
};

class Follower final : private LogListener {
 public:
  /// Called with true once the target holds everything up to the position, with false if the follower stops before.
  /// On the follower's thread or one of the target's, or at once on the caller's; must return quickly and must not stop
  /// the follower. An event that was parked counts as held: waiting longer would not help.
  using WaitCallback = std::function<void(bool caught_up)>;
  /// Names a wait that may be cancelled; 0 where the callback was called at once.
  using WaitTicket = std::uint64_t;

  /// Opens the file of a projection and checks it against the log; nothing runs yet.
  /// Errors: as ProjectionStore::open.
  static Result<std::unique_ptr<Follower>> open(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                                                FollowerOptions options);
  Follower(EventLog& log, Clock& clock, std::unique_ptr<FollowerTarget> target, FollowerOptions options);
  ~Follower() override;

  void start();
  /// Waits for the batch under way, then answers all waits with false. May be called again.
  void stop();
  enum class AtEnd : std::uint8_t { kNothing, kSettle };
  /// Lets it end when the batch under way has ended, without waiting for that: see `has_ended`, then call `stop`. It
  /// may have to settle its target then, which may take as long as the disk needs for all of it.
  void begin_stop(AtEnd at_end);
  /// What became of settling, if it has ended.
  [[nodiscard]] const Result<void>& settled() const { return settled_; }
  /// Whether `stop` would not have to wait for the loop.
  [[nodiscard]] bool has_ended() const { return ended_.load(std::memory_order_acquire); }

  /// One batch on the caller's thread; returns how many events it covered, 0 when caught up. For tests, and for
  /// catching up before anything runs.
  Result<std::size_t> run_once();

  /// Nothing is read any more once the batch under way has ended.
  void pause();
  /// Also after a stop by an event, which is tried again.
  void resume();
  void set_on_poison(OnPoison policy);

  WaitTicket when_caught_up(Position position, WaitCallback callback);
  /// True if the callback will not be called any more.
  bool cancel(WaitTicket ticket);

  struct Retried {
    std::size_t applied = 0;
    std::size_t still_parked = 0;
  };
  // Errors of those that follow, besides others: kUnavailable "projection.busy": the batch under way takes too long.

  /// Tries all parked events again, stream by stream in order; each stream stops at its first failure. In between the
  /// loop goes on.
  Result<Retried> retry_parked();
  /// Whoever tries parked events again is told "projection.busy" from now on, soon also who is at it: they wait for it.
  void end_retries() { retries_ended_ = true; }
  /// The earliest events parked.
  Result<std::vector<ParkedEvent>> parked(std::size_t limit);

  /// Feeds `other` from now on, once it has taken in what the target has, and gives back in it what was fed until now.
  /// Whoever asks sees the one or the other, and no position goes back.
  /// Errors: those of `other`; kConflict "projection.blocked" by an event that it cannot take in, "projection.log_ends"
  /// before it holds as much; kUnavailable "projection.busy": catching up takes too long, or the follower stops. Then
  /// all is as it was, save that `other` may have got further.
  /// `check` is asked once `other` holds as much, and may refuse it.
  using Check = std::function<Result<void>(const FollowerTarget& other, const FollowerTarget& live)>;
  Result<void> exchange(std::unique_ptr<FollowerTarget>& other, const Check& check = {});
  /// The target, to be used elsewhere; after `stop`, and nothing else comes after it.
  std::unique_ptr<FollowerTarget> release();

  /// What is to be read, and how far it is: all of one moment.
  struct Place {
    std::uint64_t generation = 0;  ///< another one after each exchange, and after parked events were taken in
    std::string path;
    Position position;
  };
  [[nodiscard]] Place place() const;

  /// Somebody who holds open what is to be read. `moved` is called without a lock of the follower's, whenever `place`
  /// has another generation, and should be quick.
  class Reader {
   public:
    virtual ~Reader() = default;
    virtual void moved() = 0;
  };
  /// Until `remove_reader`, which waits for a call under way.
  void add_reader(Reader& reader) const;
  void remove_reader(Reader& reader) const;

  [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  [[nodiscard]] std::string path() const { return place().path; }
  [[nodiscard]] Position position() const { return Position{position_.load(std::memory_order_acquire)}; }
  /// What is read before it has come here is not all there was: what it feeds was made when the log had come so far.
  [[nodiscard]] Position complete_at() const;
  /// Looks into the log if it is behind it.
  [[nodiscard]] FollowerStatus status() const;
  /// Since the loop went round. Waits for nothing.
  [[nodiscard]] std::chrono::milliseconds quiet() const;
  /// What it feeds does not hold yet all there was when it was made.
  [[nodiscard]] bool is_incomplete() const { return position() < complete_at(); }

 private:
  struct Wait {
    WaitTicket ticket;
    WaitCallback callback;
  };

  /// What one round of the loop did.
  struct Batch {
    std::size_t covered = 0;  ///< events read
    FollowerTarget::Taken taken;
    std::size_t parked_total = 0;
    std::vector<RecordPtr> news;  ///< for `on_news`
  };

  [[nodiscard]] std::chrono::milliseconds quiet_by(std::chrono::steady_clock::time_point now) const {
    if (is_settling_) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - beat_);
  }
  void durable(Position position) override;
  void changed();
  void loop();
  void settle_at_end();
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds longest, Condition is_over);
  Result<std::unique_lock<std::timed_mutex>> hold_work();
  Result<FollowerTarget::Retried> retry_turn(Position from, Retried& all);
  void let_loop_go_round();
  /// Before the target is asked for anything else.
  Result<void> reload_if_failed();
  Result<Batch> run_batch();
  Result<void> catch_up(FollowerTarget& other, Position upto);
  [[nodiscard]] bool is_stopping() const;
  /// Reads and takes, whoever the target is.
  Result<Batch> feed(FollowerTarget& target);
  [[nodiscard]] bool wanted(const EventRecord& record) const;
  void tell_news(Position after, Position upto);
  void tell_readers();
  void advance(const Batch& batch);
  Result<std::size_t> block(const ParkedEvent& event);
  void note_failure(const Error& error);
  /// The callbacks of what is held by now; call them without a lock.
  [[nodiscard]] std::vector<WaitCallback> reached();

  EventLog& log_;
  Clock& clock_;
  const FollowerOptions options_;
  const std::shared_ptr<LogReader::Seat> seat_;
  const std::string name_;
  std::vector<std::string> kinds_;
  const Position told_up_to_;  ///< events up to here are no news

  std::timed_mutex work_;                   ///< held during a batch or a retry; guards the target
  std::unique_ptr<FollowerTarget> target_;  ///< replaced under both locks
  bool reload_ = false;                     ///< a batch failed: the target goes back to what is written down

  std::atomic<std::uint64_t> position_;       ///< changed under mutex_
  std::atomic<std::uint64_t> generation_{1};  ///< changed under mutex_
  std::atomic<OnPoison> on_poison_;
  std::atomic<bool> retries_ended_{false};

  mutable std::mutex readers_mutex_;
  mutable std::vector<Reader*> readers_;

  mutable std::mutex mutex_;  ///< guards what follows; never held while the target or a callback runs
  std::condition_variable wake_;
  bool stopping_ = false;
  AtEnd at_end_ = AtEnd::kNothing;
  bool is_settling_ = false;
  bool news_ = false;   ///< something became durable, or the target has changed, since the last batch was read
  bool nudge_ = false;  ///< no use in waiting until a failure is tried again
  std::multimap<Position, Wait> waits_;
  WaitTicket last_ticket_ = 0;
  FollowerStatus status_;
  std::chrono::steady_clock::time_point beat_;

  Result<void> settled_;           ///< written before it has ended, read afterwards
  std::atomic<bool> ended_{true};  ///< the loop does not run
  std::mutex lifecycle_;           ///< one start or stop at a time
  std::thread thread_;
};

}  // namespace souk
