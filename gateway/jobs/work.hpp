/// The work of each kind of job. All of it may be done twice, or by two at once.
///
/// Thread-safety: any thread; nothing blocks it. `answer` is called once, on any thread, unless the shop ends before.
#pragma once

#include <functional>

#include "actors/job_runner.hpp"
#include "gateway/api.hpp"
#include "gateway/jobs/batch.hpp"

namespace souk {

class Follower;

using JobAnswer = std::function<void(JobResult)>;

/// After this a job that has done a part leaves the rest to its next run, well before nobody waits for it any more.
inline constexpr Duration kWorkMax = Duration::minutes(5);

/// Completes every order that was delivered `after_days` ago or longer.
void do_order_completion(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer);

/// Ends every guest's cart that was not used for too long.
void do_guest_cart_sweep(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer);

/// Compares the provider's bills of the last days, each that is not compared yet: a bill that was not ready is looked
/// for again by the next run, and a day that the shop was down is made up for. A day without a bill counts as compared
/// only if that was so a day after its end: the bill may have come late.
void do_reconciliation(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer);

/// Looks for some of what is to be done, on the thread for jobs, and does it.
using DoBatch = std::function<void(std::size_t limit, BatchThen then)>;

/// Does batches until there is nothing left to do, each when `list` has seen what the one before did. `figure`: what
/// those that were done are counted as. Where nothing of a full batch could be done it ends, and says that there is
/// more.
void do_in_batches(Api& api, Follower& list, std::string figure, DoBatch do_batch, JobAnswer answer);

/// What a job that ran for kWorkMax, or could not do what it found, answers.
inline constexpr std::string_view kMoreToDo = "job.more_to_do: the next run goes on";

/// A failure as a record shows it.
JobResult failed_job(const Error& error, std::vector<job::Figure> figures = {});

}  // namespace souk
