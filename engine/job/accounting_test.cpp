// Nothing is missed silently: of every occurrence of a schedule there is a run or a record, whatever happens meanwhile.
#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/job/schedule.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/random.hpp"
#include "engine/testing/world.hpp"

using namespace souk;
using namespace souk::job;
using namespace souk::testing;

namespace {

const auto kJob = id_of<JobId>(1);
constexpr Time kBegin{1'795'392'000'000'000};  // 2026-11-23

/// A job in a world that is down at times, whose runs take a while, fail or are never heard of again; and beside it a
/// list of what its schedules ask for, made without it.
class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {
    const Plan plan{schedule_, Misfire::kRunOnce, {}};
    REQUIRE(world_.ask<Job>(kJob, Configure{"sweep", {Kind::kGuestCartSweep, ""}, plan, now_}));
  }

  void step() {
    switch (random_.below(10)) {
      case 0: return change_plan();
      case 1: return ask(pausing(random_.one_in(2)));
      case 2: return run_by_hand();
      case 3: return pass(Duration::minutes(random_.between(0, 2'000)));  // the shop is down
      case 4:
      case 5: return answer();
      default: return pass(Duration::seconds(random_.between(0, 900)));
    }
  }

  /// Each occurrence until everything up to now is accounted for, exactly once.
  void check() {
    ask(pausing(false));
    world_.advance(now_);
    take_calls();
    const auto& state = world_.all<Job>().at(kJob);
    for (const auto due : state.waiting) ++runs_[due];
    std::size_t covered = 0;
    for (const auto due : asked_for_) {
      const auto run = runs_.find(due);
      std::size_t times = run == runs_.end() ? 0 : run->second;
      for (const auto& one : skipped_) times += one.first <= due && due <= one.last ? 1 : 0;
      REQUIRE_MESSAGE(times == 1, due.str(), " is accounted for ", times, " times");
      ++covered;
    }
    std::size_t told = 0;
    for (const auto& [due, times] : runs_) told += times;
    for (const auto& one : skipped_) told += static_cast<std::size_t>(one.count);
    REQUIRE(told == covered);
    CHECK(state.accounted <= now_);
    CHECK(overlaps_ == 0);
  }

  [[nodiscard]] std::size_t occurrences() const { return asked_for_.size(); }

 private:
  Change pausing(bool paused) {
    Change command;
    command.paused = paused;
    command.by = id_of<AccountId>(3);
    command.at = now_;
    return command;
  }

  void ask(const Change& command) {
    REQUIRE(world_.ask<Job>(kJob, command));
    take_calls();
  }

  void change_plan() {
    static const std::vector<std::string> kSchedules{"@every 1m", "*/7 * * * *", "@every 2h", "30 3,15 * * * +08:00"};
    Change command = pausing(world_.all<Job>().at(kJob).paused);
    schedule_ = random_.pick(kSchedules);
    command.schedule.emplace(schedule_);
    command.misfire.emplace(static_cast<Misfire>(random_.below(3)));
    ask(command);
  }

  void run_by_hand() {
    const bool is_idle = !world_.all<Job>().at(kJob).run;
    const RunNow command{id_of<RunId>(++by_hand_), id_of<AccountId>(3), now_};
    REQUIRE(world_.ask<Job>(kJob, command) == is_idle);
    take_calls();
  }

  void pass(Duration duration) {
    const Time before = now_;
    now_ = now_ + duration;
    const auto schedule = Schedule::parse(schedule_).value();
    for (auto due = schedule.next(before); due && *due <= now_; due = schedule.next(*due)) asked_for_.push_back(*due);
    world_.advance(now_);
    take_calls();
  }

  void answer() {
    if (!run_) return;
    const RecordOutcome command{*run_, random_.one_in(2) ? Outcome::kFailed : Outcome::kDone, {}, {}, now_};
    REQUIRE(world_.ask<Job>(kJob, command));
    take_calls();
  }

  void take_calls() {
    for (; !world_.calls().empty(); world_.calls().pop_front()) {
      const auto& call = world_.calls().front();
      if (const auto* wanted = std::get_if<RunJob>(&call)) {
        if (run_ == wanted->run) continue;  // asked for again
        if (run_) ++overlaps_;
        run_ = wanted->run;
        if (wanted->due) ++runs_[*wanted->due];
      } else if (const auto* news = std::get_if<JobNews>(&call)) {
        if (const auto* skipped = std::get_if<Skipped>(&news->what)) skipped_.push_back(*skipped);
        if (std::holds_alternative<Finished>(news->what)) run_.reset();
      }
    }
  }

  Random random_;
  World world_;
  Time now_ = kBegin;
  std::string schedule_ = "@every 10m";
  std::vector<Time> asked_for_;
  std::map<Time, std::size_t> runs_;
  std::vector<Skipped> skipped_;
  std::optional<RunId> run_;
  std::uint64_t by_hand_ = 0;
  int overlaps_ = 0;
};

}  // namespace

TEST_CASE("of every occurrence there is one run or one record, and runs never overlap") {
  const std::uint64_t seed = seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  std::size_t occurrences = 0;
  for (std::uint64_t run = 0; run < 300; ++run) {
    INFO("SOUK_SEED=", seed, ", run ", run);
    Life life(seed + run);
    for (int i = 0; i < 60; ++i) life.step();
    life.check();
    occurrences += life.occurrences();
  }
  MESSAGE(occurrences, " occurrences");
  CHECK(occurrences > 10'000);
}
