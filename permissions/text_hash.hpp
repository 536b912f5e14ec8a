/// Hashes of texts, and of several of them together. They choose places to look; what is found there is compared.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace souk::permissions {

inline std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

/// Depends on the order of the two.
inline std::uint64_t hash_with(std::uint64_t before, std::uint64_t next) {
  std::uint64_t z = (before ^ (next + 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 31)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 29);
}

}  // namespace souk::permissions
