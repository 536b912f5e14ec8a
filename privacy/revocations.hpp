/// Which access tokens are void before they expire: those of an older generation than their account's, and those of a
/// session that has ended.
///
/// An account's generation rises with every change of its password, with logging out everywhere and with its deletion.
/// Only accounts that ever did so are kept, and sessions only for as long as one of their tokens could be shown, so
/// asking costs a look into tables that are mostly small. How long that is follows from the times of endings, of which
/// no leap is believed (engine/sessions/sessions.hpp).
/// Thread-safety: any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "engine/sessions/sessions.hpp"
#include "privacy/access_token.hpp"

namespace souk {

class Revocations {
 public:
  /// Told whenever tokens of the account became void, once it counts.
  using WhenRevoked = std::function<void(AccountId)>;

  explicit Revocations(WhenRevoked when_revoked = {}) : when_revoked_(std::move(when_revoked)) {}

  /// Never lowers it.
  void raise(AccountId account, std::int64_t generation);
  /// The session has ended at this time, as the last one so far. Saying so again changes nothing.
  void end(AccountId account, SessionId session, Time at);

  [[nodiscard]] bool is_void(const Principal& principal) const;
  /// Of accounts and sessions that are kept.
  [[nodiscard]] std::size_t size() const;

 private:
  const WhenRevoked when_revoked_;
  std::atomic<bool> is_empty_{true};
  mutable std::shared_mutex mutex_;
  std::unordered_map<AccountId, std::int64_t> generations_;
  std::unordered_map<SessionId, Duration> ended_;  ///< with what `passed_` was then
  Time last_ended_;
  Duration passed_;              ///< between endings
  std::size_t tidied_size_ = 0;  ///< how many sessions were left when those of no more interest were dropped
};

}  // namespace souk
