/// A job while a command is decided: its state behind the events so far, and what its schedule makes of a moment.
#pragma once

#include "engine/job/job.hpp"
#include "engine/job/schedule.hpp"

namespace souk::job {

/// Whether the job has accounted for a time that is still to come: the clock had run ahead.
bool is_ahead(const State& state, Time now);

class Draft {
 public:
  explicit Draft(const State& state) : state_(state) {}

  void add(Job::Event event);
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] std::vector<Job::Event> take() { return std::move(events_); }

  /// Says of each occurrence up to now what becomes of it.
  void account(Time now);
  void schedule_next();
  /// `due`: of its occurrence; none: by hand.
  void start(RunId run, std::optional<Time> due, std::optional<AccountId> by, Time now);
  /// The first of those that wait, unless there is a run or a pause.
  void start_waiting(Time now);
  /// Ends the run under way, if there is one.
  void finish(Outcome outcome, std::optional<std::string> problem, std::vector<Figure> figures, Time now);

 private:
  [[nodiscard]] std::optional<Schedule> schedule() const;
  void rewind(Time now);
  void skip(const Schedule& schedule, SkipReason reason, Time until, Time now);
  void queue(const Schedule& schedule, Time now);
  void start_occurrence(Time due, Time now);

  State state_;
  std::vector<Job::Event> events_;
};

}  // namespace souk::job
