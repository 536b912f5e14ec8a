#include "gateway/jobs/work.hpp"
#include "projections/follower.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 500;

/// One run on its way.
struct Batches {
  Api& api;
  Follower& list;
  std::string figure;
  DoBatch do_batch;
  JobAnswer answer;
  Time stop_at;
  std::int64_t done = 0;
  std::int64_t kept = 0;

  [[nodiscard]] std::vector<job::Figure> figures() const { return {{figure, done}, {"kept", kept}}; }
};
using BatchesPtr = std::shared_ptr<Batches>;

void do_next(const BatchesPtr& run, Position seen);

void note(const BatchesPtr& run, const Result<BatchCount>& count) {
  if (!count) return run->answer(failed_job(count.error(), run->figures()));
  run->done += static_cast<std::int64_t>(count->done);
  run->kept += static_cast<std::int64_t>(count->kept);
  if (!count->more) return run->answer({std::nullopt, run->figures()});
  // Where nothing could be done, looking at the same ones again would do nothing either.
  if (count->done == 0 || run->api.clock.now() >= run->stop_at) {
    return run->answer({std::string(kMoreToDo), run->figures()});
  }
  do_next(run, count->position);
}

/// Once the list holds everything up to here: those that were done must not be found again.
void do_next(const BatchesPtr& run, Position seen) {
  run->list.when_caught_up(seen, [run](bool caught_up) {
    if (!caught_up) return;
    run->api.jobs.submit(
        [run] { run->do_batch(kBatchMax, [run](const Result<BatchCount>& count) { note(run, count); }); });
  });
}

}  // namespace

void do_in_batches(Api& api, Follower& list, std::string figure, DoBatch do_batch, JobAnswer answer) {
  auto run = std::make_shared<Batches>(
      Batches{api, list, std::move(figure), std::move(do_batch), std::move(answer), api.clock.now() + kWorkMax});
  do_next(run, api.log.head(Visibility::kDurable));
}

}  // namespace souk
