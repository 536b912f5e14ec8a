#include "payments/alipay/signature.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "payments/base64.hpp"

namespace souk::alipay {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

Bio open_text(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

auto unreadable(std::string_view what) {
  return fail(ErrorCode::kInvalid, "alipay.key_unreadable", std::string(what) + " is no RSA key");
}

bool is_rsa(const EVP_PKEY* key) {
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

}  // namespace

Result<SigningKey> SigningKey::read(std::string_view text) {
  SigningKey out;
  if (is_pem(text)) {
    out.key_ = own(PEM_read_bio_PrivateKey(open_text(text).get(), nullptr, nullptr, nullptr));
  } else if (const auto der = parse_base64(text)) {
    const unsigned char* begin = bytes_of(*der);
    out.key_ = own(d2i_AutoPrivateKey(nullptr, &begin, static_cast<long>(der->size())));
  }
  if (!is_rsa(out.key_.get())) return unreadable("the private key of the app");
  return out;
}

std::string SigningKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  std::string signature;
  const bool done =
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1 &&
      (signature.resize(size), EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                              bytes_of(text), text.size()) == 1);
  // Without memory there is no signature, and a call without one is refused.
  return done ? base64({signature.data(), size}) : std::string();
}

Result<VerifyingKey> VerifyingKey::read(std::string_view text) {
  VerifyingKey out;
  if (is_pem(text)) {
    out.key_ = own(PEM_read_bio_PUBKEY(open_text(text).get(), nullptr, nullptr, nullptr));
  } else if (const auto der = parse_base64(text)) {
    const unsigned char* begin = bytes_of(*der);
    out.key_ = own(d2i_PUBKEY(nullptr, &begin, static_cast<long>(der->size())));
  }
  if (!is_rsa(out.key_.get())) return unreadable("Alipay's public key");
  return out;
}

VerifyingKey VerifyingKey::of(evp_pkey_st* key) {
  VerifyingKey out;
  out.key_ = own(key);
  return out;
}

bool VerifyingKey::verifies(std::string_view text, std::string_view signature) const {
  const auto bytes = parse_base64(signature);
  if (!bytes || bytes->empty()) return false;
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(*bytes), bytes->size(), bytes_of(text), text.size()) == 1;
}

}  // namespace souk::alipay
