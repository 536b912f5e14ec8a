#include "gateway/token_cookies.hpp"

#include <algorithm>

namespace souk {
namespace {

enum class Readable : std::uint8_t { kByNoScript, kByScripts };

void add_cookie(http::Response& response, bool secure, std::string_view name, std::string_view value,
                std::int64_t ttl_s, Readable readable = Readable::kByNoScript) {
  std::string text(name);
  text.append("=").append(value).append("; Path=/; Max-Age=").append(std::to_string(ttl_s));
  if (readable == Readable::kByNoScript) text.append("; HttpOnly");
  text.append("; SameSite=Strict");
  if (secure) text.append("; Secure");
  response.headers.emplace_back("Set-Cookie", std::move(text));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

Id128 csrf_token(const KeyedHash& hash, SessionId session) {
  return hash.id({"csrf", session.str()});
}

Result<std::optional<std::string_view>> read_cookie(const http::Request& request, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& header : request.headers()) {
    if (!http::equals_ignoring_case(header.name, "Cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      const auto pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const auto equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
      if (found) {
        return fail(ErrorCode::kUnauthenticated, "request.duplicate_cookie",
                    "the cookie " + std::string(name) + " is there twice");
      }
      found = pair.substr(equals + 1);
    }
  }
  return found;
}

void add_token_cookies(http::Response& response, bool secure, const CookieTokens& tokens) {
  const auto names = cookie_names(secure);
  add_cookie(response, secure, names.access, tokens.access, tokens.access_ttl_s);
  add_cookie(response, secure, names.refresh, tokens.refresh, tokens.refresh_ttl_s);
  add_cookie(response, secure, names.csrf, tokens.csrf, tokens.refresh_ttl_s, Readable::kByScripts);
}

void clear_token_cookies(http::Response& response, bool secure) {
  add_token_cookies(response, secure, {});
}

}  // namespace souk
