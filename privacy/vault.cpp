#include "privacy/vault.hpp"

#include <sodium.h>

#include "privacy/base64url.hpp"

namespace souk {
namespace {

constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(Key256::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// What is authenticated with the text: whose it is and what for. The id has a fixed size, so this is unambiguous.
std::string context_of(AccountId person, std::string_view purpose) {
  std::string context = person.str();
  context += purpose;
  return context;
}

tl::unexpected<Error> tampered(AccountId person) {
  return fail(ErrorCode::kInternal, "privacy.tampered",
              "a sealed text is not what was sealed for account " + person.str());
}

}  // namespace

Result<void> Vault::ensure_key(AccountId person) {
  return key_of(person, IfAbsent::kCreate).map([](const Key256&) {});
}

tl::unexpected<Error> Vault::forgotten(AccountId person) {
  return fail(ErrorCode::kNotFound, "privacy.forgotten", "there is no key for account " + person.str());
}

Result<std::string> Vault::seal_text(AccountId person, std::string_view purpose, std::string_view prefix,
                                     std::string_view plain) {
  const auto key = key_of(person, IfAbsent::kCreate);
  if (!key) return tl::unexpected<Error>(key.error());
  const std::string context = context_of(person, purpose);
  std::string box(kNonceSize + plain.size() + kTagSize, '\0');
  randombytes_buf(box.data(), kNonceSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(box) + kNonceSize, nullptr,
                                             reinterpret_cast<const unsigned char*>(plain.data()), plain.size(),
                                             bytes_of(context), context.size(), nullptr, bytes_of(box), key->data());
  std::string sealed(prefix);
  sealed += base64url(box);
  return sealed;
}

Result<std::string> Vault::open_text(AccountId person, std::string_view purpose, std::string_view prefix,
                                     std::string_view sealed) {
  if (sealed.empty()) return std::string{};
  if (!sealed.starts_with(prefix)) return tampered(person);
  const auto box = from_base64url(sealed.substr(prefix.size()));
  if (!box || box->size() < kNonceSize + kTagSize) return tampered(person);
  const auto key = key_of(person, IfAbsent::kFail);
  if (!key) return tl::unexpected<Error>(key.error());
  const std::string context = context_of(person, purpose);
  std::string plain(box->size() - kNonceSize - kTagSize, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      bytes_of(plain), nullptr, nullptr, bytes_of(*box) + kNonceSize, box->size() - kNonceSize, bytes_of(context),
      context.size(), bytes_of(*box), key->data());
  if (failed != 0) return tampered(person);
  return plain;
}

}  // namespace souk
