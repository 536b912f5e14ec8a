/// All followers of a node: what an operator asks of them, also over restarts, and new copies beside the live ones.
///
/// A rebuild is a second follower over a copy of its own, from the beginning of the log, while the live one serves and
/// goes on. Once it has caught up the live one takes its copy over between two reads (`Follower::exchange`), and the
/// copy that was live is kept for one roll back, which takes the same way: the old copy catches up, then it is taken
/// over. A copy of another schema cannot serve this program; a new one is made in its place at the start, and what is
/// read from it is not complete until it has caught up (`Follower::is_incomplete`); the old one is kept, and a program
/// that knows its schema takes it up again. What is elsewhere may be away then: once it is seen that its copy is of no
/// use, another one is built by itself.
///
/// A copy that is being built tells nobody of news and serves nobody, so it has no effects but its own.
///
/// Thread-safety: any thread, save `open`, `add`, `start` and `stop`, which belong to the program's main thread.
/// Ownership: the log and the clock must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "projections/follower.hpp"
#include "projections/follower_control.hpp"
#include "projections/follower_source.hpp"

namespace souk {

struct SupervisorOptions {
  std::string control_path;
  bool rebuild = false;  ///< make copies anew that do not belong to this log or cannot be read, instead of refusing
  OnPoison on_poison = OnPoison::kPark;
  Duration previous_kept = Duration::seconds(7 * 86'400);  ///< how long what was live before can be rolled back to
  std::chrono::milliseconds quiet_max{10'000};             ///< a loop that did not go round for so long is stuck
  std::function<void(std::string_view name, const ParkedEvent&)> on_parked;
  std::function<void(std::string_view name, const Error&)> on_failure;
  /// A sentence for the log of the process: a rebuild has ended, a loop is stuck.
  std::function<void(std::string_view name, const std::string& what)> on_notice;
};

/// What somebody who looks is told of one follower.
struct FollowerReport {
  FollowerStatus status;
  bool can_be_rebuilt = false;
  bool is_complete = true;
  bool is_stuck = false;
  std::uint64_t generation = 1;
  struct Building {
    std::uint64_t generation = 0;
    bool rolls_back = false;
    bool is_stuck = false;
    FollowerStatus status;
  };
  std::optional<Building> building;
  struct Previous {
    std::uint64_t generation = 0;
    Time until;  ///< it can be rolled back to
  };
  std::optional<Previous> previous;
  /// The last copy that was given up before it served, until another one is begun or the process ends.
  struct Dropped {
    std::uint64_t generation = 0;
    bool rolls_back = false;
    std::string error;
    Time at;
  };
  std::optional<Dropped> dropped;
};

class Supervisor {
 public:
  static Result<std::unique_ptr<Supervisor>> open(EventLog& log, Clock& clock, SupervisorOptions options);
  ~Supervisor();

  /// `on_news` is told of what the live copy takes in. Errors: those of the source.
  Result<Follower*> add(std::unique_ptr<FollowerSource> source, std::function<void(const EventRecord&)> on_news = {});
  void start();
  void stop();

  [[nodiscard]] std::vector<Follower*> followers() const;
  [[nodiscard]] std::vector<FollowerReport> reports() const;
  /// Of the live ones whose loop does not go round, and that the node is of no use without. Waits for nothing.
  [[nodiscard]] std::vector<std::string> stuck() const;

  // Errors of all that follow: kNotFound "projection.not_found"; kUnavailable "projections.directory": nothing has
  // changed, for it could not be written down.

  [[nodiscard]] Result<FollowerReport> report(std::string_view name) const;
  Result<std::vector<ParkedEvent>> parked(std::string_view name, std::size_t limit);
  /// Said again they change nothing.
  Result<void> pause(std::string_view name);
  Result<void> resume(std::string_view name);
  /// None: as the setting says.
  Result<void> set_on_poison(std::string_view name, std::optional<OnPoison> policy);
  Result<Follower::Retried> retry_parked(std::string_view name);
  /// As Follower::end_retries, for all.
  void end_retries();
  /// Errors: kConflict "projection.building", "projection.paused", "projection.not_rebuildable",
  /// "projection.no_room".
  Result<void> rebuild(std::string_view name);
  /// Errors: kConflict "projection.building", "projection.paused", "projection.no_previous",
  /// "projection.previous_unfit".
  Result<void> roll_back(std::string_view name);
  /// Ends a rebuild or a roll back that has not been taken over yet. Errors: kConflict "projection.not_building".
  Result<void> cancel(std::string_view name);

 private:
  struct Entry {
    std::unique_ptr<FollowerSource> source;
    std::unique_ptr<Follower> live;
    std::unique_ptr<Follower> shadow;  ///< over what is being built
    /// A rebuild or roll back that was cancelled, until its loop has ended.
    struct Leaving {
      std::unique_ptr<Follower> follower;
      std::int64_t generation = 0;
      bool is_removed = false;
    };
    std::vector<Leaving> leaving;
    std::optional<FollowerReport::Dropped> dropped;
    FollowerControl control;
    bool was_stuck = false;
    bool building_was_stuck = false;
    /// Not to be taken over before, for it has failed a moment ago.
    std::chrono::steady_clock::time_point take_over_after;
  };

  Supervisor(EventLog& log, Clock& clock, SupervisorOptions options, ControlFile control);

  [[nodiscard]] OnPoison policy_of(const Entry& entry) const;
  [[nodiscard]] FollowerOptions follower_options(const Entry& entry) const;
  /// The highest number that a generation of it ever had.
  static std::int64_t newest_of(const Entry& entry, const std::vector<std::uint64_t>& there);
  static std::int64_t newest_settled(Entry& entry);
  Result<std::unique_ptr<FollowerTarget>> open_live(Entry& entry);
  Result<void> open_building(Entry& entry);
  /// Both for the name alone and with the lock held.
  [[nodiscard]] Result<Entry*> find(std::string_view name) const;
  /// Takes the lock; what is asked of the follower then keeps nobody else from asking.
  [[nodiscard]] Result<Follower*> live_of(std::string_view name) const;
  [[nodiscard]] FollowerReport report_of(const Entry& entry) const;
  [[nodiscard]] bool is_stuck(std::chrono::milliseconds quiet) const;
  Result<void> put(Entry& entry, FollowerControl changed);
  Result<void> begin_building(Entry& entry, FollowerControl changed);

  void loop();
  /// Whether another copy has to be built, for the live one is of no use.
  bool look_after(Entry& entry);
  void look_for_stuck(Entry& entry) const;
  void let_go(Entry& entry);
  /// With the lock held; what is elsewhere is removed later, without it.
  void remove(Entry& entry, std::uint64_t generation);
  Result<void> rebuild(Entry& entry, const std::vector<std::uint64_t>& there);
  [[nodiscard]] bool is_of_no_use(const Entry& entry, const Follower& follower) const;
  void take_over(Entry& entry);
  void follow_on(Entry& entry, std::unique_ptr<FollowerTarget> target);
  [[nodiscard]] Result<void> check_room(const Entry& another) const;
  void leave(Entry& entry, std::int64_t generation, bool is_removed);
  void abandon(Entry& entry, const Error& error);
  void forget_previous(Entry& entry);
  void notice(const Entry& entry, const std::string& what) const;

  EventLog& log_;
  Clock& clock_;
  const SupervisorOptions options_;
  const std::shared_ptr<LogReader> reader_;

  mutable std::mutex mutex_;  ///< guards what follows; held while one copy takes over another
  std::condition_variable wake_;
  ControlFile control_;
  std::vector<std::unique_ptr<Entry>> entries_;  ///< none comes or goes after the start, nor do their live followers
  std::atomic<bool> running_{false};
  bool stopping_ = false;
  struct Removal {
    FollowerSource* source;
    std::uint64_t generation;
  };
  std::vector<Removal> removals_;  ///< of what is elsewhere
  std::thread thread_;
};

}  // namespace souk
