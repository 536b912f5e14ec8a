/// Access tokens: signed statements of who the bearer is, checked without asking anybody.
///
/// Source: JSON Web Tokens (RFC 7519), as signed_claims.hpp; type, issuer and audience are pinned, too; every claim is
/// required, and no other is allowed.
/// Errors of `verify`, all kUnauthenticated: "token.malformed" (no token of ours by its form), "token.forged" (the
/// signature is not ours), "token.foreign" (signed by us for somebody or something else), "token.expired".
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "privacy/token_keys.hpp"

namespace souk {

/// Who acts.
struct Principal {
  enum class Role : std::uint8_t { kCustomer, kAdministrator };

  AccountId account;
  Role role = Role::kCustomer;
  std::int64_t generation = 0;  ///< of the account's tokens when this one was issued (revocations.hpp)
  SessionId session;
  Id128 token_id;
  Time expires_at;
  std::string key_id;  ///< of the key that signed it (token_keys.hpp)

  friend bool operator==(const Principal&, const Principal&) = default;
};

/// Thread-safety: any thread may call. Ownership: the keys outlive it.
class AccessTokens {
 public:
  explicit AccessTokens(const TokenKeys& keys, Duration ttl = Duration::seconds(7'200)) : keys_(keys), ttl_(ttl) {}

  /// Times are in whole seconds in a token, so it expires up to a second early. `who` says when it shall expire and
  /// which key shall sign it; equal ones that were issued at the same time have the same token. None: the key has gone.
  [[nodiscard]] std::optional<std::string> issue(const Principal& who, Time issued_at) const;
  [[nodiscard]] Result<Principal> verify(std::string_view token, Time now) const;
  [[nodiscard]] Duration ttl() const { return ttl_; }

 private:
  const TokenKeys& keys_;
  Duration ttl_;
};

/// Remembers the tokens it has verified until they expire, for requests of one client carry the same one. Whether the
/// key of one is still there is for others to ask (TokenKeys::holds).
///
/// Thread-safety: any thread may call. Limits: `size_max` tokens; the least recently used one goes first.
class TokenCache {
 public:
  TokenCache(const AccessTokens& tokens, std::size_t size_max) : tokens_(tokens), size_max_(size_max) {}

  /// As AccessTokens::verify.
  Result<Principal> verify(std::string_view token, Time now);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string token;
    Principal principal;
  };
  using Entries = std::list<Entry>;  ///< most recently used first

  const AccessTokens& tokens_;
  const std::size_t size_max_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_signature_;  ///< keys are parts of the entries
};

}  // namespace souk
