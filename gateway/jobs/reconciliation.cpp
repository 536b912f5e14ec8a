#include "gateway/jobs/work.hpp"
#include "gateway/payments/reconciler.hpp"
#include "gateway/payments/services.hpp"

namespace souk {
namespace {

/// How far back a day is looked for that could not be compared in time.
constexpr int kDaysMax = 7;
constexpr Duration kDay = Duration::minutes(24 * 60);

/// One run on its way, day by day.
struct Reconciling {
  Api& api;
  std::string provider;
  CommandMeta meta;
  JobAnswer answer;
  Time stop_at;
  std::vector<Day> days;  ///< still to do, the oldest last
  std::int64_t compared = 0;
  std::int64_t known = 0;  ///< were compared before
  std::int64_t failed = 0;
  std::optional<std::string> problem;  ///< of the first day that failed

  [[nodiscard]] std::vector<job::Figure> figures() const {
    return {{"compared", compared}, {"known", known}, {"failed", failed}};
  }
};
using ReconcilingPtr = std::shared_ptr<Reconciling>;

/// What was compared while the day went on has to be looked at again, and so has a day whose bill was not there:
/// nothing was booked on it, or its bill is late.
bool is_known(const reconciliation::State& state, const Day& day) {
  const Time sure = state.bill_lines > 0 ? day.ends : day.ends + kDay;
  return state.compared_at && *state.compared_at >= sure;
}

void reconcile_next(const ReconcilingPtr& run);

void compare_day(const ReconcilingPtr& run, const std::string& day) {
  run_reconciliation(run->api, run->provider, day, run->meta,
                     [run, day](const Result<ReconciliationId>& done, Position /*position*/) {
                       if (done) {
                         ++run->compared;
                       } else {
                         ++run->failed;
                         if (!run->problem) run->problem = day + ": " + failed_job(done.error()).problem.value_or("");
                       }
                       reconcile_next(run);
                     });
}

void reconcile_next(const ReconcilingPtr& run) {
  if (run->days.empty()) {
    run->answer({run->problem, run->figures()});
    return;
  }
  if (run->api.clock.now() >= run->stop_at) {
    run->answer({run->problem.value_or(std::string(kMoreToDo)), run->figures()});
    return;
  }
  const Day day = run->days.back();
  run->days.pop_back();
  const auto id = reconciliation_id(run->api, run->provider, day.text);
  run->api.host.read<Reconciliation>(id, {}, [run, day](const Judged<Reconciliation>& judged) {
    if (judged.refusal != nullptr) {
      run->answer(failed_job(*judged.refusal, run->figures()));
      return;
    }
    if (is_known(judged.state, day)) {
      ++run->known;
      reconcile_next(run);
    } else {
      compare_day(run, day.text);
    }
  });
}

}  // namespace

void do_reconciliation(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer) {
  const Provider* provider = api.payments.find(wanted.task.provider);
  if (provider == nullptr) {
    answer({"payment.provider_unknown: payments are not taken through it any more", {}});
    return;
  }
  auto run = std::make_shared<Reconciling>(Reconciling{
      api, wanted.task.provider, meta, std::move(answer), api.clock.now() + kWorkMax, {}, 0, 0, 0, std::nullopt});
  const auto offset = provider->calendar_offset();
  auto day = Day::parse((api.clock.now() + offset).str().substr(0, 10), offset);
  for (int i = 0; day && i < kDaysMax; ++i) {
    day = day->previous();
    run->days.push_back(*day);
  }
  reconcile_next(run);
}

}  // namespace souk
