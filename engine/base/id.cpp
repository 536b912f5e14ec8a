#include "engine/base/id.hpp"

namespace souk {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

Id128 Id128::from_bytes(const std::uint8_t* bytes16) {
  Id128 id;
  for (int i = 0; i < 8; ++i) id.high = (id.high << 8) | bytes16[i];
  for (int i = 8; i < 16; ++i) id.low = (id.low << 8) | bytes16[i];
  return id;
}

std::optional<Id128> Id128::parse(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  // 26 characters hold 130 bits, so the first may not exceed 7.
  if (kValues[static_cast<unsigned char>(text.front())] > 7) return std::nullopt;
  Id128 id;
  for (const char c : text) {
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    id.high = (id.high << 5) | (id.low >> 59);
    id.low = (id.low << 5) | static_cast<std::uint64_t>(value);
  }
  return id;
}

std::array<char, Id128::kTextSize> Id128::text() const {
  std::array<char, kTextSize> out{};
  std::uint64_t h = high;
  std::uint64_t l = low;
  for (std::size_t i = kTextSize; i-- > 0;) {
    out[i] = kAlphabet[l & 31];
    l = (l >> 5) | (h << 59);
    h >>= 5;
  }
  return out;
}

std::string Id128::str() const {
  const auto chars = text();
  return {chars.data(), chars.size()};
}

}  // namespace souk
