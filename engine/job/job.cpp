#include "engine/job/job.hpp"

#include <algorithm>

#include "engine/entities.hpp"
#include "engine/job/draft.hpp"

namespace souk {
namespace {

using namespace job;
using Events = std::vector<Job::Event>;

constexpr std::string_view kDueTimer = "job_due";
constexpr std::string_view kAnswerTimer = "job_answer_due";

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kNameSizeMax && name[0] >= 'a' && std::ranges::all_of(name, fits);
}

Result<void> check_plan(const Task& task, const Plan& plan) {
  if (auto parsed = Schedule::parse(plan.schedule); !parsed) return tl::unexpected<Error>(std::move(parsed.error()));
  const bool wants_days = task.kind == Kind::kOrderCompletion;
  if (wants_days != plan.after_days.has_value()) {
    return fail(ErrorCode::kInvalid, "job.after_days_invalid",
                wants_days ? "after_days: is required" : "after_days: only the completion of orders waits for days");
  }
  if (plan.after_days && (*plan.after_days < 0 || *plan.after_days > kAfterDaysMax)) {
    return fail(ErrorCode::kInvalid, "job.after_days_invalid", "after_days: must be from 0 to 365");
  }
  return {};
}

Result<Events> on(const State& state, const Configure& command) {
  if (!is_name(command.name)) {
    return fail(ErrorCode::kInvalid, "job.name_invalid", "name: 1 to 64 of a-z, 0-9 and _, a letter first");
  }
  if ((command.task.kind == Kind::kReconciliation) == command.task.provider.empty()) {
    return fail(ErrorCode::kInvalid, "job.task_invalid", "a reconciliation needs a provider, and nothing else does");
  }
  if (!state.name.empty() && (state.name != command.name || state.task != command.task)) {
    return fail(ErrorCode::kConflict, "job.other_task", "this job is for something else");
  }
  if (auto fits = check_plan(command.task, command.plan); !fits) return tl::unexpected<Error>(fits.error());
  const bool is_known = !state.name.empty() && state.defaults == command.plan;
  if (is_known && !is_ahead(state, command.at)) return Events{};
  Draft draft(state);
  draft.account(command.at);
  if (!is_known) draft.add(Configured{command.name, command.task, command.plan, command.at});
  draft.schedule_next();
  return draft.take();
}

tl::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, "job.not_found", "there is no such job");
}

Result<Events> on(const State& state, const Change& command) {
  if (state.name.empty()) return not_found();
  State wanted = state;
  if (command.schedule) wanted.overrides.schedule = *command.schedule;
  if (command.misfire) wanted.overrides.misfire = *command.misfire;
  if (command.after_days) wanted.overrides.after_days = *command.after_days;
  wanted.paused = command.paused.value_or(state.paused);
  if (wanted == state && !is_ahead(state, command.at)) return Events{};
  if (auto fits = check_plan(state.task, wanted.plan()); !fits) return tl::unexpected<Error>(fits.error());
  Draft draft(state);
  draft.account(command.at);
  if (wanted.overrides != state.overrides) draft.add(Changed{wanted.overrides, command.by, command.at});
  if (wanted.paused && !state.paused) draft.add(Paused{command.by, command.at});
  if (!wanted.paused && state.paused) draft.add(Resumed{command.by, command.at});
  draft.start_waiting(command.at);
  draft.schedule_next();
  return draft.take();
}

bool knows(const State& state, RunId run) {
  if (state.run && state.run->id == run) return true;
  return std::ranges::any_of(state.recent, [&](const Record& one) { return one.run && one.run->id == run; });
}

Result<Events> on(const State& state, const RunNow& command) {
  if (state.name.empty()) return not_found();
  if (knows(state, command.run)) return Events{};
  if (state.run) return fail(ErrorCode::kConflict, "job.running", "a run is under way; there is one at a time");
  Draft draft(state);
  draft.start(command.run, std::nullopt, command.by, command.at);
  return draft.take();
}

Result<Events> on(const State& state, const Due& command) {
  if (state.name.empty() || state.paused) return Events{};
  Draft draft(state);
  draft.account(command.now);
  draft.schedule_next();
  return draft.take();
}

Result<Events> on(const State& state, const GiveUp& command) {
  if (!state.run || state.run->answer_due != command.answer_due) return Events{};
  Draft draft(state);
  if (command.now - command.answer_due > kOnTime) {
    // Nobody was there to answer: the shop has been down since.
    draft.add(Repeated{state.name, state.run->id, state.task, state.plan().after_days, state.run->due, command.now,
                       command.now + kAnswerMax});
  } else {
    draft.finish(Outcome::kNoAnswer, std::nullopt, {}, command.now);
  }
  return draft.take();
}

Result<Events> on(const State& state, const RecordOutcome& command) {
  if (!state.run || state.run->id != command.run) return Events{};
  Draft draft(state);
  draft.finish(command.outcome, command.problem, command.figures, command.at);
  return draft.take();
}

