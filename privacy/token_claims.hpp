/// How the claims of a token are read, whatever it is for; for the kinds of tokens, each of which says what it takes.
///
/// Errors, all kUnauthenticated: "token.malformed", "token.forged", "token.foreign", as access_token.hpp has them.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/codec.hpp"
#include "engine/base/result.hpp"
#include "privacy/token_keys.hpp"

namespace souk::token_claims {

inline constexpr std::string_view kIssuer = "souk";
inline constexpr std::int64_t kSecond = 1'000'000;
/// A time beyond it would not fit into microseconds.
inline constexpr std::int64_t kSecondsMax = std::int64_t{1} << 40;

struct Purpose {
  std::string_view audience;
  std::string_view type;
  std::string_view called;  ///< "an access token"
};

inline tl::unexpected<Error> refused(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kUnauthenticated, reason, std::move(detail));
}

template <class Claims>
struct Read {
  Claims claims;
  std::string key_id;  ///< of the key that signed them
};

/// Signed by us, and for that; the other claims are still to be judged.
template <class Claims>
Result<Read<Claims>> read(const TokenKeys& keys, std::string_view token, const Purpose& purpose) {
  auto opened = keys.open(token);
  auto claims = opened ? decode<Claims>(opened->claims, UnknownFields::kRefused) : tl::unexpected<Error>(Error{});
  if (!claims) return refused("token.malformed", "this is not " + std::string(purpose.called));
  if (!opened->is_signed) return refused("token.forged", "this token was not signed here");
  if (claims->iss != kIssuer || claims->aud != purpose.audience || claims->typ != purpose.type) {
    return refused("token.foreign", "this token is meant for something else");
  }
  return Read<Claims>{std::move(*claims), std::move(opened->key_id)};
}

}  // namespace souk::token_claims
