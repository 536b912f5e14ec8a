#include "privacy/key.hpp"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "privacy/sodium_init.hpp"

namespace souk {

static_assert(Key256::kSize == crypto_kdf_KEYBYTES && crypto_kdf_CONTEXTBYTES == 8);

void init_sodium() {
  static const int result = sodium_init();
  if (result < 0) {
    std::fputs("souk: libsodium cannot be initialised: the system offers no random numbers\n", stderr);
    std::abort();
  }
}

Key256::Key256(const std::uint8_t* bytes32) {
  std::memcpy(bytes_.data(), bytes32, kSize);
}

Key256::~Key256() {
  sodium_memzero(bytes_.data(), kSize);
}

Key256 Key256::random() {
  init_sodium();
  Key256 key;
  randombytes_buf(key.data(), kSize);
  return key;
}

Key256 Key256::derive(std::uint64_t number, const char (&context)[9]) const {
  init_sodium();
  Key256 key;
  crypto_kdf_derive_from_key(key.data(), kSize, number, context, data());
  return key;
}

bool operator==(const Key256& a, const Key256& b) {
  return sodium_memcmp(a.data(), b.data(), Key256::kSize) == 0;
}

}  // namespace souk
