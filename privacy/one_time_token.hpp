/// Tokens that are sent to people once: to reset a password, to verify an e-mail address.
///
/// A token is the account's id, a dot, and a keyed hash of the message's id, so that whoever sends it can compute it at
/// any time and it need not be kept anywhere. What is kept and compared is its hash.
/// Thread-safety: const after construction; any thread may call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

class OneTimeTokens {
 public:
  static constexpr std::size_t kTextSize = Id128::kTextSize + 1 + 22;

  explicit OneTimeTokens(const Key256& key) : hash_(key) {}

  [[nodiscard]] std::string text(AccountId account, const Id128& message) const;
  /// Says nothing about the token to anybody without the key.
  [[nodiscard]] std::string hash_of(std::string_view text) const;
  /// Whose token it would be. None: it is none by its form.
  [[nodiscard]] static std::optional<AccountId> account_of(std::string_view text);

 private:
  KeyedHash hash_;
};

}  // namespace souk
