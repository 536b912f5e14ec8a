/// Base64 in the alphabet for URLs, without padding (RFC 4648 section 5).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// `bytes` holds any bytes.
std::string base64url(std::string_view bytes);
/// Accepts the one canonical text of some bytes only: no padding, no spaces, no bits left over.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace souk
