/// Random commands for scheduled jobs.
#pragma once

#include "engine/entities.hpp"
#include "engine/testing/random_values.hpp"

namespace souk::testing {

inline job::Change random_job_change(Random& random, Time at) {
  static const std::vector<std::string> kSchedules{"@every 1m", "*/7 * * * *", "@every 2h", "0 0 30 2 *", "7 * * * *"};
  job::Change change;
  if (random.one_in(3)) change.paused = random.one_in(2);
  if (random.one_in(3)) {
    change.schedule.emplace(random.one_in(4) ? std::nullopt : std::optional(random.pick(kSchedules)));
  }
  if (random.one_in(3)) {
    change.misfire.emplace(random.one_in(4) ? std::nullopt : std::optional(static_cast<job::Misfire>(random.below(3))));
  }
  if (random.one_in(8)) change.after_days.emplace(random.between(-1, 9));
  change.by = random_id<AccountId>(random);
  change.at = at;
  return change;
}

inline Job::Command random_command(Random& random, const job::State& state) {
  // Mostly a little later than what happened last, at times much later, and now and then earlier.
  const std::int64_t minutes = random.one_in(12) ? random.between(-300, 20'000) : random.between(0, 9);
  const Time at = state.accounted + Duration::minutes(minutes) + Duration::seconds(random.between(0, 59));
  const auto run = state.run ? state.run->id : random_id<RunId>(random, 400);
  switch (random.below(state.name.empty() ? 2 : 16)) {
    case 0:
      return job::Configure{"jobs_test",
                            {job::Kind::kOrderCompletion, random.one_in(6) ? "sandbox" : ""},
                            {random.one_in(2) ? "@every 1m" : "*/5 * * * *", job::Misfire::kRunOnce, 7},
                            at};
    case 1:
    case 2: return random_job_change(random, at);
    case 3: return job::RunNow{random_id<RunId>(random, 400), random_id<AccountId>(random), at};
    case 4:
      return job::GiveUp{state.run && !random.one_in(4) ? state.run->answer_due : at,
                         random.one_in(2) && state.run ? state.run->answer_due : at + Duration::minutes(30)};
    case 5:
    case 6:
    case 7:
    case 8: {
      const auto outcome = random.one_in(3) ? job::Outcome::kFailed : job::Outcome::kDone;
      return job::RecordOutcome{
          random.one_in(8) ? random_id<RunId>(random, 400) : run, outcome, std::nullopt, {{"orders", 3}}, at};
    }
    default: return job::Due{at};
  }
}

}  // namespace souk::testing
