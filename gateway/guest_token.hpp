/// The token by which a guest's cart is used: 256 random bits that only the client keeps.
///
/// The cart is named by a keyed hash of the token, so neither the log nor a list nor an access log can open a cart.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

inline constexpr std::string_view kCartTokenHeader = "Souk-Cart-Token";

std::string make_cart_token();
/// Nothing: no text that `make_cart_token` can have made.
std::optional<CartId> cart_of_token(const KeyedHash& hash, std::string_view token);

}  // namespace souk
