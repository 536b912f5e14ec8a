/// Network addresses and ranges of them, of IPv4 and IPv6: "10.1.2.3", "10.0.0.0/8", "2001:db8::/32".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace souk::permissions {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< of IPv4 the first four
  std::uint8_t size = 0;                 ///< 4 or 16

  static std::optional<IpAddress> parse(std::string_view text);
};

struct IpRange {
  IpAddress address;
  std::uint8_t bits = 0;

  /// An address alone is the range of this one. Bits behind the prefix say nothing.
  static std::optional<IpRange> parse(std::string_view text);
  /// An address of the other version is in no range.
  [[nodiscard]] bool contains(const IpAddress& other) const;
};

}  // namespace souk::permissions
