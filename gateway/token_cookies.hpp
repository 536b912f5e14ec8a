/// Tokens in cookies, for browsers: no script can read them, and no other site can use them.
///
/// Cookies are HttpOnly and SameSite=Strict. Whoever changes something by a cookie also sends Souk-CSRF-Token, which
/// the session's owner was told in a body that other sites cannot read; it follows from the session, so it stands
/// nowhere.
/// Source: RFC 6265; OWASP Cross-Site Request Forgery Prevention, "signed double submit".
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

inline constexpr std::string_view kAccessCookie = "souk_access";
inline constexpr std::string_view kRefreshCookie = "souk_refresh";
inline constexpr std::string_view kCsrfHeader = "Souk-CSRF-Token";

Id128 csrf_token(const KeyedHash& hash, SessionId session);

/// The value of a cookie. Errors: kInvalid "request.duplicate_cookie" when it is there twice.
Result<std::optional<std::string_view>> read_cookie(const http::Request& request, std::string_view name);

struct CookieTokens {
  std::string_view access;
  std::int64_t access_ttl_s = 0;
  std::string_view refresh;
  std::int64_t refresh_ttl_s = 0;
};
/// `secure`: they are sent over HTTPS only.
void add_token_cookies(http::Response& response, bool secure, const CookieTokens& tokens);
/// Takes them away.
void clear_token_cookies(http::Response& response, bool secure);

}  // namespace souk
