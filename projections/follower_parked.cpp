#include <utility>

#include "projections/follower.hpp"

namespace souk {

namespace {

constexpr std::chrono::milliseconds kWorkWaitMax{2'000};
constexpr std::chrono::milliseconds kLoopWaitMax{500};

}  // namespace

/// Whoever asks for something is not kept waiting by a batch that hangs.
Result<std::unique_lock<std::timed_mutex>> Follower::hold_work() {
  std::unique_lock work(work_, kWorkWaitMax);
  if (work.owns_lock()) return work;
  return fail(ErrorCode::kUnavailable, "projection.busy", name_ + ": the batch under way takes too long; ask again");
}

Result<Follower::Retried> Follower::retry_parked() {
  Retried all;
  for (Position from;;) {
    const auto turn = retry_turn(from, all);
    if (!turn) return tl::unexpected<Error>(turn.error());
    if (!turn->next) return all;
    from = *turn->next;
    let_loop_go_round();
  }
}

Result<FollowerTarget::Retried> Follower::retry_turn(Position from, Retried& all) {
  const auto work = hold_work();
  if (!work) return tl::unexpected<Error>(work.error());
  if (retries_ended_) return fail(ErrorCode::kUnavailable, "projection.busy", name_ + ": the server stops");
  auto ready = reload_if_failed();
  if (!ready) return tl::unexpected<Error>(std::move(ready.error()));
  auto turn = target_->retry_parked(log_, from);
  const std::lock_guard lock(mutex_);
  // The rows of places that were read long ago are others now. Of those that failed some may have been taken in.
  if (!turn || turn->applied > 0) ++generation_;
  if (!turn) {
    reload_ = true;
    return turn;
  }
  all.applied += turn->applied;
  all.still_parked = target_->parked_count();
  status_.parked = all.still_parked;
  status_.events_total += turn->applied;
  return turn;
}

/// It may wait for the work all the time, and would not get it by itself.
void Follower::let_loop_go_round() {
  std::unique_lock lock(mutex_);
  const auto before = beat_;
  wake_.wait_for(lock, kLoopWaitMax, [&] { return stopping_ || retries_ended_ || beat_ > before; });
}

Result<std::vector<ParkedEvent>> Follower::parked(std::size_t limit) {
  const auto work = hold_work();
  if (!work) return tl::unexpected<Error>(work.error());
  return target_->parked(limit);
}

}  // namespace souk
