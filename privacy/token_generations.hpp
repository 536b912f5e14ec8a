/// Which access tokens are void before they expire: those of an older generation than their account's.
///
/// An account's generation rises with every change of its password, with logging out and with its deletion. Only
/// accounts that ever did so are kept, so asking costs a look into a table that is mostly empty.
/// Thread-safety: any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "privacy/access_token.hpp"

namespace souk {

class TokenGenerations {
 public:
  /// Told of every rise, once it counts.
  using WhenRaised = std::function<void(AccountId, std::int64_t generation)>;

  explicit TokenGenerations(WhenRaised when_raised = {}) : when_raised_(std::move(when_raised)) {}

  /// Never lowers it.
  void raise(AccountId account, std::int64_t generation) {
    if (generation <= 0) return;
    {
      const std::unique_lock lock(mutex_);
      auto& known = current_[account];
      if (generation <= known) return;
      known = generation;
      is_empty_.store(false, std::memory_order_release);
    }
    if (when_raised_) when_raised_(account, generation);
  }

  [[nodiscard]] bool is_void(const Principal& principal) const {
    if (is_empty_.load(std::memory_order_acquire)) return false;
    const std::shared_lock lock(mutex_);
    const auto known = current_.find(principal.account);
    return known != current_.end() && principal.generation < known->second;
  }

  [[nodiscard]] std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return current_.size();
  }

 private:
  const WhenRaised when_raised_;
  std::atomic<bool> is_empty_{true};
  mutable std::shared_mutex mutex_;
  std::unordered_map<AccountId, std::int64_t> current_;
};

}  // namespace souk
