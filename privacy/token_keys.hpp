/// The keys that tokens are signed with: the newest one signs, and older ones verify for as long as what they signed
/// may hold.
///
/// Each is derived from the installation's key for tokens, which itself signs nothing, by a random number; the numbers
/// stand in the file DATA/keys/token_keys. So one that has become known tells of no other. Without the file there is a
/// new key, and whoever was logged in logs in again. Which one is the newest is their order in the file, and no clock's
/// to say.
/// Errors: kInternal "token_keys.malformed", "token_keys.storage"; kNotFound "token_key.not_found"; kConflict
/// "token_key.in_use" (it is the one that signs: rotate first).
/// Thread-safety: any thread may call. Limits: kKeysMax keys; the oldest goes first.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "privacy/signed_claims.hpp"

namespace souk {

class TokenKeys {
 public:
  static constexpr std::size_t kKeysMax = 32;

  struct Info {
    std::string id;  ///< `kid` in a token's header
    Time since;      ///< from then on it signed
    friend bool operator==(const Info&, const Info&) = default;
  };

  /// One key that is kept nowhere.
  explicit TokenKeys(const Key256& base);
  /// Reads the file, or makes it. `token_life_max`: no token holds longer.
  static Result<std::unique_ptr<TokenKeys>> open(const std::string& data_dir, const Key256& base, Time now,
                                                 Duration token_life_max);

  /// What becomes of the keys that signed before.
  enum class Older : std::uint8_t {
    kHold,  ///< they verify until nothing that holds is signed with them
    kGo     ///< what they signed is void from now on
  };
  /// From now on another key signs. Durable when it returns; writes the disk.
  Result<void> rotate(Time now, Older older = Older::kHold);
  /// Whether the key that signs has done so for as long as one shall.
  [[nodiscard]] bool is_due(Time now, Duration life) const;
  /// Rotates if so.
  Result<void> rotate_if_due(Time now, Duration life);
  /// What is signed with it is void from now on. The same.
  Result<void> remove(std::string_view id);
  /// The oldest first.
  [[nodiscard]] std::vector<Info> list() const;

  /// The id of the key that signs.
  [[nodiscard]] std::string newest() const;
  /// Whether there is such a key.
  [[nodiscard]] bool holds(std::string_view id) const;
  /// With that key: equal claims give equal text. None: there is no such key (any more).
  [[nodiscard]] std::optional<std::string> sign(const std::string& claims, std::string_view id) const;
  /// As ClaimsSigner::open. None also: of a key that is not there any more.
  [[nodiscard]] std::optional<ClaimsSigner::Opened> open(std::string_view token) const;

 private:
  struct Key {
    Info info;
    ClaimsSigner signer;
  };
  using Ring = std::vector<Key>;

  [[nodiscard]] std::shared_ptr<const Ring> ring() const;
  [[nodiscard]] Key key_of(std::uint64_t number, Time since) const;
  Result<void> add_key(Time now, Older older);
  Result<void> replace(std::shared_ptr<const Ring> ring);
  Result<void> read(const std::string& text);

  const Key256 base_;
  Duration token_life_max_;
  std::string folder_;       ///< empty: kept nowhere
  std::mutex change_mutex_;  ///< one change at a time
  mutable std::mutex mutex_;
  std::shared_ptr<const Ring> ring_;  ///< in the order in which they were made, never empty; under `mutex_`
};

}  // namespace souk
