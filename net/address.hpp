/// Addresses of the internet and networks of them, in either version. A version 4 address written as one of version 6
/// (::ffff:192.0.2.1) is the version 4 address.
///
/// Source: RFC 4291 (2.5.5.2: mapped addresses), RFC 4632 (networks).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk::net {

struct Address {
  /// As of version 6, mapped if it is of version 4.
  std::array<std::uint8_t, 16> bytes{};

  /// Nothing but an address: no port, no brackets, no zone.
  static std::optional<Address> parse(std::string_view text);
  static Address v4(std::uint32_t host_order);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] std::uint32_t v4_bits() const;  ///< of a version 4 address, in host order
  [[nodiscard]] std::string str() const;
  /// Who is counted as one: the address, or of version 6 its network of 64 bits.
  [[nodiscard]] Address counted() const;

  friend auto operator<=>(const Address&, const Address&) = default;
};

struct Network {
  Address first;
  int prefix = 0;  ///< bits of the version it is written in: 0 to 32, or to 128

  /// "192.0.2.0/24", "2001:db8::/32", or an address alone.
  /// Errors: kInvalid "network.malformed"; "network.has_host_bits": what lies behind the prefix must be 0.
  static Result<Network> parse(std::string_view text);
  /// The same, but bits behind the prefix say nothing.
  static Result<Network> around(std::string_view text);

  /// An address of the other version lies in none.
  [[nodiscard]] bool holds(const Address& address) const;
  [[nodiscard]] std::string str() const;

  friend bool operator==(const Network&, const Network&) = default;
};

}  // namespace souk::net
