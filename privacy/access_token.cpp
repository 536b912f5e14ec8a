#include "privacy/access_token.hpp"

#include <array>

#include "engine/sessions/sessions.hpp"
#include "privacy/token_claims.hpp"

namespace souk {

template <>
struct EnumNames<Principal::Role> {
  static constexpr std::array<std::string_view, 2> values{"customer", "administrator"};
};

namespace {

using namespace token_claims;

constexpr Purpose kPurpose{"souk-api", "access", "an access token"};

struct Claims {
  std::string iss;
  std::string aud;
  std::string typ;
  AccountId sub;
  Principal::Role role = Principal::Role::kCustomer;
  Id<struct TokenTag> jti;
  SessionId sid;
  std::int64_t gen = 0;
  std::int64_t iat = 0;
  std::int64_t exp = 0;

  static constexpr auto fields() {
    return field_list(field("iss", &Claims::iss), field("aud", &Claims::aud), field("typ", &Claims::typ),
                      field("sub", &Claims::sub), field("role", &Claims::role), field("jti", &Claims::jti),
                      field("sid", &Claims::sid), field("gen", &Claims::gen), field("iat", &Claims::iat),
                      field("exp", &Claims::exp));
  }
};

/// What is remembered of ended sessions is forgotten after that.
constexpr std::int64_t kLifeMax = sessions::kTokenLifeMax.us / kSecond;

Result<Principal> principal_of(const Claims& claims, std::string key_id, Time now) {
  if (claims.sub.empty() || claims.jti.empty() || claims.sid.empty() || claims.gen < 0 || claims.iat < 0 ||
      claims.exp <= claims.iat || claims.exp > kSecondsMax || claims.exp - claims.iat > kLifeMax) {
    return refused("token.malformed", "the claims of this token make no sense");
  }
  const Time expires_at{claims.exp * kSecond};
  if (expires_at <= now) return refused("token.expired", "this token has expired; log in again");
  return Principal{claims.sub, claims.role, claims.gen, claims.sid, claims.jti.value, expires_at, std::move(key_id)};
}

}  // namespace

std::optional<std::string> AccessTokens::issue(const Principal& who, Time issued_at) const {
  const Claims claims{std::string(kIssuer),
                      std::string(kPurpose.audience),
                      std::string(kPurpose.type),
                      who.account,
                      who.role,
                      Id<struct TokenTag>{who.token_id},
                      who.session,
                      who.generation,
                      issued_at.us / kSecond,
                      who.expires_at.us / kSecond};
  return keys_.sign(encode(claims), who.key_id);
}

Result<Principal> AccessTokens::verify(std::string_view token, Time now) const {
  auto said = read<Claims>(keys_, token, kPurpose);
  if (!said) return tl::unexpected<Error>(std::move(said.error()));
  return principal_of(said->claims, std::move(said->key_id), now);
}

// The signature is as good a key as any hash of the token, for only verified tokens are inserted; and a token found
// by it is still compared as a whole.
Result<Principal> TokenCache::verify(std::string_view token, Time now) {
  const std::string_view signature = token.substr(token.rfind('.') + 1);
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_signature_.find(signature);
    if (found != by_signature_.end() && found->second->token == token) {
      if (found->second->principal.expires_at > now) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->principal;
      }
      const auto expired = found->second;
      by_signature_.erase(found);
      entries_.erase(expired);
    }
  }
  auto verified = tokens_.verify(token, now);
  if (!verified) return verified;

  const std::lock_guard lock(mutex_);
  if (by_signature_.contains(signature)) return verified;  // another thread was faster
  entries_.push_front({std::string(token), *verified});
  const std::string_view kept = entries_.front().token;
  by_signature_.emplace(kept.substr(kept.rfind('.') + 1), entries_.begin());
  if (entries_.size() > size_max_) {
    const std::string_view oldest = entries_.back().token;
    by_signature_.erase(oldest.substr(oldest.rfind('.') + 1));
    entries_.pop_back();
  }
  return verified;
}

std::size_t TokenCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace souk
