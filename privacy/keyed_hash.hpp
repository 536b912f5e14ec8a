/// Ids and fingerprints made from texts: the same texts give the same id, and nobody without the key can tell which.
///
/// The texts are hashed with their lengths, so that ("ab", "c") and ("a", "bc") differ.
/// Thread-safety: const after construction; any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "engine/base/id.hpp"
#include "privacy/key.hpp"

namespace souk {

class KeyedHash {
 public:
  explicit KeyedHash(const Key256& key) : key_(key) {}

  /// Never the zero id. By convention the first part says what kind of thing is named.
  [[nodiscard]] Id128 id(std::initializer_list<std::string_view> parts) const;
  /// 16 bytes; assignable to the log's Fingerprint. Never all zero, which means "none" there.
  [[nodiscard]] std::array<std::uint8_t, 16> fingerprint(std::initializer_list<std::string_view> parts) const;

 private:
  Key256 key_;
};

/// From the operating system's generator. Never the zero id.
Id128 random_id();

/// The id of the product that is imported with this SKU, the same in every installation. Frozen: without a key, so
/// that a catalogue imported twice, or into another data directory, names the same products.
ProductId product_id_for_sku(std::string_view sku);

}  // namespace souk
