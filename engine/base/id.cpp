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

// An id is read and written in three pieces, which fit into a register: 2 characters, 12 and 12.
constexpr std::size_t kHeadSize = 2;
constexpr std::size_t kPieceSize = 12;

void write_piece(char* out, std::size_t size, std::uint64_t bits) {
  for (std::size_t i = size; i-- > 0; bits >>= 5) out[i] = kAlphabet[bits & 31];
}

/// Gathers the values; a character that has none leaves its sign bit in `seen`.
std::uint64_t read_piece(const char* text, std::size_t size, int& seen) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const int value = kValues[static_cast<unsigned char>(text[i])];
    seen |= value;
    bits = (bits << 5) | static_cast<std::uint64_t>(value & 31);
  }
  return bits;
}

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
  int seen = 0;
  const std::uint64_t head = read_piece(text.data(), kHeadSize, seen);
  const std::uint64_t middle = read_piece(text.data() + kHeadSize, kPieceSize, seen);
  const std::uint64_t tail = read_piece(text.data() + kHeadSize + kPieceSize, kPieceSize, seen);
  if (seen < 0) return std::nullopt;
  return Id128{(head << 56) | (middle >> 4), (middle << 60) | tail};
}

std::array<char, Id128::kTextSize> Id128::text() const {
  std::array<char, kTextSize> out{};
  write_piece(out.data(), kHeadSize, high >> 56);
  write_piece(out.data() + kHeadSize, kPieceSize, (high << 4) | (low >> 60));
  write_piece(out.data() + kHeadSize + kPieceSize, kPieceSize, low);
  return out;
}

std::string Id128::str() const {
  const auto chars = text();
  return {chars.data(), chars.size()};
}

}  // namespace souk
