/// Base 64 of RFC 4648, with its padding, as certificates and signatures use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace souk {

std::string base64(std::string_view bytes);
/// White space is skipped; nothing for what is not base 64.
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace souk
