/// What happens to a scheduled job, and what these events are made of.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"

namespace souk {

using RunId = Id<struct RunTag>;  ///< within its job

}  // namespace souk

namespace souk::job {

enum class Kind : std::uint8_t { kReconciliation, kOrderCompletion, kGuestCartSweep };

/// What becomes of occurrences that could not run when they fell due, for the shop was down.
enum class Misfire : std::uint8_t {
  kRunOnce,  ///< the last one runs for all of them
  kSkip,     ///< none runs, unless it is hardly late
  kRunAll,   ///< each runs, one after the other; so do those that fell due during a run
};

enum class Outcome : std::uint8_t { kDone, kFailed, kNoAnswer };

/// Why an occurrence did not run.
enum class SkipReason : std::uint8_t {
  kMisfire,  ///< the shop was down, and the policy wants it so
  kOverlap,  ///< another run was under way
  kPaused,
  kBacklog,  ///< too many were waiting
};

}  // namespace souk::job

template <>
struct souk::EnumNames<souk::job::Kind> {
  static constexpr std::array<std::string_view, 3> values{"reconciliation", "order_completion", "guest_cart_sweep"};
};
template <>
struct souk::EnumNames<souk::job::Misfire> {
  static constexpr std::array<std::string_view, 3> values{"run_once", "skip", "run_all"};
};
template <>
struct souk::EnumNames<souk::job::Outcome> {
  static constexpr std::array<std::string_view, 3> values{"done", "failed", "no_answer"};
};
template <>
struct souk::EnumNames<souk::job::SkipReason> {
  static constexpr std::array<std::string_view, 4> values{"misfire", "overlap", "paused", "backlog"};
};

