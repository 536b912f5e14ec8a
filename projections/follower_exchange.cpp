#include <algorithm>
#include <utility>

#include "projections/follower.hpp"

namespace souk {

Result<void> Follower::exchange(std::unique_ptr<FollowerTarget>& other, const Check& check) {
  Position before;
  Position after;
  {
    const auto work = hold_work();
    if (!work) return tl::unexpected<Error>(work.error());
    before = std::max(target_->accepted(), position());
    if (auto caught_up = catch_up(*other, before); !caught_up) return caught_up;
    if (auto checked = check ? check(*other, *target_) : Result<void>{}; !checked) return checked;
    after = other->accepted();
    target_->on_change(nullptr);
    other->on_change([this] { changed(); });
    const std::lock_guard lock(mutex_);
    target_.swap(other);
    reload_ = false;
    ++generation_;
    status_.accepted = after;
    status_.parked = target_->parked_count();
    status_.failing = false;
    status_.blocked.reset();
    // The event that the other one was stopped by has been taken in.
    if (status_.state == FollowerState::kStopped) status_.state = FollowerState::kFollowing;
    nudge_ = true;
  }
  wake_.notify_all();
  for (auto& callback : reached()) callback(true);
  tell_readers();
  tell_news(before, after);
  return {};
}

Result<void> Follower::catch_up(FollowerTarget& other, Position upto) {
  const auto end = std::chrono::steady_clock::now() + options_.exchange_max;
  while (other.held() < upto) {
    if (std::chrono::steady_clock::now() >= end || is_stopping()) {
      return fail(ErrorCode::kUnavailable, "projection.busy", name_ + ": what is left takes too long for now");
    }
    const auto held = other.held();
    auto batch = feed(other);
    if (!batch) return tl::unexpected<Error>(std::move(batch.error()));
    if (batch->taken.poison) {
      return fail(ErrorCode::kConflict, "projection.blocked",
                  "it cannot take in the event at position " + std::to_string(batch->taken.poison->position.value) +
                      ": " + batch->taken.poison->reason);
    }
    if (batch->covered > 0 || other.held() > held) continue;
    if (other.held() >= other.accepted() && !other.has_work()) {
      return fail(ErrorCode::kConflict, "projection.log_ends",
                  name_ + ": the log ends at " + std::to_string(held.value) + ", and what serves holds up to " +
                      std::to_string(upto.value));
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, options_.backoff_min, [this] { return stopping_; });
  }
  return {};
}

/// Of what the new target has taken in already, and the old one has not.
void Follower::tell_news(Position after, Position upto) {
  while (options_.on_news && after < upto) {
    const auto records = log_.read(std::max(after, told_up_to_), options_.batch_events_max, Visibility::kDurable);
    if (!records || records->empty()) return;
    for (const auto& record : *records) {
      if (record->position <= upto && wanted(*record)) options_.on_news(*record);
    }
    after = records->back()->position;
  }
}

void Follower::add_reader(Reader& reader) const {
  const std::lock_guard lock(readers_mutex_);
  readers_.push_back(&reader);
}

void Follower::remove_reader(Reader& reader) const {
  const std::lock_guard lock(readers_mutex_);
  std::erase(readers_, &reader);
}

void Follower::tell_readers() {
  const std::lock_guard lock(readers_mutex_);
  for (auto* reader : readers_) reader->moved();
}

std::unique_ptr<FollowerTarget> Follower::release() {
  stop();
  const std::lock_guard work(work_);
  const std::lock_guard lock(mutex_);
  target_->on_change(nullptr);
  return std::move(target_);
}

}  // namespace souk
