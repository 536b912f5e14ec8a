/// Which web pages of other origins may use the interface.
///
/// Only what is listed is ever told to a browser; "null" never is, for any sandboxed page or file sends it. Nothing is
/// asked of browsers' own credentials (cookies, certificates): whoever calls sends a token, which a page cannot do by
/// accident, so Access-Control-Allow-Credentials is never sent and "*" gives nothing away.
/// Thread-safety: const after construction.
/// Source: Fetch Standard, 3.2 CORS protocol; RFC 6454.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/http/request.hpp"

namespace souk::http {

class Cors {
 public:
  /// No page.
  Cors() = default;
  /// Origins, separated by commas: "https://shop.example, https://desk.shop.example:8443"; "*" alone: any. Empty: none.
  /// Errors: kInvalid "cors.origin_invalid".
  static Result<Cors> parse(std::string_view list);

  /// Whether answers say anything about it at all.
  [[nodiscard]] bool is_on() const { return any_ || !origins_.empty(); }
  /// Whether they depend on who asks.
  [[nodiscard]] bool varies() const { return !origins_.empty(); }
  /// The value of Access-Control-Allow-Origin for this request; empty: none.
  [[nodiscard]] std::string_view allowed_origin(const Request& request) const;
  /// Whether a browser asks beforehand what it may send, and is to be told.
  [[nodiscard]] bool is_preflight(const Request& request) const;

  static constexpr std::string_view kExposedHeaders =
      "Allow, Deprecation, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, Souk-Position, Souk-Refresh-Due, "
      "Sunset, WWW-Authenticate, X-Request-Id";
  /// Those that the interface looks at and a browser does not let through by itself.
  static constexpr std::string_view kRequestHeaders =
      "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Souk-Cart-Token, "
      "Souk-Position, Souk-Timeout, X-Request-Id";
  static constexpr std::string_view kPreflightSeconds = "7200";

 private:
  bool any_ = false;
  std::vector<std::string> origins_;
};

}  // namespace souk::http
