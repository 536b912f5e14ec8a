/// RSA2, as Alipay calls it: SHA-256 with RSA (PKCS #1 v1.5), signatures in base 64.
///
/// Keys are PEM, or the bare base 64 that Alipay's own tools write. Errors: kInvalid "alipay.key_unreadable".
/// Thread-safety: every function from any thread. Cheap to copy.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

struct evp_pkey_st;

namespace souk::alipay {

class SigningKey {
 public:
  static Result<SigningKey> read(std::string_view text);
  [[nodiscard]] std::string sign(std::string_view text) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

class VerifyingKey {
 public:
  static Result<VerifyingKey> read(std::string_view text);
  /// Of a certificate that was read elsewhere; takes it over.
  static VerifyingKey of(evp_pkey_st* key);
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace souk::alipay
