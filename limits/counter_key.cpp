#include "limits/counter_key.hpp"

#include <sodium.h>

#include <cstring>

namespace souk::limits {
namespace {

Id128 hash(const std::uint8_t* bytes, std::size_t size, const CounterKeys::Secret& secret) {
  static_assert(crypto_shorthash_siphashx24_KEYBYTES == std::tuple_size_v<CounterKeys::Secret>);
  std::array<std::uint8_t, crypto_shorthash_siphashx24_BYTES> out{};
  crypto_shorthash_siphashx24(out.data(), bytes, size, secret.data());
  Id128 id;
  std::memcpy(&id, out.data(), out.size());
  return id;
}

}  // namespace

Id128 CounterKeys::of_text(std::string_view text) const {
  return hash(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), secret_);
}

Id128 CounterKeys::of(const Id128& rule, const Id128& subject) const {
  std::array<Id128, 2> both = {rule, subject};
  return hash(reinterpret_cast<const std::uint8_t*>(both.data()), sizeof both, secret_);
}

}  // namespace souk::limits
