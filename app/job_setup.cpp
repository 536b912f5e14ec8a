#include "app/job_setup.hpp"

#include "gateway/api.hpp"
#include "gateway/configuring.hpp"
#include "gateway/jobs/job_runs.hpp"
#include "gateway/metrics.hpp"
#include "gateway/payments/services.hpp"

namespace souk {
namespace {

void ask(Api& api, job::Configure command, std::function<void(const Judged<Job>&)> then) {
  command.at = api.clock.now();
  const auto id = job_id(api, command.name);
  api.host.ask<Job>(id, std::move(command), configuration_meta(), {}, std::move(then));
}

}  // namespace

std::vector<job::Configure> configured_jobs(const Config& config, const PaymentServices& payments) {
  using job::Kind;
  std::vector<job::Configure> jobs;
  const auto add = [&](std::string name, job::Task task, const std::string& schedule) {
    jobs.push_back({std::move(name), std::move(task), {schedule, job::Misfire::kRunOnce, {}}, {}});
  };
  for (const auto& provider : payments.names()) {
    add("reconciliation_" + provider, {Kind::kReconciliation, provider}, config.jobs_reconciliation_schedule);
  }
  add("order_completion", {Kind::kOrderCompletion, ""}, config.jobs_order_completion_schedule);
  jobs.back().plan.after_days = config.order_complete_after_days;
  add("guest_cart_sweep", {Kind::kGuestCartSweep, ""}, config.jobs_guest_cart_sweep_schedule);
  return jobs;
}

Result<void> ensure_jobs(Api& api, const std::vector<job::Configure>& jobs) {
  for (const auto& command : jobs) {
    const Awaited<void> answer;
    ask(api, command, [&api, answer](const Judged<Job>& judged) {
      Result<void> result;
      if (judged.refusal != nullptr) result = tl::unexpected<Error>(*judged.refusal);
      api.answers.hold(judged.position, [answer, result] { answer.give(result); });
    });
    auto result =
        answer.take({ErrorCode::kUnavailable, "jobs.timeout", "the job " + command.name + " did not answer in time"});
    if (!result) return result;
  }
  return {};
}

void begin_jobs(Api& api, const std::vector<job::Configure>& jobs, const std::function<void(const Error&)>& report) {
  for (const auto& command : jobs) {
    ask(api, command, [report](const Judged<Job>& judged) {
      if (judged.refusal != nullptr) report(*judged.refusal);
    });
  }
}

void add_job_figures(Metrics& metrics, JobRuns& runs, const std::vector<job::Configure>& jobs) {
  for (const auto& job : jobs) {
    const auto& figures = runs.figures(job.name);
    const auto add_runs = [&](const char* outcome, const std::atomic<std::uint64_t>& count) {
      metrics.counter_of("souk_job_runs_total", "Runs of scheduled jobs, by their outcome",
                         [&count] { return static_cast<double>(count); }, {{"job", job.name}, {"outcome", outcome}});
    };
    add_runs("done", figures.done);
    add_runs("failed", figures.failed);
    add_runs("no_answer", figures.no_answer);
    const MetricLabels labels{{"job", job.name}};
    metrics.counter_of(
        "souk_job_skipped_total", "Occurrences that did not run",
        [&figures] { return static_cast<double>(figures.skipped); }, labels);
    metrics.gauge(
        "souk_job_running", "Runs under way", [&figures] { return static_cast<double>(figures.running); }, labels);
    metrics.gauge(
        "souk_job_delay_seconds", "How late the last run began that was due",
        [&figures] { return static_cast<double>(figures.last_delay_ms) / 1e3; }, labels);
  }
}

}  // namespace souk