namespace souk::job {

/// What a job is for; it never changes.
struct Task {
  Kind kind = Kind::kGuestCartSweep;
  std::string provider = {};  ///< whose bills are compared; empty unless it is a reconciliation
  static constexpr auto fields() { return field_list(field("kind", &Task::kind), field("provider", &Task::provider)); }
  friend bool operator==(const Task&, const Task&) = default;
};

struct Plan {
  std::string schedule;  ///< as engine/job/schedule.hpp reads it
  Misfire misfire = Misfire::kRunOnce;
  std::optional<std::int64_t> after_days = {};  ///< since delivery; of an order completion only
  static constexpr auto fields() {
    return field_list(field("schedule", &Plan::schedule), field("misfire", &Plan::misfire),
                      field("after_days", &Plan::after_days));
  }
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// What administrators want otherwise than the configuration.
struct Overrides {
  std::optional<std::string> schedule = {};
  std::optional<Misfire> misfire = {};
  std::optional<std::int64_t> after_days = {};
  static constexpr auto fields() {
    return field_list(field("schedule", &Overrides::schedule), field("misfire", &Overrides::misfire),
                      field("after_days", &Overrides::after_days));
  }
  friend bool operator==(const Overrides&, const Overrides&) = default;
};

/// One thing that a run has counted.
struct Figure {
  std::string name;
  std::int64_t count = 0;
  static constexpr auto fields() { return field_list(field("name", &Figure::name), field("count", &Figure::count)); }
  friend bool operator==(const Figure&, const Figure&) = default;
};

/// What the configuration says of it, for the first time or again.
struct Configured {
  static constexpr std::string_view kType = "job.configured";
  static constexpr std::uint16_t kSchema = 1;
  std::string name;
  Task task;
  Plan plan;
  Time at;
  static constexpr auto fields() {
    return field_list(field("name", &Configured::name), field("task", &Configured::task),
                      field("plan", &Configured::plan), field("at", &Configured::at));
  }
  friend bool operator==(const Configured&, const Configured&) = default;
};

/// All that administrators want otherwise from now on.
struct Changed {
  static constexpr std::string_view kType = "job.changed";
  static constexpr std::uint16_t kSchema = 1;
  Overrides overrides;
  AccountId by;
  Time at;
  static constexpr auto fields() {
    return field_list(field("overrides", &Changed::overrides), field("by", &Changed::by), field("at", &Changed::at));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

struct Paused {
  static constexpr std::string_view kType = "job.paused";
  static constexpr std::uint16_t kSchema = 1;
  AccountId by;
  Time at;
  static constexpr auto fields() { return field_list(field("by", &Paused::by), field("at", &Paused::at)); }
  friend bool operator==(const Paused&, const Paused&) = default;
};

struct Resumed {
  static constexpr std::string_view kType = "job.resumed";
  static constexpr std::uint16_t kSchema = 1;
  AccountId by;
  Time at;
  static constexpr auto fields() { return field_list(field("by", &Resumed::by), field("at", &Resumed::at)); }
  friend bool operator==(const Resumed&, const Resumed&) = default;
};

/// When it is due next.
struct Scheduled {
  static constexpr std::string_view kType = "job.scheduled";
  static constexpr std::uint16_t kSchema = 1;
  Time due;
  static constexpr auto fields() { return field_list(field("due", &Scheduled::due)); }
  friend bool operator==(const Scheduled&, const Scheduled&) = default;
};

/// The clock had run ahead: what became of occurrences later than `at` is asked again when they come.
struct Rewound {
  static constexpr std::string_view kType = "job.rewound";
  static constexpr std::uint16_t kSchema = 1;
  Time from;
  Time at;
  static constexpr auto fields() { return field_list(field("from", &Rewound::from), field("at", &Rewound::at)); }
  friend bool operator==(const Rewound&, const Rewound&) = default;
};

/// These occurrences wait for the run before them.
struct Queued {
  static constexpr std::string_view kType = "job.queued";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<Time> dues;
  static constexpr auto fields() { return field_list(field("dues", &Queued::dues)); }
  friend bool operator==(const Queued&, const Queued&) = default;
};

/// A run has begun; whoever does the work is told by the reaction to this.
struct Started {
  static constexpr std::string_view kType = "job.started";
  static constexpr std::uint16_t kSchema = 1;
  std::string name;
  RunId run;
  Task task;
  std::optional<std::int64_t> after_days = {};
  std::optional<Time> due = {};      ///< none: by hand
  std::optional<AccountId> by = {};  ///< by hand
  std::int64_t delay_ms = 0;         ///< since it was due
  Time at;
  Time answer_due;
  static constexpr auto fields() {
    using E = Started;
    return field_list(field("name", &E::name), field("run_id", &E::run), field("task", &E::task),
                      field("after_days", &E::after_days), field("due", &E::due), field("by", &E::by),
                      field("delay_ms", &E::delay_ms), field("at", &E::at), field("answer_due", &E::answer_due));
  }
  friend bool operator==(const Started&, const Started&) = default;
};

/// The shop was down when the answer was due: the same run is asked for again.
struct Repeated {
  static constexpr std::string_view kType = "job.repeated";
  static constexpr std::uint16_t kSchema = 1;
  std::string name;
  RunId run;
  Task task;
  std::optional<std::int64_t> after_days = {};
  std::optional<Time> due = {};
  Time at;
  Time answer_due;
  static constexpr auto fields() {
    using E = Repeated;
    return field_list(field("name", &E::name), field("run_id", &E::run), field("task", &E::task),
                      field("after_days", &E::after_days), field("due", &E::due), field("at", &E::at),
                      field("answer_due", &E::answer_due));
  }
  friend bool operator==(const Repeated&, const Repeated&) = default;
};

struct Finished {
  static constexpr std::string_view kType = "job.finished";
  static constexpr std::uint16_t kSchema = 1;
  std::string name;
  RunId run;
  Outcome outcome = Outcome::kDone;
  std::optional<std::string> problem = {};  ///< why it failed
  std::vector<Figure> figures = {};
  Time at;
  static constexpr auto fields() {
    using E = Finished;
    return field_list(field("name", &E::name), field("run_id", &E::run), field("outcome", &E::outcome),
                      field("problem", &E::problem), field("figures", &E::figures), field("at", &E::at));
  }
  friend bool operator==(const Finished&, const Finished&) = default;
};

/// Occurrences that did not run and will not.
struct Skipped {
  static constexpr std::string_view kType = "job.skipped";
  static constexpr std::uint16_t kSchema = 1;
  std::string name;
  SkipReason reason = SkipReason::kMisfire;
  Time first;
  Time last;
  std::int64_t count = 0;
  Time at;
  static constexpr auto fields() {
    using E = Skipped;
    return field_list(field("name", &E::name), field("reason", &E::reason), field("first", &E::first),
                      field("last", &E::last), field("count", &E::count), field("at", &E::at));
  }
  friend bool operator==(const Skipped&, const Skipped&) = default;
};

}  // namespace souk::job
