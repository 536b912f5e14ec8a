#include "permissions/ip_range.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace souk::permissions {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress out;
  const bool is_v6 = text.find(':') != std::string_view::npos;
  out.size = is_v6 ? 16 : 4;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, terminated.data(), out.bytes.data()) != 1) return std::nullopt;
  return out;
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpRange out{*address, static_cast<std::uint8_t>(address->size * 8)};
  if (slash == std::string_view::npos) return out;
  const auto digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > out.bits) return std::nullopt;
  out.bits = static_cast<std::uint8_t>(bits);
  return out;
}

bool IpRange::contains(const IpAddress& other) const {
  if (other.size != address.size) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(other.bytes.begin(), other.bytes.begin() + whole, address.bytes.begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned shift = 8 - bits % 8;
  return (other.bytes[whole] >> shift) == (address.bytes[whole] >> shift);
}

}  // namespace souk::permissions
