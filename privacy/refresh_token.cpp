#include "privacy/refresh_token.hpp"

#include "privacy/token_claims.hpp"

namespace souk {

namespace {

using namespace token_claims;

constexpr Purpose kPurpose{"souk-sessions", "refresh", "a refresh token"};

struct Claims {
  std::string iss;
  std::string aud;
  std::string typ;
  AccountId sub;
  SessionId sid;
  std::int64_t turn = 0;
  std::int64_t gen = 0;
  std::int64_t exp = 0;

  static constexpr auto fields() {
    return field_list(field("iss", &Claims::iss), field("aud", &Claims::aud), field("typ", &Claims::typ),
                      field("sub", &Claims::sub), field("sid", &Claims::sid), field("turn", &Claims::turn),
                      field("gen", &Claims::gen), field("exp", &Claims::exp));
  }
};

}  // namespace

std::optional<std::string> RefreshTokens::issue(const RefreshTicket& ticket) const {
  const Claims claims{std::string(kIssuer),
                      std::string(kPurpose.audience),
                      std::string(kPurpose.type),
                      ticket.account,
                      ticket.session,
                      ticket.turn,
                      ticket.generation,
                      ticket.expires_at.us / kSecond};
  return keys_.sign(encode(claims), ticket.key_id);
}

Result<RefreshTicket> RefreshTokens::verify(std::string_view token, Time now) const {
  auto said = read<Claims>(keys_, token, kPurpose);
  if (!said) return tl::unexpected<Error>(std::move(said.error()));
  const auto& claims = said->claims;
  if (claims.sub.empty() || claims.sid.empty() || claims.turn < 0 || claims.gen < 0 || claims.exp < 0 ||
      claims.exp > kSecondsMax) {
    return refused("token.malformed", "the claims of this token make no sense");
  }
  const Time expires_at{claims.exp * kSecond};
  if (expires_at <= now) return refused("token.expired", "this token has expired; log in again");
  return RefreshTicket{claims.sub, claims.sid, claims.turn, claims.gen, expires_at, std::move(said->key_id)};
}

}  // namespace souk
