/// Tokens in cookies, for browsers: no script can read them, and no other site can use them.
///
/// Cookies are HttpOnly and SameSite=Strict. Whoever changes something by a cookie also sends Souk-CSRF-Token, which
/// the session's owner was told in a body, and in a cookie that scripts can read, but no other site; it follows from
/// the session, so it stands nowhere. Source: RFC 6265, its successor's draft for the prefix __Host-; OWASP Cross-Site
/// Request Forgery Prevention, "signed double submit".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

/// What the cookies are called.
struct CookieNames {
  std::string_view access;
  std::string_view refresh;
  std::string_view csrf;
};
/// `secure`: they are sent over HTTPS only. Then browsers take cookies of these names from this very host alone, so
/// that no other host of the same domain can plant some.
constexpr CookieNames cookie_names(bool secure) {
  return secure ? CookieNames{"__Host-souk_access", "__Host-souk_refresh", "__Host-souk_csrf"}
                : CookieNames{"souk_access", "souk_refresh", "souk_csrf"};
}

inline constexpr std::string_view kCsrfHeader = "Souk-CSRF-Token";

Id128 csrf_token(const KeyedHash& hash, SessionId session);

/// The value of a cookie. Errors: kUnauthenticated "request.duplicate_cookie" when it is there twice.
Result<std::optional<std::string_view>> read_cookie(const http::Request& request, std::string_view name);

struct CookieTokens {
  std::string_view access;
  std::int64_t access_ttl_s = 0;
  std::string_view refresh;
  std::int64_t refresh_ttl_s = 0;
  std::string_view csrf;  ///< there for as long as the refresh token
};
void add_token_cookies(http::Response& response, bool secure, const CookieTokens& tokens);
/// Takes them away.
void clear_token_cookies(http::Response& response, bool secure);

}  // namespace souk
