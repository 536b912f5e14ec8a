/// A secret key of 32 bytes that is wiped from memory when it goes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace souk {

class Key256 {
 public:
  static constexpr std::size_t kSize = 32;

  Key256() = default;  ///< all zero; for members that are filled in
  explicit Key256(const std::uint8_t* bytes32);
  Key256(const Key256&) = default;
  Key256& operator=(const Key256&) = default;
  ~Key256();

  static Key256 random();
  /// The sub-key with that number. `context` names the family of keys; it has exactly eight characters.
  [[nodiscard]] Key256 derive(std::uint64_t number, const char (&context)[9]) const;

  [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
  [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }

  /// Constant time.
  friend bool operator==(const Key256& a, const Key256& b);

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace souk
