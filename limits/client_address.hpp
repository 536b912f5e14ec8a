/// Who a request is from, when proxies of ours hand it on: what they say of it is believed, and nobody else.
///
/// The address of the connection is the truth. If it is a configured proxy, its header is read from the right, where
/// the nearest proxy has written; each entry that is itself a configured proxy vouches for the one to its left. The
/// first that is none is the client. So whatever a client has written there itself is never reached. One header only is
/// read, the one that the proxies write: the other one comes through them as the client wrote it. What is malformed
/// where it is reached, is no address ("unknown", a hidden name), or lies behind 32 entries, is not believed: the
/// request is from the connection's own address. Source: RFC 7239 (Forwarded), sections 4, 6 and 8.1.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "limits/network_list.hpp"

namespace souk::limits {

enum class ForwardedHeader : std::uint8_t { kForwarded, kXForwardedFor };

inline constexpr std::size_t kForwardedMax = 32;

/// `values`: of all header lines of that name, in their order.
[[nodiscard]] Address client_address(const Address& peer, const NetworkList& proxies, ForwardedHeader header,
                                     std::span<const std::string_view> values);

}  // namespace souk::limits
