/// Refresh tokens: signed statements of which session, and which turn of it, the bearer may go on with.
///
/// One follows from session, turn and key, so the same turn always has the same token and it stands nowhere; whether it
/// still counts is for the sessions to say (engine/sessions/sessions.hpp).
/// Errors of `verify`, all kUnauthenticated: "token.malformed", "token.forged", "token.foreign", "token.expired", as
/// of access tokens.
/// Thread-safety: any thread may call. Ownership: the keys outlive it.
#pragma once

#include <optional>
#include <string>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "privacy/token_keys.hpp"

namespace souk {

struct RefreshTicket {
  AccountId account;
  SessionId session;
  std::int64_t turn = 0;
  std::int64_t generation = 0;  ///< of the account's tokens when the session began
  Time expires_at;
  std::string key_id;  ///< of the key that signed it (token_keys.hpp)
  friend bool operator==(const RefreshTicket&, const RefreshTicket&) = default;
};

class RefreshTokens {
 public:
  explicit RefreshTokens(const TokenKeys& keys) : keys_(keys) {}

  /// Times are in whole seconds in a token, so it expires up to a second early. None: the key has gone.
  [[nodiscard]] std::optional<std::string> issue(const RefreshTicket& ticket) const;
  [[nodiscard]] Result<RefreshTicket> verify(std::string_view token, Time now) const;

 private:
  const TokenKeys& keys_;
};

}  // namespace souk
