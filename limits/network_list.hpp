/// Which of many networks an address belongs to: the one with the longest prefix.
///
/// What a network means (blocked, exempt, a proxy) is said by its owner, by number. So an exempt network within a
/// blocked one, and the other way round, are one question.
/// Thread-safety: const after construction; any thread may ask.
/// Limits: about 40 bytes a network; a lookup is a binary search.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/address.hpp"

namespace souk::limits {

using net::Address;
using net::Network;

class NetworkList {
 public:
  NetworkList() = default;
  /// Of networks that are there twice, the first counts.
  explicit NetworkList(std::vector<Network> networks);

  /// The number of the network, as they were given.
  [[nodiscard]] std::optional<std::uint32_t> find(const Address& address) const;
  [[nodiscard]] bool holds(const Address& address) const { return find(address).has_value(); }
  [[nodiscard]] const std::vector<Network>& networks() const { return networks_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Wide {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend auto operator<=>(const Wide&, const Wide&) = default;
  };
  /// The addresses from `starts[i]` up to the next belong to `owners[i]`.
  template <class Number>
  struct Ranges {
    std::vector<Number> starts;
    std::vector<std::uint32_t> owners;

    [[nodiscard]] std::uint32_t find(const Number& address) const;
  };
  template <class Number>
  struct Span {
    Number first{};
    Number last{};
    std::uint32_t owner = kNone;
  };

  template <class Number>
  static Ranges<Number> flatten(std::vector<Span<Number>> spans);
  static Wide wide(const Address& address);

  std::vector<Network> networks_;
  Ranges<std::uint32_t> v4_;
  Ranges<Wide> v6_;
};

}  // namespace souk::limits
