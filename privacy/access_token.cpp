#include "privacy/access_token.hpp"

#include <sodium.h>

#include <array>
#include <optional>

#include "engine/base/codec.hpp"
#include "privacy/base64url.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

template <>
struct EnumNames<Principal::Role> {
  static constexpr std::array<std::string_view, 2> values{"customer", "administrator"};
};

namespace {

/// Only one header was ever given out, so it is compared and not interpreted: nothing in a token chooses how it is
/// checked.
constexpr std::string_view kHeader = R"({"alg":"HS256","kid":"1","typ":"JWT"})";
constexpr std::string_view kIssuer = "souk";
constexpr std::string_view kAudience = "souk-api";
constexpr std::string_view kType = "access";

struct Claims {
  std::string iss;
  std::string aud;
  std::string typ;
  AccountId sub;
  Principal::Role role = Principal::Role::kCustomer;
  Id<struct TokenTag> jti;
  std::int64_t gen = 0;
  std::int64_t iat = 0;
  std::int64_t exp = 0;

  static constexpr auto fields() {
    return field_list(field("iss", &Claims::iss), field("aud", &Claims::aud), field("typ", &Claims::typ),
                      field("sub", &Claims::sub), field("role", &Claims::role), field("jti", &Claims::jti),
                      field("gen", &Claims::gen), field("iat", &Claims::iat), field("exp", &Claims::exp));
  }
};

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kSecondsMax = std::int64_t{1} << 40;

const std::string& encoded_header() {
  static const std::string text = base64url(kHeader);
  return text;
}

tl::unexpected<Error> refused(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kUnauthenticated, reason, std::move(detail));
}

struct Segments {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_part;
};

std::optional<Segments> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Segments{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
                  token.substr(0, second)};
}

Result<Principal> principal_of(const Claims& claims, Time now) {
  if (claims.iss != kIssuer || claims.aud != kAudience || claims.typ != kType) {
    return refused("token.foreign", "this token is meant for something else");
  }
  if (claims.sub.empty() || claims.jti.empty() || claims.gen < 0 || claims.iat < 0 || claims.exp <= claims.iat ||
      claims.exp > kSecondsMax) {
    return refused("token.malformed", "the claims of this token make no sense");
  }
  const Time expires_at{claims.exp * kSecond};
  if (expires_at <= now) return refused("token.expired", "this token has expired; log in again");
  return Principal{claims.sub, claims.role, claims.gen, claims.jti.value, expires_at};
}

}  // namespace

AccessTokens::AccessTokens(const Key256& key, Duration ttl) : key_(key), ttl_(ttl) {
  static_assert(Key256::kSize == crypto_auth_hmacsha256_KEYBYTES);
}

std::string AccessTokens::signature_of(std::string_view signed_part) const {
  std::string signature(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(signature.data()),
                         reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), key_.data());
  return signature;
}

std::string AccessTokens::issue(AccountId account, Principal::Role role, std::int64_t generation, Time now) const {
  const Claims claims{
      std::string(kIssuer), std::string(kAudience), std::string(kType),       account, role, {random_id()},
      generation,           now.us / kSecond,       (now + ttl_).us / kSecond};
  std::string token = encoded_header();
  token += '.';
  token += base64url(encode(claims));
  const std::string signature = signature_of(token);
  token += '.';
  token += base64url(signature);
  return token;
}

Result<Principal> AccessTokens::verify(std::string_view token, Time now) const {
  const auto malformed = [] { return refused("token.malformed", "this is not an access token"); };
  if (token.size() > kTextSizeMax) return malformed();
  const auto segments = split(token);
  if (!segments || segments->header != encoded_header()) return malformed();
  const auto signature = from_base64url(segments->signature);
  const auto text = from_base64url(segments->claims);
  if (!signature || signature->size() != crypto_auth_hmacsha256_BYTES || !text) return malformed();
  const std::string expected = signature_of(segments->signed_part);
  if (sodium_memcmp(expected.data(), signature->data(), expected.size()) != 0) {
    return refused("token.forged", "this token was not signed here");
  }
  const auto claims = decode<Claims>(*text, UnknownFields::kRefused);
  if (!claims) return malformed();
  return principal_of(*claims, now);
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
