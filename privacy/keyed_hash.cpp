#include "privacy/keyed_hash.hpp"

#include <sodium.h>

#include <algorithm>

#include "privacy/sodium_init.hpp"

namespace souk {
namespace {

using Digest = std::array<std::uint8_t, 16>;

std::array<std::uint8_t, 8> little_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return bytes;
}

/// All zero means "none", so the one digest in 2^128 that is so becomes its neighbour.
Digest never_zero(Digest digest) {
  if (std::ranges::all_of(digest, [](std::uint8_t byte) { return byte == 0; })) digest.back() = 1;
  return digest;
}

/// `use` keeps ids and fingerprints of the same parts apart.
Digest hash_parts(const Key256& key, std::uint8_t use, std::initializer_list<std::string_view> parts) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, key.data(), Key256::kSize, Digest{}.size());
  crypto_generichash_blake2b_update(&state, &use, 1);
  for (const std::string_view part : parts) {
    const auto size = little_endian(part.size());
    crypto_generichash_blake2b_update(&state, size.data(), size.size());
    crypto_generichash_blake2b_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  Digest digest{};
  crypto_generichash_blake2b_final(&state, digest.data(), digest.size());
  return never_zero(digest);
}

}  // namespace

Id128 KeyedHash::id(std::initializer_list<std::string_view> parts) const {
  return Id128::from_bytes(hash_parts(key_, 'i', parts).data());
}

std::array<std::uint8_t, 16> KeyedHash::fingerprint(std::initializer_list<std::string_view> parts) const {
  return hash_parts(key_, 'f', parts);
}

Id128 random_id() {
  init_sodium();
  Digest bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return Id128::from_bytes(never_zero(bytes).data());
}

ProductId product_id_for_sku(std::string_view sku) {
  init_sodium();
  static constexpr unsigned char kPersonal[crypto_generichash_blake2b_PERSONALBYTES + 1] = {"souk.product.sku"};
  Digest digest{};
  crypto_generichash_blake2b_salt_personal(digest.data(), digest.size(),
                                           reinterpret_cast<const unsigned char*>(sku.data()), sku.size(), nullptr, 0,
                                           nullptr, kPersonal);
  return {Id128::from_bytes(never_zero(digest).data())};
}

}  // namespace souk
