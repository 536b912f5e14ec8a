#include "net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace souk::net {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr int kMappedBits = 96;

/// Whether all bits behind the first `bits` are 0.
bool ends_in_zeros(const Address& address, int bits) {
  for (int i = bits; i < 128; ++i) {
    if ((address.bytes[static_cast<std::size_t>(i / 8)] & (0x80 >> (i % 8))) != 0) return false;
  }
  return true;
}

/// An address, and how many bits of all 128 the prefix has.
struct Written {
  Address address;
  int bits = 128;
};

Result<Written> read(std::string_view text) {
  const auto malformed = [] {
    return fail(ErrorCode::kInvalid, "network.malformed", "an address and the length of its prefix: 192.0.2.0/24");
  };
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return malformed();
  if (slash == std::string_view::npos) return Written{*address};
  const bool is_written_as_v6 = text.find(':') != std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  int prefix = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  const bool is_canonical = digits.size() == 1 || (digits.size() > 1 && digits.front() != '0');
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || !is_canonical || prefix < 0 ||
      prefix > (is_written_as_v6 ? 128 : 32)) {
    return malformed();
  }
  return Written{*address, is_written_as_v6 ? prefix : prefix + kMappedBits};
}

Network network_of(const Written& written) {
  // A mapped network is one of version 4; a wider one is of version 6, and holds no address of version 4.
  const bool is_v4 = written.address.is_v4() && written.bits >= kMappedBits;
  return {written.address, is_v4 ? written.bits - kMappedBits : written.bits};
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.empty() || text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), copy.begin());
  Address address;
  if (text.find(':') != std::string_view::npos) {
    if (inet_pton(AF_INET6, copy.data(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
  if (inet_pton(AF_INET, copy.data(), address.bytes.data() + kMapped.size()) != 1) return std::nullopt;
  return address;
}

Address Address::v4(std::uint32_t host_order) {
  Address address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes.begin());
  for (std::size_t i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

bool Address::is_v4() const {
  return std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0;
}

std::uint32_t Address::v4_bits() const {
  std::uint32_t bits = 0;
  for (std::size_t i = 12; i < 16; ++i) bits = bits << 8 | bytes[i];
  return bits;
}

std::string Address::str() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes.data() + kMapped.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  }
  return text.data();
}

Address Address::counted() const {
  if (is_v4()) return *this;
  Address network = *this;
  std::fill(network.bytes.begin() + 8, network.bytes.end(), std::uint8_t{0});
  return network;
}

Result<Network> Network::parse(std::string_view text) {
  const auto written = read(text);
  if (!written) return tl::unexpected<Error>(written.error());
  if (!ends_in_zeros(written->address, written->bits)) {
    return fail(ErrorCode::kInvalid, "network.has_host_bits", "bits behind the prefix are not 0");
  }
  return network_of(*written);
}

Result<Network> Network::around(std::string_view text) {
  auto written = read(text);
  if (!written) return tl::unexpected<Error>(std::move(written.error()));
  for (int i = written->bits; i < 128; ++i) {
    written->address.bytes[static_cast<std::size_t>(i / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (i % 8)));
  }
  return network_of(*written);
}

bool Network::holds(const Address& address) const {
  const bool is_v4 = first.is_v4();
  if (is_v4 != address.is_v4()) return false;
  const int bits = is_v4 ? prefix + kMappedBits : prefix;
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(first.bytes.data(), address.bytes.data(), whole) != 0) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  return ((first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

std::string Network::str() const {
  return first.str() + "/" + std::to_string(prefix);
}

}  // namespace souk::net
