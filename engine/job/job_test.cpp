#include "engine/job/job.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/job/schedule.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::job;
using namespace souk::testing;

namespace {

const std::string kName = "order_completion";
const Task kTask{Kind::kOrderCompletion, ""};
const auto kKeeper = id_of<AccountId>(3);
constexpr Time kMidnight{1'795'392'000'000'000};  // 2026-11-23

Time at(std::int64_t minutes, std::int64_t seconds = 0) {
  return kMidnight + Duration::minutes(minutes) + Duration::seconds(seconds);
}

Plan plan(Misfire misfire = Misfire::kRunOnce, std::string schedule = "@every 10m") {
  return {std::move(schedule), misfire, 7};
}
Configure configure(Misfire misfire = Misfire::kRunOnce) {
  return {kName, kTask, plan(misfire), at(0)};
}
/// Made at midnight, due every ten minutes.
std::vector<Job::Event> made(Misfire misfire = Misfire::kRunOnce) {
  return {Configured{kName, kTask, plan(misfire), at(0)}, Scheduled{at(10)}};
}

RunId run_of(Time due) {
  return RunId{Id128{1, static_cast<std::uint64_t>(due.us)}};
}
Started started(Time due, Time now) {
  return {kName, run_of(due), kTask, 7, due, std::nullopt, (now - due).us / 1'000, now, now + kAnswerMax};
}
Started started_by_hand(RunId run, Time now) {
  return {kName, run, kTask, 7, std::nullopt, kKeeper, 0, now, now + kAnswerMax};
}
Skipped skipped(SkipReason reason, Time first, Time last, std::int64_t count, Time now) {
  return {kName, reason, first, last, count, now};
}
Finished finished(Time due, Time now, Outcome outcome = Outcome::kDone) {
  return {kName, run_of(due), outcome, std::nullopt, {}, now};
}
RecordOutcome answer(Time due, Time now) {
  return {run_of(due), Outcome::kDone, std::nullopt, {}, now};
}

template <class... Events>
Given<Job> given_job(std::vector<Job::Event> past, Events... more) {
  (past.emplace_back(std::move(more)), ...);
  return given<Job>(past);
}

Change change(Time now) {
  Change out;
  out.by = kKeeper;
  out.at = now;
  return out;
}
Change pause(bool paused, Time now) {
  Change out = change(now);
  out.paused = paused;
  return out;
}

}  // namespace

TEST_CASE("a job is made by the configuration, and is due from then on") {
  const auto state = given<Job>().when(configure()).then(made());
  CHECK(state.next_due == at(10));
  CHECK((state.plan() == plan()));
}

TEST_CASE("the same configuration at each start changes nothing") {
  given_job(made()).when(Configure{kName, kTask, plan(), at(99)}).then_nothing();
}

TEST_CASE("another configuration holds from then on") {
  const Plan hourly{"@hourly", Misfire::kSkip, 9};
  given_job(made())
      .when(Configure{kName, kTask, hourly, at(5)})
      .then(Configured{kName, kTask, hourly, at(5)}, Scheduled{at(60)});
}

TEST_CASE("what is no job is refused") {
  const auto refused = [](Configure command, std::string_view reason) {
    given<Job>().when(command).then_rejected(ErrorCode::kInvalid, reason);
  };
  for (const char* name : {"", "Orders", "9lives", "_x", "a-b", "täglich"}) {
    refused({name, kTask, plan(), at(0)}, "job.name_invalid");
  }
  refused({std::string(65, 'a'), kTask, plan(), at(0)}, "job.name_invalid");
  refused({kName, {Kind::kReconciliation, ""}, plan(), at(0)}, "job.task_invalid");
  refused({kName, {Kind::kOrderCompletion, "sandbox"}, plan(), at(0)}, "job.task_invalid");
  refused({kName, kTask, plan(Misfire::kSkip, "each day"), at(0)}, "job.schedule_invalid");
  refused({kName, kTask, plan(Misfire::kSkip, "0 0 30 2 *"), at(0)}, "job.schedule_never");
  refused({kName, kTask, {"@daily", Misfire::kSkip, {}}, at(0)}, "job.after_days_invalid");
  refused({kName, kTask, {"@daily", Misfire::kSkip, 366}, at(0)}, "job.after_days_invalid");
  refused({kName, {Kind::kGuestCartSweep, ""}, {"@daily", Misfire::kSkip, 1}, at(0)}, "job.after_days_invalid");
}

TEST_CASE("a job stays what it is for") {
  given_job(made())
      .when(Configure{kName, {Kind::kReconciliation, "sandbox"}, {"@daily", Misfire::kSkip, {}}, at(1)})
      .then_rejected(ErrorCode::kConflict, "job.other_task");
  given_job(made())
      .when(Configure{"another", kTask, plan(), at(1)})
      .then_rejected(ErrorCode::kConflict, "job.other_task");
}

TEST_CASE("what is due runs, and its delay is recorded") {
  const auto state = given_job(made()).when(Due{at(10, 2)}).then(started(at(10), at(10, 2)), Scheduled{at(20)});
  REQUIRE(state.run);
  CHECK(state.run->delay_ms == 2'000);
  CHECK(state.accounted == at(10));
}

TEST_CASE("a timer that fires again, or too early, starts nothing") {
  given_job(made(), started(at(10), at(10)), Scheduled{at(20)}).when(Due{at(10, 1)}).then_nothing();
  given_job(made()).when(Due{at(9)}).then_nothing();
}

TEST_CASE("a run asks for its work to be done, and waits for an answer") {
  const auto effects = Job::react(id_of<JobId>(1), started(at(10), at(10)));
  CHECK((effects.timers == std::vector<TimerEffect>{SetTimer{"job_answer_due", at(10) + kAnswerMax}}));
  CHECK((effects.calls ==
         std::vector<Call>{RunJob{kName, run_of(at(10)), kTask, 7, at(10), at(10), at(10) + kAnswerMax}}));
}

TEST_CASE("the timer is set to when it is due, and cleared by a pause") {
  CHECK(
      (Job::react(id_of<JobId>(1), Scheduled{at(10)}).timers == std::vector<TimerEffect>{SetTimer{"job_due", at(10)}}));
  CHECK(
      (Job::react(id_of<JobId>(1), Paused{kKeeper, at(1)}).timers == std::vector<TimerEffect>{ClearTimer{"job_due"}}));
  CHECK((Job::on_timer("job_due", at(10), at(11)) == Job::Command{Due{at(11)}}));
  CHECK((Job::on_timer("job_answer_due", at(10), at(11)) == Job::Command{GiveUp{at(10), at(11)}}));
}

TEST_CASE("a clock that was set back does not undo a timer") {
  CHECK((Job::on_timer("job_due", at(10), at(9)) == Job::Command{Due{at(10)}}));
}

TEST_CASE("the outcome of a run is recorded with its figures") {
  const RecordOutcome failed{run_of(at(10)), Outcome::kFailed, "bill.not_ready", {{"days", 2}}, at(11)};
  const auto state =
      given_job(made(), started(at(10), at(10)), Scheduled{at(20)})
          .when(failed)
          .then(Finished{kName, run_of(at(10)), Outcome::kFailed, "bill.not_ready", {{"days", 2}}, at(11)});
  CHECK(!state.run);
  CHECK(state.counts.failed == 1);
  REQUIRE(state.recent.size() == 1);
  CHECK(state.recent[0].run->due == at(10));
  CHECK(state.recent[0].finished->problem == "bill.not_ready");
}

TEST_CASE("an outcome is recorded once, and of the run under way only") {
  const auto over = given_job(made(), started(at(10), at(10)), Scheduled{at(20)}, finished(at(10), at(11)));
  over.when(answer(at(10), at(12))).then_nothing();
  given_job(made(), started(at(10), at(10)), Scheduled{at(20)}).when(answer(at(0), at(12))).then_nothing();
}

TEST_CASE("those who run the shop hear of outcomes and of what was skipped") {
  const auto outcome = finished(at(10), at(11));
  const auto effects = Job::react(id_of<JobId>(1), outcome);
  CHECK((effects.calls == std::vector<Call>{JobNews{outcome}}));
  CHECK((effects.timers == std::vector<TimerEffect>{ClearTimer{"job_answer_due"}}));
  const auto lost = skipped(SkipReason::kMisfire, at(10), at(20), 2, at(30));
  CHECK((Job::react(id_of<JobId>(1), lost).calls == std::vector<Call>{JobNews{lost}}));
}

TEST_CASE("a run that does not answer is given up, and the job goes on") {
  const auto running = given_job(made(), started(at(10), at(10)), Scheduled{at(20)});
  const Time answer_due = at(10) + kAnswerMax;
  const auto state =
      running.when(GiveUp{answer_due, answer_due}).then(finished(at(10), answer_due, Outcome::kNoAnswer));
  CHECK(state.counts.no_answer == 1);
  Given<Job>(state).when(Due{at(20)}).then(started(at(20), at(20)), Scheduled{at(30)});
  running.when(GiveUp{at(15), at(30)}).then_nothing();
}

TEST_CASE("a run whose answer fell due while the shop was down is asked for again") {
  const Time answer_due = at(10) + kAnswerMax;
  const Repeated again{kName, run_of(at(10)), kTask, 7, at(10), at(60), at(60) + kAnswerMax};
  const auto state =
      given_job(made(), started(at(10), at(10)), Scheduled{at(20)}).when(GiveUp{answer_due, at(60)}).then(again);
  CHECK(state.run->answer_due == at(60) + kAnswerMax);
  const auto effects = Job::react(id_of<JobId>(1), again);
  CHECK((effects.timers == std::vector<TimerEffect>{SetTimer{"job_answer_due", at(60) + kAnswerMax}}));
  CHECK((effects.calls ==
         std::vector<Call>{RunJob{kName, run_of(at(10)), kTask, 7, at(10), at(60), at(60) + kAnswerMax}}));
  Given<Job>(state).when(answer(at(10), at(61))).then(finished(at(10), at(61)));
}

TEST_CASE("what falls due during a run is skipped") {
  const auto state = given_job(made(), started(at(10), at(10)), Scheduled{at(20)})
                         .when(Due{at(20)})
                         .then(skipped(SkipReason::kOverlap, at(20), at(20), 1, at(20)), Scheduled{at(30)});
  CHECK(state.counts.skipped == 1);
}

TEST_CASE("run_once: of what was missed the last one runs, the others are recorded") {
  given_job(made(Misfire::kRunOnce))
      .when(Due{at(45)})
      .then(skipped(SkipReason::kMisfire, at(10), at(30), 3, at(45)), started(at(40), at(45)), Scheduled{at(50)});
  given_job(made(Misfire::kRunOnce)).when(Due{at(19)}).then(started(at(10), at(19)), Scheduled{at(20)});
}

TEST_CASE("skip: what was missed is recorded and does not run") {
  given_job(made(Misfire::kSkip))
      .when(Due{at(45)})
      .then(skipped(SkipReason::kMisfire, at(10), at(40), 4, at(45)), Scheduled{at(50)});
}

TEST_CASE("skip: what is hardly late runs all the same") {
  given_job(made(Misfire::kSkip))
      .when(Due{at(41)})
      .then(skipped(SkipReason::kMisfire, at(10), at(30), 3, at(41)), started(at(40), at(41)), Scheduled{at(50)});
  given_job(made(Misfire::kSkip))
      .when(Due{at(41, 1)})
      .then(skipped(SkipReason::kMisfire, at(10), at(40), 4, at(41, 1)), Scheduled{at(50)});
}

TEST_CASE("run_all: what was missed runs, one after the other, the oldest first") {
  const auto first = given_job(made(Misfire::kRunAll))
                         .when(Due{at(35)})
                         .then(started(at(10), at(35)), Queued{{at(20), at(30)}}, Scheduled{at(40)});
  const auto second =
      Given<Job>(first).when(answer(at(10), at(36))).then(finished(at(10), at(36)), started(at(20), at(36)));
  const auto third =
      Given<Job>(second).when(answer(at(20), at(37))).then(finished(at(20), at(37)), started(at(30), at(37)));
  CHECK(third.waiting.empty());
  Given<Job>(third).when(answer(at(30), at(38))).then(finished(at(30), at(38)));
}

TEST_CASE("run_all: what falls due during a run waits for it") {
  const auto state = given_job(made(Misfire::kRunAll), started(at(10), at(10)), Scheduled{at(20)})
                         .when(Due{at(20)})
                         .then(Queued{{at(20)}}, Scheduled{at(30)});
  const Time answer_due = at(10) + kAnswerMax;
  Given<Job>(state)
      .when(GiveUp{answer_due, at(20, 1)})
      .then(finished(at(10), at(20, 1), Outcome::kNoAnswer), started(at(20), at(20, 1)));
}

TEST_CASE("run_all: a year of downtime makes no more runs than may wait, and says how many it left out") {
  const Time now = at(365 * 24 * 60);
  const auto decided = Job::decide(given_job(made(Misfire::kRunAll)).state(), Due{now});
  REQUIRE(decided);
  REQUIRE(decided->size() == 4);
  const auto missed = static_cast<std::int64_t>(365 * 24 * 6);
  const auto left_out = missed - static_cast<std::int64_t>(kWaitingMax) - 1;
  const Time oldest_kept = at(365 * 24 * 60 - static_cast<std::int64_t>(kWaitingMax) * 10);
  CHECK((std::get<Skipped>(decided->at(0)) ==
         skipped(SkipReason::kBacklog, at(10), oldest_kept + Duration::minutes(-10), left_out, now)));
  CHECK((std::get<Started>(decided->at(1)) == started(oldest_kept, now)));
  CHECK(std::get<Queued>(decided->at(2)).dues.size() == kWaitingMax);
  CHECK(std::get<Queued>(decided->at(2)).dues.back() == now);
}

TEST_CASE("run_all: once too many wait, what falls due is recorded as left out") {
  auto past = made(Misfire::kRunAll);
  past.emplace_back(started(at(10), at(10)));
  Queued many;
  for (std::size_t i = 0; i < kWaitingMax; ++i) many.dues.push_back(at(20 + static_cast<std::int64_t>(i) * 10));
  const Time next = many.dues.back() + Duration::minutes(10);
  given_job(past, many, Scheduled{next})
      .when(Due{next})
      .then(skipped(SkipReason::kBacklog, next, next, 1, next), Scheduled{next + Duration::minutes(10)});
}

TEST_CASE("a pause starts nothing, and what fell due meanwhile is recorded when it ends") {
  const auto paused = given_job(made()).when(pause(true, at(5))).then(Paused{kKeeper, at(5)});
  CHECK(!paused.next_due);
  CHECK(paused.changed_by == kKeeper);
  Given<Job>(paused).when(Due{at(10)}).then_nothing();
  Given<Job>(paused)
      .when(pause(false, at(25)))
      .then(skipped(SkipReason::kPaused, at(10), at(20), 2, at(25)), Resumed{kKeeper, at(25)}, Scheduled{at(30)});
  Given<Job>(paused).when(pause(false, at(9))).then(Resumed{kKeeper, at(9)}, Scheduled{at(10)});
}

TEST_CASE("pausing twice, or resuming what is not paused, changes nothing") {
  given_job(made(), Paused{kKeeper, at(5)}).when(pause(true, at(6))).then_nothing();
  given_job(made()).when(pause(false, at(6))).then_nothing();
}

TEST_CASE("what was due a moment before the pause still runs, and a pause lets a run end") {
  const auto state =
      given_job(made()).when(pause(true, at(10, 1))).then(started(at(10), at(10, 1)), Paused{kKeeper, at(10, 1)});
  Given<Job>(state).when(answer(at(10), at(11))).then(finished(at(10), at(11)));
}

TEST_CASE("what waits goes on waiting through a pause") {
  const auto waiting = given_job(made(Misfire::kRunAll), started(at(10), at(25)), Queued{{at(20)}}, Scheduled{at(30)},
                                 Paused{kKeeper, at(26)});
  const auto idle = waiting.when(answer(at(10), at(27))).then(finished(at(10), at(27)));
  Given<Job>(idle)
      .when(pause(false, at(28)))
      .then(Resumed{kKeeper, at(28)}, started(at(20), at(28)), Scheduled{at(30)});
}

TEST_CASE("an administrator's changes hold against the configuration, until they are taken back") {
  Change wanted = change(at(5));
  wanted.schedule.emplace("@hourly");
  wanted.misfire.emplace(Misfire::kSkip);
  wanted.after_days.emplace(30);
  const auto state =
      given_job(made()).when(wanted).then(Changed{{"@hourly", Misfire::kSkip, 30}, kKeeper, at(5)}, Scheduled{at(60)});
  CHECK((state.plan() == Plan{"@hourly", Misfire::kSkip, 30}));
  const Plan daily{"@daily", Misfire::kRunAll, 1};
  const auto reconfigured =
      Given<Job>(state).when(Configure{kName, kTask, daily, at(6)}).then(Configured{kName, kTask, daily, at(6)});
  CHECK((reconfigured.plan() == Plan{"@hourly", Misfire::kSkip, 30}));
  Change back = change(at(7));
  back.schedule.emplace();
  const auto partly = Given<Job>(reconfigured)
                          .when(back)
                          .then(Changed{{std::nullopt, Misfire::kSkip, 30}, kKeeper, at(7)}, Scheduled{at(24 * 60)});
  CHECK((partly.plan() == Plan{"@daily", Misfire::kSkip, 30}));
}

TEST_CASE("a change that changes nothing is none") {
  Change same = change(at(5));
  same.schedule.emplace(std::nullopt);
  same.paused = false;
  given_job(made()).when(same).then_nothing();
  given_job(made()).when(change(at(5))).then_nothing();
}

TEST_CASE("before a schedule changes, what was due by the old one gets what it is due") {
  Change wanted = change(at(25));
  wanted.schedule.emplace("@hourly");
  given_job(made()).when(wanted).then(skipped(SkipReason::kMisfire, at(10), at(10), 1, at(25)), started(at(20), at(25)),
                                      Changed{{"@hourly", {}, {}}, kKeeper, at(25)}, Scheduled{at(60)});
  given_job(made(), Paused{kKeeper, at(5)})
      .when(wanted)
      .then(skipped(SkipReason::kPaused, at(10), at(20), 2, at(25)), Changed{{"@hourly", {}, {}}, kKeeper, at(25)});
}

TEST_CASE("what cannot be wanted is refused") {
  const auto refused = [](const Change& command, std::string_view reason) {
    given_job(made()).when(command).then_rejected(ErrorCode::kInvalid, reason);
  };
  Change wanted = change(at(5));
  wanted.schedule.emplace("whenever");
  refused(wanted, "job.schedule_invalid");
  wanted.schedule.emplace("0 0 31 4 *");
  refused(wanted, "job.schedule_never");
  wanted = change(at(5));
  wanted.after_days.emplace(-1);
  refused(wanted, "job.after_days_invalid");
  wanted.after_days.emplace(3);
  const Task sweep{Kind::kGuestCartSweep, ""};
  given<Job>(Configured{"guest_cart_sweep", sweep, {"@daily", Misfire::kSkip, {}}, at(0)})
      .when(wanted)
      .then_rejected(ErrorCode::kInvalid, "job.after_days_invalid");
  given<Job>().when(wanted).then_rejected(ErrorCode::kNotFound, "job.not_found");
}

TEST_CASE("a run by hand comes beside the schedule, also during a pause") {
  const auto run = id_of<RunId>(9);
  const RunNow by_hand{run, kKeeper, at(3)};
  const auto state = given_job(made()).when(by_hand).then(started_by_hand(run, at(3)));
  CHECK(state.next_due == at(10));
  Given<Job>(state).when(by_hand).then_nothing();
  const auto over = Given<Job>(state)
                        .when(RecordOutcome{run, Outcome::kDone, {}, {}, at(4)})
                        .then(Finished{kName, run, Outcome::kDone, {}, {}, at(4)});
  Given<Job>(over).when(by_hand).then_nothing();
  given_job(made(), Paused{kKeeper, at(1)}).when(by_hand).then(started_by_hand(run, at(3)));
}

TEST_CASE("there is one run at a time, also by hand") {
  given_job(made(), started(at(10), at(10)), Scheduled{at(20)})
      .when(RunNow{id_of<RunId>(9), kKeeper, at(11)})
      .then_rejected(ErrorCode::kConflict, "job.running");
  given<Job>().when(RunNow{id_of<RunId>(9), kKeeper, at(3)}).then_rejected(ErrorCode::kNotFound, "job.not_found");
}

TEST_CASE("only the last records are kept here, and everything is counted") {
  auto past = made();
  for (std::int64_t i = 1; i <= 30; ++i) {
    past.emplace_back(started(at(i * 10), at(i * 10)));
    past.emplace_back(finished(at(i * 10), at(i * 10, 1)));
  }
  const auto state = given<Job>(past).state();
  CHECK(state.recent.size() == kRecentMax);
  CHECK(state.recent.back().run->due == at(300));
  CHECK(state.counts.done == 30);
}
