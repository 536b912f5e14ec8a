/// How a job stands: what it is for, when it is due, the run under way, and what became of the last ones.
#pragma once

#include "engine/job/events.hpp"

namespace souk::job {

/// The run under way.
struct Run {
  RunId id;
  std::optional<Time> due = {};      ///< none: by hand
  std::optional<AccountId> by = {};  ///< by hand
  Time started_at;
  std::int64_t delay_ms = 0;
  Time answer_due;
  static constexpr auto fields() {
    return field_list(field("id", &Run::id), field("due", &Run::due), field("by", &Run::by),
                      field("started_at", &Run::started_at), field("delay_ms", &Run::delay_ms),
                      field("answer_due", &Run::answer_due));
  }
  friend bool operator==(const Run&, const Run&) = default;
};

/// What became of a run, or of occurrences that did not run: one or the other is there.
struct Record {
  std::optional<Run> run = {};
  std::optional<Finished> finished = {};
  std::optional<Skipped> skipped = {};
  static constexpr auto fields() {
    return field_list(field("run", &Record::run), field("finished", &Record::finished),
                      field("skipped", &Record::skipped));
  }
  friend bool operator==(const Record&, const Record&) = default;
};

/// Since there is the job. Skipped are occurrences, the others runs.
struct Counts {
  std::int64_t done = 0;
  std::int64_t failed = 0;
  std::int64_t no_answer = 0;
  std::int64_t skipped = 0;
  static constexpr auto fields() {
    return field_list(field("done", &Counts::done), field("failed", &Counts::failed),
                      field("no_answer", &Counts::no_answer), field("skipped", &Counts::skipped));
  }
  friend bool operator==(const Counts&, const Counts&) = default;
};

struct State {
  std::string name;  ///< empty: there is no such job
  Task task;
  Plan defaults;  ///< of the configuration
  Overrides overrides;
  std::optional<AccountId> changed_by = {};  ///< the last administrator who changed, paused or resumed it
  std::optional<Time> changed_at = {};
  bool paused = false;
  Time accounted;                     ///< what became of each occurrence up to here is known
  std::optional<Time> next_due = {};  ///< none while it is paused
  std::vector<Time> waiting = {};     ///< occurrences whose run is still to come, the oldest first
  std::optional<Run> run = {};
  std::vector<Record> recent = {};  ///< the oldest first
  Counts counts = {};

  /// What holds.
  [[nodiscard]] Plan plan() const;

  static constexpr auto fields() {
    using S = State;
    return field_list(field("name", &S::name), field("task", &S::task), field("defaults", &S::defaults),
                      field("overrides", &S::overrides), field("changed_by", &S::changed_by),
                      field("changed_at", &S::changed_at), field("paused", &S::paused),
                      field("accounted", &S::accounted), field("next_due", &S::next_due), field("waiting", &S::waiting),
                      field("run", &S::run), field("recent", &S::recent), field("counts", &S::counts));
  }
  friend bool operator==(const State&, const State&) = default;
};

}  // namespace souk::job
