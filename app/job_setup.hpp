/// The scheduled jobs that the configuration asks for.
#pragma once

#include <functional>
#include <vector>

#include "app/config.hpp"
#include "engine/base/result.hpp"
#include "engine/job/job.hpp"

namespace souk {

class Api;
class JobRuns;
class Metrics;
class PaymentServices;

/// One reconciliation for each provider, the completion of orders, and the sweep of guests' carts.
std::vector<job::Configure> configured_jobs(const Config& config, const PaymentServices& payments);

/// Makes the jobs that are not there, and tells the others what the configuration says now. What administrators have
/// changed holds against it. Returns once it is durable.
/// Errors: kUnavailable "jobs.timeout".
Result<void> ensure_jobs(Api& api, const std::vector<job::Configure>& jobs);
/// The same of a shop that runs, without waiting; `report` is told what was refused.
void begin_jobs(Api& api, const std::vector<job::Configure>& jobs, const std::function<void(const Error&)>& report);

/// What became of each of these jobs, since the process began.
void add_job_figures(Metrics& metrics, JobRuns& runs, const std::vector<job::Configure>& jobs);

}  // namespace souk
