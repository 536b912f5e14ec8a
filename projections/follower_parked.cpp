#include <utility>

#include "projections/follower.hpp"

namespace souk {

namespace {

constexpr std::chrono::milliseconds kWorkWaitMax{2'000};

}  // namespace

/// Whoever asks for something is not kept waiting by a batch that hangs.
Result<std::unique_lock<std::timed_mutex>> Follower::hold_work() {
  std::unique_lock work(work_, kWorkWaitMax);
  if (work.owns_lock()) return work;
  return fail(ErrorCode::kUnavailable, "projection.busy", name_ + ": the batch under way takes too long; ask again");
}

Result<Follower::Retried> Follower::retry_parked() {
  const auto work = hold_work();
  if (!work) return tl::unexpected<Error>(work.error());
  auto ready = reload_if_failed();
  if (!ready) return tl::unexpected<Error>(std::move(ready.error()));
  auto applied = target_->retry_parked(log_);
  const std::lock_guard lock(mutex_);
  // The rows of places that were read long ago are others now. Of those that failed some may have been taken in.
  if (!applied || *applied > 0) ++generation_;
  if (!applied) {
    reload_ = true;
    return tl::unexpected<Error>(std::move(applied.error()));
  }
  const Retried retried{*applied, target_->parked_count()};
  status_.parked = retried.still_parked;
  status_.events_total += retried.applied;
  return retried;
}

Result<std::vector<ParkedEvent>> Follower::parked(std::size_t limit) {
  const auto work = hold_work();
  if (!work) return tl::unexpected<Error>(work.error());
  return target_->parked(limit);
}

}  // namespace souk
