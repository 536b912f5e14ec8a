#include "privacy/refresh_token.hpp"

#include "engine/base/codec.hpp"

namespace souk {

namespace {

constexpr std::string_view kIssuer = "souk";
constexpr std::string_view kAudience = "souk-sessions";
constexpr std::string_view kType = "refresh";
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kSecondsMax = std::int64_t{1} << 40;

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

tl::unexpected<Error> refused(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kUnauthenticated, reason, std::move(detail));
}

}  // namespace

std::string RefreshTokens::issue(const RefreshTicket& ticket, Time issued_at) const {
  const Claims claims{std::string(kIssuer), std::string(kAudience),
                      std::string(kType),   ticket.account,
                      ticket.session,       ticket.turn,
                      ticket.generation,    ticket.expires_at.us / kSecond};
  return keys_.sign(encode(claims), issued_at);
}

Result<RefreshTicket> RefreshTokens::verify(std::string_view token, Time now) const {
  const auto opened = keys_.open(token);
  const auto claims = opened ? decode<Claims>(opened->claims, UnknownFields::kRefused) : tl::unexpected<Error>(Error{});
  if (!claims) return refused("token.malformed", "this is not a refresh token");
  if (!opened->is_signed) return refused("token.forged", "this token was not signed here");
  if (claims->iss != kIssuer || claims->aud != kAudience || claims->typ != kType) {
    return refused("token.foreign", "this token is meant for something else");
  }
  if (claims->sub.empty() || claims->sid.empty() || claims->turn < 0 || claims->gen < 0 || claims->exp < 0 ||
      claims->exp > kSecondsMax) {
    return refused("token.malformed", "the claims of this token make no sense");
  }
  const Time expires_at{claims->exp * kSecond};
  if (expires_at <= now) return refused("token.expired", "this token has expired; log in again");
  return RefreshTicket{claims->sub, claims->sid, claims->turn, claims->gen, expires_at};
}

}  // namespace souk
