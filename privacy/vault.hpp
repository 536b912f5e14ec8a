/// Personal data sealed under a key per person, so that forgetting somebody is dropping one key.
///
/// A sealed text is the prefix of its kind and base64url of nonce, ciphertext and tag (XChaCha20-Poly1305, RFC 8439
/// with the extended nonce of draft-irtf-cfrg-xchacha). Person and purpose are authenticated with it, so that a text
/// moved to another person, or from Personal to Secret, does not open.
///
/// Errors: kNotFound "privacy.forgotten" (the key is gone, for ever: show nothing); kInternal "privacy.tampered" (the
/// text is not what was sealed); kInternal "privacy.storage" (the keys cannot be read or written).
/// Thread-safety: all functions may be called from any thread. The first use of a person's key reads or writes the
/// disk, so do not call from an actor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/base/codec.hpp"
#include "engine/base/id.hpp"
#include "engine/base/personal.hpp"
#include "engine/base/result.hpp"
#include "privacy/key.hpp"

namespace souk {

class Vault {
 public:
  Vault() = default;
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  virtual ~Vault() = default;

  /// Makes sure that the person has a key. Durability: the key is on disk before this returns.
  /// Errors: "privacy.forgotten": a forgotten person never gets a key again.
  Result<void> ensure_key(AccountId person);

  /// Drops the key; nothing sealed for the person opens again. Doing so again, or to somebody without a key, is fine.
  /// Durability: the key is gone from the disk's files before this returns.
  virtual Result<void> forget(AccountId person) = 0;

  /// T is std::string or a described struct. Sealing creates the key if need be.
  template <class T>
  Result<Personal<T>> seal(AccountId person, const T& value) {
    return seal_text(person, kPersonal, Personal<T>::kPrefix, plain_text(value)).map([](std::string&& text) {
      return Personal<T>{std::move(text)};
    });
  }
  /// "None" (an empty text) opens as T{}.
  template <class T>
  Result<T> open(AccountId person, const Personal<T>& value) {
    return open_as<T>(open_text(person, kPersonal, Personal<T>::kPrefix, value.sealed));
  }

  template <class T>
  Result<Secret<T>> seal_secret(AccountId person, const T& value) {
    return seal_text(person, kSecret, Secret<T>::kPrefix, plain_text(value)).map([](std::string&& text) {
      return Secret<T>{std::move(text)};
    });
  }
  template <class T>
  Result<T> open_secret(AccountId person, const Secret<T>& value) {
    return open_as<T>(open_text(person, kSecret, Secret<T>::kPrefix, value.sealed));
  }

 protected:
  enum class IfAbsent : std::uint8_t { kCreate, kFail };
  /// Errors: "privacy.forgotten", also for a person who never had a key when `if_absent` is kFail.
  virtual Result<Key256> key_of(AccountId person, IfAbsent if_absent) = 0;
  static tl::unexpected<Error> forgotten(AccountId person);

 private:
  static constexpr std::string_view kPersonal = "personal";
  static constexpr std::string_view kSecret = "secret";

  Result<std::string> seal_text(AccountId person, std::string_view purpose, std::string_view prefix,
                                std::string_view plain);
  Result<std::string> open_text(AccountId person, std::string_view purpose, std::string_view prefix,
                                std::string_view sealed);

  static const std::string& plain_text(const std::string& value) { return value; }
  template <Described T>
  static std::string plain_text(const T& value) {
    return encode(value);
  }
  template <class T>
  static Result<T> open_as(Result<std::string> plain) {
    if constexpr (std::is_same_v<T, std::string>) {
      return plain;
    } else {
      if (!plain) return tl::unexpected<Error>(std::move(plain.error()));
      if (plain->empty()) return T{};
      return decode<T>(*plain, UnknownFields::kIgnored);
    }
  }
};

}  // namespace souk
