#include "privacy/revocations.hpp"

namespace souk {

namespace {

constexpr std::size_t kTidiedSizeMin = 1'000;

}  // namespace

void Revocations::raise(AccountId account, std::int64_t generation) {
  if (generation <= 0) return;
  {
    const std::unique_lock lock(mutex_);
    auto& known = generations_[account];
    if (generation <= known) return;
    known = generation;
    is_empty_.store(false, std::memory_order_release);
  }
  if (when_revoked_) when_revoked_(account);
}

void Revocations::end(AccountId account, SessionId session, Time at) {
  {
    const std::unique_lock lock(mutex_);
    const Duration passed{passed_.us + sessions::believed_between(last_ended_, at).us};
    if (!ended_.emplace(session, passed).second) return;
    passed_ = passed;
    last_ended_ = at;
    is_empty_.store(false, std::memory_order_release);
    if (ended_.size() > 2 * std::max(tidied_size_, kTidiedSizeMin)) {
      std::erase_if(ended_, [&](const auto& one) { return one.second.us + sessions::kTokenLifeMax.us <= passed.us; });
      tidied_size_ = ended_.size();
    }
  }
  if (when_revoked_) when_revoked_(account);
}

bool Revocations::is_void(const Principal& principal) const {
  if (is_empty_.load(std::memory_order_acquire)) return false;
  const std::shared_lock lock(mutex_);
  const auto known = generations_.find(principal.account);
  return (known != generations_.end() && principal.generation < known->second) || ended_.contains(principal.session);
}

std::size_t Revocations::size() const {
  const std::shared_lock lock(mutex_);
  return generations_.size() + ended_.size();
}

}  // namespace souk
