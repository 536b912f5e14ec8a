#include "gateway/jobs/job_runs.hpp"

#include "gateway/jobs/work.hpp"

namespace souk {
namespace {

CommandMeta meta_of(const RunJob& wanted) {
  CommandMeta meta;
  meta.principal = "job:" + wanted.name;
  meta.correlation = wanted.run.str();
  return meta;
}

void tell_of(JobRuns::Figures& figures, const job::Finished& finished, const JobRuns::Alert& alert) {
  switch (finished.outcome) {
    case job::Outcome::kDone: ++figures.done; break;
    case job::Outcome::kFailed:
      ++figures.failed;
      alert("the job " + finished.name + " failed: " + finished.problem.value_or(""));
      break;
    case job::Outcome::kNoAnswer:
      ++figures.no_answer;
      alert("the job " + finished.name + " did not end in time and was given up");
      break;
  }
}

void tell_of(JobRuns::Figures& figures, const job::Skipped& skipped, const JobRuns::Alert& alert) {
  figures.skipped += static_cast<std::uint64_t>(skipped.count);
  if (skipped.reason == job::SkipReason::kPaused) return;  // as somebody wanted it
  alert("the job " + skipped.name + " was skipped " + std::to_string(skipped.count) + " times from " +
        skipped.first.str() + " to " + skipped.last.str() + ": " + std::string(name_of(skipped.reason)));
}

}  // namespace

JobId job_id(const Api& api, std::string_view name) {
  return JobId{api.command_ids.id({"job", name})};
}

JobResult failed_job(const Error& error, std::vector<job::Figure> figures) {
  return {error.reason + (error.detail.empty() ? "" : ": ") + error.detail, std::move(figures)};
}

JobRuns::Figures& JobRuns::figures(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return figures_[name];
}

void JobRuns::run(const RunJob& wanted, std::function<void(JobResult)> answer) {
  // One from before a restart, whose answer nobody would hear: its job asks for it again.
  if (wanted.answer_due <= api_->clock.now()) return;
  auto& counted = figures(wanted.name);
  if (wanted.due) counted.last_delay_ms = (wanted.at - *wanted.due).us / 1'000;
  ++counted.running;
  const auto answered = [&counted, answer = std::move(answer)](JobResult result) {
    --counted.running;
    answer(std::move(result));
  };
  // This is the committer's thread: it must not wake entities, for CAF's system waits for whoever did to end.
  api_->jobs.submit([&api = *api_, wanted, meta = meta_of(wanted), answered] {
    switch (wanted.task.kind) {
      case job::Kind::kReconciliation: do_reconciliation(api, wanted, meta, answered); break;
      case job::Kind::kOrderCompletion: do_order_completion(api, wanted, meta, answered); break;
      case job::Kind::kGuestCartSweep: do_guest_cart_sweep(api, wanted, meta, answered); break;
    }
  });
}

void JobRuns::tell(const JobNews& news) {
  std::visit([&](const auto& what) { tell_of(figures(what.name), what, alert_); }, news.what);
}

}  // namespace souk
