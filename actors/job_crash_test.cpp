// Scheduled jobs with a crash after every step: whatever runs is done at least once, its outcome is recorded once, and
// what was missed stands in the log.
#include <doctest/doctest.h>

#include "actors/testing/simulation.hpp"
#include "engine/job/schedule.hpp"

namespace souk::testing {
namespace {

const JobId kJob{{1, 9}};
const AccountId kKeeper{{2, 9}};
constexpr const char* kSchedule = "@every 5m";

/// Counts how often it was asked for each run, and answers from the n-th time on.
class CountingRunner final : public JobRunner {
 public:
  explicit CountingRunner(int answered_time) : answered_time_(answered_time) {}

  void run(const RunJob& wanted, std::function<void(JobResult)> answer) override {
    if (++asked[wanted.run] >= answered_time_) answer({std::nullopt, {{"orders", 1}}});
  }
  void tell(const JobNews& news) override {
    if (const auto* finished = std::get_if<job::Finished>(&news.what)) ++told[finished->run];
  }

  std::map<RunId, int> asked;
  std::map<RunId, int> told;

 private:
  int answered_time_;
};

ClientCall call(Job::Command command, std::uint64_t key) {
  ClientCall out;
  out.send = [=](EntityHost& host, DurabilityGate& gate, const std::function<void()>& answered) {
    CommandMeta meta;
    meta.command_id = CommandId{{3, key}};
    meta.has_key = true;
    meta.fingerprint[0] = static_cast<std::uint8_t>(key);
    host.ask<Job>(kJob, command, meta, {},
                  [&gate, answered](const Judged<Job>& judged) { gate.hold(judged.position, answered); });
  };
  return out;
}

Time now_of(Simulation& shop) {
  return shop.records().empty() ? Time{1'780'000'000'000'000} : shop.records().back()->recorded_at;
}

ClientCall configure(job::Misfire misfire) {
  return call(job::Configure{"sweep", {}, {kSchedule, misfire, {}}, Time{1'780'000'000'000'000}}, 1);
}

/// What the log says of the job.
struct Story {
  std::map<RunId, int> started;
  std::map<RunId, int> finished;
  std::int64_t done = 0;
  std::int64_t repeated = 0;
  std::int64_t skipped = 0;
  std::int64_t by_schedule = 0;
};

Story story_of(Simulation& shop) {
  Story story;
  for (const auto& record : shop.records()) {
    if (record->stream.kind() != Job::kKind) continue;
    const auto event = decode_event<Job::Event>(record->type, record->schema, record->payload).value();
    if (const auto* started = std::get_if<job::Started>(&event)) {
      ++story.started[started->run];
      if (started->due) ++story.by_schedule;
    } else if (const auto* finished = std::get_if<job::Finished>(&event)) {
      ++story.finished[finished->run];
      if (finished->outcome == job::Outcome::kDone) ++story.done;
    } else if (const auto* skipped = std::get_if<job::Skipped>(&event)) {
      story.skipped += skipped->count;
    } else if (std::holds_alternative<job::Repeated>(event)) {
      ++story.repeated;
    }
  }
  return story;
}

/// Runs by the schedule with a downtime between them, and one by hand; at the end a pause, so that nothing more starts.
void play(Simulation& shop, job::Misfire misfire) {
  shop.run_phase({configure(misfire)});
  shop.advance(Duration::minutes(5));
  shop.settle();
  shop.run_phase({call(job::RunNow{RunId{{9, 9}}, kKeeper, now_of(shop)}, 2)});
  shop.settle();
  shop.advance(Duration::minutes(25));
  shop.settle();
  shop.advance(Duration::minutes(5));
  shop.settle();
  job::Change pause;
  pause.paused = true;
  pause.by = kKeeper;
  pause.at = now_of(shop);
  shop.run_phase({call(pause, 3)});
  shop.settle();
  shop.advance(job::kAnswerMax);
  shop.settle();
}

/// Plays it with a crash after each step and checks every ending; returns how many runs were asked for more than once.
int check_all(job::Misfire misfire, int answered_time, std::uint64_t seed, bool lose_checkpoint) {
  int asked_again = 0;
  std::uint64_t steps = 1;
  for (std::uint64_t crash = 0; crash <= steps; ++crash) {
    CountingRunner runner(answered_time);
    SimulationOptions options;
    options.seed = seed;
    options.jobs = &runner;
    options.lose_checkpoint = lose_checkpoint;
    Simulation shop(options);
    if (crash > 0) shop.crash_after(crash - 1);
    play(shop, misfire);
    if (crash == 0) steps = shop.steps();
    INFO("seed ", seed, ", crash after step ", crash, ", policy ", static_cast<int>(misfire));
    CHECK(shop.faults().empty());
    const Story story = story_of(shop);
    const auto state = shop.state<Job>(kJob);
    CHECK(!state.run);
    CHECK(story.started.size() == story.finished.size());
    CHECK(story.done >= (answered_time == 1 ? 1 : 0));
    for (const auto& [run, times] : story.started) {
      CHECK(times == 1);
      CHECK(story.finished.contains(run));
      CHECK(runner.asked[run] >= 1);
      CHECK(runner.told[run] >= 1);
      asked_again += runner.asked[run] > 1 ? 1 : 0;
    }
    for (const auto& [run, times] : story.finished) CHECK(times == 1);
    const auto due = Schedule::parse(kSchedule)->count(Time{1'780'000'000'000'000}, state.accounted);
    CHECK(story.by_schedule + story.skipped + static_cast<std::int64_t>(state.waiting.size()) == due);
  }
  return asked_again;
}

TEST_CASE("a run is done at least once and its outcome recorded once, whichever step the crash comes after") {
  for (const auto misfire : {job::Misfire::kRunOnce, job::Misfire::kSkip, job::Misfire::kRunAll}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      check_all(misfire, 1, seed, false);
      CHECK(check_all(misfire, 1, seed, true) > 0);
    }
  }
}

TEST_CASE("a run that answers nobody before the crash is asked for again, and given up in the end") {
  CHECK(check_all(job::Misfire::kRunAll, 2, 1, false) > 0);
  CHECK(check_all(job::Misfire::kRunOnce, 2, 2, true) > 0);
}

TEST_CASE(
    "a run that was under way when the shop went down for an hour is done again, and what was missed is recorded") {
  for (const bool lose_checkpoint : {false, true}) {
    CountingRunner runner(3);
    SimulationOptions options;
    options.jobs = &runner;
    options.lose_checkpoint = lose_checkpoint;
    Simulation shop(options);
    shop.run_phase({configure(job::Misfire::kRunOnce)});
    shop.advance(Duration::minutes(5));
    shop.settle();
    REQUIRE(story_of(shop).started.size() == 1);
    shop.be_down_for(Duration::minutes(60));
    shop.settle();
    shop.settle();
    const Story story = story_of(shop);
    CHECK(story.started.size() == 1);
    CHECK(story.repeated == 1);
    CHECK(story.finished.size() == 1);
    CHECK(story.done == 1);
    CHECK(story.skipped == 12);
  }
}

}  // namespace
}  // namespace souk::testing
