// What becomes of a job whose clock ran ahead and was set back.
#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::job;
using namespace souk::testing;

namespace {

const std::string kName = "order_completion";
const Task kTask{Kind::kOrderCompletion, ""};
const auto kKeeper = id_of<AccountId>(3);
constexpr Time kMidnight{1'795'392'000'000'000};  // 2026-11-23

Time at(std::int64_t minutes) {
  return kMidnight + Duration::minutes(minutes);
}
const Time kAhead = at(std::int64_t{3} * 24 * 60);

Plan plan(Misfire misfire) {
  return {"@every 10m", misfire, 7};
}
Configure configure(Misfire misfire) {
  return {kName, kTask, plan(misfire), at(21)};
}

/// Made at midnight, due every ten minutes; `more` happened since.
template <class... Events>
Given<Job> job_that(Misfire misfire, Events... more) {
  return given<Job>(Configured{kName, kTask, plan(misfire), at(0)}, Scheduled{at(10)}, std::move(more)...);
}
Skipped skipped_until(Time last, std::int64_t count) {
  return {kName, SkipReason::kMisfire, at(10), last, count, last};
}

}  // namespace

TEST_CASE("a job whose clock ran ahead is due again by the right one, once somebody changes or starts it") {
  const auto past = job_that(Misfire::kRunOnce, skipped_until(kAhead, 432), Scheduled{kAhead + Duration::minutes(10)});
  const Rewound rewound{kAhead, at(21)};
  const auto state = past.when(configure(Misfire::kRunOnce)).then(rewound, Scheduled{at(30)});
  CHECK(state.next_due == at(30));
  Change daily;
  daily.schedule.emplace("@daily");
  daily.by = kKeeper;
  daily.at = at(21);
  past.when(daily).then(rewound, Changed{{"@daily", {}, {}}, kKeeper, at(21)}, Scheduled{at(std::int64_t{24} * 60)});
}

TEST_CASE("a job whose clock is ahead by little waits for it") {
  job_that(Misfire::kRunOnce, skipped_until(at(130), 13), Scheduled{at(140)})
      .when(configure(Misfire::kRunOnce))
      .then_nothing();
}

TEST_CASE("what waits and what runs by a clock that ran ahead comes right with it") {
  const RunId run{Id128{1, static_cast<std::uint64_t>(kAhead.us)}};
  const Started started{kName, run, kTask, 7, kAhead, std::nullopt, 0, kAhead, kAhead + kAnswerMax};
  const Time last = kAhead + Duration::minutes(10);
  const Repeated repeated{kName, run, kTask, 7, kAhead, at(21), at(21) + kAnswerMax};
  const auto state = job_that(Misfire::kRunAll, started, Queued{{last}}, Scheduled{last + Duration::minutes(10)})
                         .when(configure(Misfire::kRunAll))
                         .then(Rewound{last, at(21)}, repeated, Scheduled{at(30)});
  CHECK(state.waiting.empty());
  CHECK(state.run->answer_due == at(21) + kAnswerMax);
}
