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
/// What is longer is no token.
inline constexpr std::size_t kCartTokenSizeMax = 100;

std::string make_cart_token();
/// The token that belongs to these: 256 bits that nobody may guess.
std::string cart_token_of(const Id128& first, const Id128& second);
/// Whether two strangers who both chose this idempotency key can only be one: whether it is a UUID of version 4 or 7.
/// Of other texts nobody can say how they were chosen. Source: RFC 9562.
bool is_unguessable_key(std::string_view key);
/// Nothing: no text that `make_cart_token` can have made.
std::optional<CartId> cart_of_token(const KeyedHash& hash, std::string_view token);

}  // namespace souk