/// What became of everything up to here is known.
void pass(State& state, Time until) {
  state.accounted = std::max(state.accounted, until);
  if (state.next_due && *state.next_due <= state.accounted) state.next_due.reset();
}

/// Occurrences of another schedule count from now on.
void change_plan(State& state, Time at, const std::string& schedule_before) {
  if (state.plan().schedule != schedule_before) pass(state, at);
}

void remember(State& state, Record record) {
  if (state.recent.size() == kRecentMax) state.recent.erase(state.recent.begin());
  state.recent.push_back(std::move(record));
}

void note_change(State& state, AccountId by, Time at) {
  state.changed_by = by;
  state.changed_at = at;
}

void apply(State& state, const Configured& event) {
  const std::string before = state.name.empty() ? "" : state.plan().schedule;
  state.name = event.name;
  state.task = event.task;
  state.defaults = event.plan;
  change_plan(state, event.at, before);
}
void apply(State& state, const Changed& event) {
  const std::string before = state.plan().schedule;
  state.overrides = event.overrides;
  change_plan(state, event.at, before);
  note_change(state, event.by, event.at);
}
void apply(State& state, const Paused& event) {
  state.paused = true;
  state.next_due.reset();
  note_change(state, event.by, event.at);
}
void apply(State& state, const Resumed& event) {
  state.paused = false;
  note_change(state, event.by, event.at);
}
void apply(State& state, const Scheduled& event) {
  state.next_due = event.due;
}
void apply(State& state, const Rewound& event) {
  state.accounted = event.at;
  state.next_due.reset();
  std::erase_if(state.waiting, [&](Time due) { return due > event.at; });
}
void apply(State& state, const Queued& event) {
  state.waiting.insert(state.waiting.end(), event.dues.begin(), event.dues.end());
  for (const auto due : event.dues) pass(state, due);
}
void apply(State& state, const Started& event) {
  state.run = Run{event.run, event.due, event.by, event.at, event.delay_ms, event.answer_due};
  if (!event.due) return;
  std::erase(state.waiting, *event.due);
  pass(state, *event.due);
}
void apply(State& state, const Repeated& event) {
  if (state.run) state.run->answer_due = event.answer_due;
}
void apply(State& state, const Finished& event) {
  remember(state, Record{std::exchange(state.run, std::nullopt), event, std::nullopt});
  switch (event.outcome) {
    case Outcome::kDone: ++state.counts.done; break;
    case Outcome::kFailed: ++state.counts.failed; break;
    case Outcome::kNoAnswer: ++state.counts.no_answer; break;
  }
}
void apply(State& state, const Skipped& event) {
  remember(state, Record{std::nullopt, std::nullopt, event});
  state.counts.skipped += event.count;
  pass(state, event.last);
}

void request(const Scheduled& event, Effects& effects) {
  effects.timers.emplace_back(SetTimer{std::string(kDueTimer), event.due});
}
void request(const Paused& /*event*/, Effects& effects) {
  effects.timers.emplace_back(ClearTimer{std::string(kDueTimer)});
}
void request(const Started& event, Effects& effects) {
  effects.timers.emplace_back(SetTimer{std::string(kAnswerTimer), event.answer_due});
  effects.calls.emplace_back(
      RunJob{event.name, event.run, event.task, event.after_days, event.due, event.at, event.answer_due});
}
void request(const Repeated& event, Effects& effects) {
  effects.timers.emplace_back(SetTimer{std::string(kAnswerTimer), event.answer_due});
  effects.calls.emplace_back(
      RunJob{event.name, event.run, event.task, event.after_days, event.due, event.at, event.answer_due});
}
void request(const Finished& event, Effects& effects) {
  effects.timers.emplace_back(ClearTimer{std::string(kAnswerTimer)});
  effects.calls.emplace_back(JobNews{event});
}
void request(const Skipped& event, Effects& effects) {
  effects.calls.emplace_back(JobNews{event});
}
void request(const Configured& /*event*/, Effects& /*effects*/) {}
void request(const Changed& /*event*/, Effects& /*effects*/) {}
void request(const Resumed& /*event*/, Effects& /*effects*/) {}
void request(const Rewound& /*event*/, Effects& /*effects*/) {}
void request(const Queued& /*event*/, Effects& /*effects*/) {}

}  // namespace

job::Plan job::State::plan() const {
  return {overrides.schedule.value_or(defaults.schedule), overrides.misfire.value_or(defaults.misfire),
          overrides.after_days ? overrides.after_days : defaults.after_days};
}

Result<std::vector<Job::Event>> Job::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Job::State Job::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Job::react(Id /*self*/, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(happened, effects); }, event);
  return effects;
}

std::optional<Job::Command> Job::on_timer(std::string_view name, Time due, Time now) {
  // A clock that was set back must not make a due timer one that is not.
  if (name == kDueTimer) return Due{std::max(due, now)};
  if (name == kAnswerTimer) return GiveUp{due, std::max(due, now)};
  return std::nullopt;
}

}  // namespace souk
