/// A scheduled job: when it is due, whether it runs, and what became of every single occurrence.
///
/// Of each occurrence of its schedule there is either a run or a record that it was skipped, and why; many that were
/// missed together are one record with their number. There is one run at a time. A run is done outside (RunJob, in
/// engine/entities.hpp) and may be done twice; its outcome is recorded once. What administrators change holds until
/// they take it back, whatever the configuration says meanwhile. A clock that ran ahead and was set back is noticed
/// when the job is configured or changed; it is due again by the right one from then on. Errors: kInvalid
/// "job.name_invalid", "job.task_invalid", "job.schedule_invalid", "job.schedule_never", "job.after_days_invalid";
/// kConflict "job.other_task", "job.running"; kNotFound "job.not_found".
#pragma once

#include "engine/entity.hpp"
#include "engine/job/state.hpp"

namespace souk::job {

inline constexpr std::size_t kNameSizeMax = 64;
inline constexpr std::int64_t kAfterDaysMax = 365;
inline constexpr std::size_t kRecentMax = 20;
inline constexpr std::size_t kWaitingMax = 100;
/// An occurrence that is not later than this is not missed.
inline constexpr Duration kOnTime = Duration::minutes(1);
/// A run that has not answered by then is given up.
inline constexpr Duration kAnswerMax = Duration::minutes(10);

/// A clock that is set back by no more than this is waited for.
inline constexpr Duration kClockErrorMax = Duration::minutes(2 * 60);

// --- commands

/// What the configuration says of it; the job is made if there is none.
struct Configure {
  std::string name;
  Task task;
  Plan plan;
  Time at;
  friend bool operator==(const Configure&, const Configure&) = default;
};

/// By an administrator. What is absent stays as it is; what is taken away is as the configuration says again.
struct Change {
  std::optional<std::optional<std::string>> schedule = {};
  std::optional<std::optional<Misfire>> misfire = {};
  std::optional<std::optional<std::int64_t>> after_days = {};
  std::optional<bool> paused = {};
  AccountId by;
  Time at;
  friend bool operator==(const Change&, const Change&) = default;
};

/// By an administrator, also while it is paused.
struct RunNow {
  RunId run;
  AccountId by;
  Time at;
  friend bool operator==(const RunNow&, const RunNow&) = default;
};

/// Timer: something is due.
struct Due {
  Time now;
  friend bool operator==(const Due&, const Due&) = default;
};

/// Timer: the answer of a run is due.
struct GiveUp {
  Time answer_due;
  Time now;
  friend bool operator==(const GiveUp&, const GiveUp&) = default;
};

/// Answer to RunJob. Of a run that is not under way any more it changes nothing.
struct RecordOutcome {
  RunId run;
  Outcome outcome = Outcome::kDone;
  std::optional<std::string> problem = {};
  std::vector<Figure> figures = {};
  Time at;
  friend bool operator==(const RecordOutcome&, const RecordOutcome&) = default;
};

}  // namespace souk::job

namespace souk {

struct Job {
  static constexpr std::string_view kKind = "job";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = JobId;
  using State = job::State;
  using Command = std::variant<job::Configure, job::Change, job::RunNow, job::Due, job::GiveUp, job::RecordOutcome>;
  using Event = std::variant<job::Configured, job::Changed, job::Paused, job::Resumed, job::Scheduled, job::Rewound,
                             job::Queued, job::Started, job::Repeated, job::Finished, job::Skipped>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
