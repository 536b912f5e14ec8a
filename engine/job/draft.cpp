#include "engine/job/draft.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk::job {
namespace {

Time just_before(Time time) {
  return Time{time.us - 1};
}

}  // namespace

bool is_ahead(const State& state, Time now) {
  return state.accounted > now + kClockErrorMax;
}

void Draft::add(Job::Event event) {
  state_ = Job::evolve(std::move(state_), event);
  events_.push_back(std::move(event));
}

std::optional<Schedule> Draft::schedule() const {
  auto parsed = Schedule::parse(state_.plan().schedule);
  if (!parsed) return std::nullopt;
  return *parsed;
}

void Draft::rewind(Time now) {
  add(Rewound{state_.accounted, now});
  const auto& run = state_.run;
  if (!run || run->answer_due <= now + kAnswerMax) return;
  add(Repeated{state_.name, run->id, state_.task, state_.plan().after_days, run->due, now, now + kAnswerMax});
}

void Draft::account(Time now) {
  if (is_ahead(state_, now)) rewind(now);
  const auto schedule = this->schedule();
  if (!schedule || schedule->count(state_.accounted, now) == 0) return;
  const Misfire misfire = state_.plan().misfire;
  if (state_.paused) return skip(*schedule, SkipReason::kPaused, now, now);
  if (misfire == Misfire::kRunAll) return queue(*schedule, now);
  if (state_.run) return skip(*schedule, SkipReason::kOverlap, now, now);
  const Time last = schedule->last(now).value();
  const bool runs = misfire == Misfire::kRunOnce || now - last <= kOnTime;
  skip(*schedule, SkipReason::kMisfire, runs ? just_before(last) : last, now);
  if (runs) start_occurrence(last, now);
}

void Draft::skip(const Schedule& schedule, SkipReason reason, Time until, Time now) {
  const std::int64_t count = schedule.count(state_.accounted, until);
  if (count == 0) return;
  const Time first = schedule.next(state_.accounted).value();
  add(Skipped{state_.name, reason, first, schedule.last(until).value(), count, now});
}

/// As many as may wait, the latest; a year of missed minutes must not become half a million runs.
void Draft::queue(const Schedule& schedule, Time now) {
  const std::size_t idle = state_.run ? 0 : 1;
  const std::size_t room = kWaitingMax + idle - std::min(state_.waiting.size(), kWaitingMax);
  std::vector<Time> dues;
  for (auto due = schedule.last(now); due && *due > state_.accounted && dues.size() < room;
       due = schedule.last(just_before(*due))) {
    dues.push_back(*due);
  }
  std::ranges::reverse(dues);
  skip(schedule, SkipReason::kBacklog, dues.empty() ? now : just_before(dues.front()), now);
  if (dues.empty()) return;
  if (!state_.run) {
    start_occurrence(dues.front(), now);
    dues.erase(dues.begin());
  }
  if (!dues.empty()) add(Queued{std::move(dues)});
}

void Draft::schedule_next() {
  const auto schedule = this->schedule();
  if (state_.paused || !schedule) return;
  const auto next = schedule->next(state_.accounted);
  if (next && next != state_.next_due) add(Scheduled{*next});
}

void Draft::start(RunId run, std::optional<Time> due, std::optional<AccountId> by, Time now) {
  const std::int64_t delay_ms = due ? std::max<std::int64_t>(0, (now - *due).us / 1'000) : 0;
  add(Started{state_.name, run, state_.task, state_.plan().after_days, due, by, delay_ms, now, now + kAnswerMax});
}

/// An occurrence runs once only, so its run can be named after it.
void Draft::start_occurrence(Time due, Time now) {
  start(RunId{Id128{1, static_cast<std::uint64_t>(due.us)}}, due, std::nullopt, now);
}

void Draft::start_waiting(Time now) {
  if (state_.paused || state_.run || state_.waiting.empty()) return;
  start_occurrence(state_.waiting.front(), now);
}

void Draft::finish(Outcome outcome, std::optional<std::string> problem, std::vector<Figure> figures, Time now) {
  if (!state_.run) return;
  add(Finished{state_.name, state_.run->id, outcome, std::move(problem), std::move(figures), now});
  start_waiting(now);
}

}  // namespace souk::job
