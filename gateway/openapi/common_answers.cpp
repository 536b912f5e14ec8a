#include "gateway/openapi/common_answers.hpp"

#include "gateway/http/problem.hpp"
#include "gateway/http/server.hpp"
#include "privacy/cursor.hpp"

namespace souk::openapi {

bool is_api(const http::Route& route) {
  return route.pattern.starts_with("/api/");
}

namespace {

/// Whether a token that is sent is looked at, be it needed or not.
bool reads_token(const http::Route& route) {
  return is_api(route) || route.pattern.starts_with("/sandbox/") || !route.info.is_public;
}

/// Of those who send their token in a cookie; on a route for everybody such a cookie does not count without it.
bool needs_csrf_token(const http::Route& route) {
  return is_api(route) && !route.info.is_public && route.method != http::Method::kGet;
}

}  // namespace

ProblemsByStatus problems_of(const http::Route& route) {
  const auto& info = route.info;
  // Of these the reasons are many, and no client tells them apart by more than the text.
  ProblemsByStatus out{{400, {}}, {500, {}}, {503, {}}};
  out[408] = {"request.timeout"};
  out[414] = {"request.target_too_long"};
  out[417] = {"request.unknown_expectation"};
  out[431] = {"request.header_too_large", "request.too_many_headers"};
  if (route.pattern.find('{') != std::string::npos) out[404] = {"request.no_such_route"};
  if (reads_token(route)) {
    out[401] = {"token.malformed", "token.forged",  "token.foreign",
                "token.expired",   "token.revoked", "request.duplicate_cookie"};
    if (!info.is_public || info.asks_permission) out[401].insert("token.missing");
    out[403].insert("network.blocked");
    out[429].insert("limits.exceeded");
    out[409].insert("position.other_epoch");
  }
  if (info.takes_cart_token) {
    out[404].insert("cart.not_found");
    out[409].insert({"cart.spent", "cart.expired"});
  }
  if (info.asks_permission) out[403].insert("access.denied");
  if (needs_csrf_token(route)) out[403].insert({"csrf.token_missing", "csrf.token_wrong"});
  out[413] = {"request.body_too_large"};
  if (!info.media_type.empty()) out[415] = {"request.unsupported_media_type", "request.content_encoding"};
  if (info.mutating && info.key_without_effect.empty()) {
    out[409].insert("idempotency.in_progress");
    out[422] = {"idempotency.key_reused"};
  }
  if (info.precondition != http::Precondition::kNone) out[412] = {"version.changed"};
  if (info.precondition == http::Precondition::kRequired) out[428] = {"request.precondition_required"};
  for (const auto& problem : info.problems) {
    auto& reasons = out[problem.status];
    const bool is_open = problem.status == 400 || problem.status == 500 || problem.status == 503;
    if (!is_open) reasons.insert(problem.reason);
  }
  return out;
}

std::string_view problem_schema() {
  return R"({"type":"object","description":"A refusal (RFC 9457). Rely on reason; detail is prose for people. )"
         R"(Some problems have further members.","properties":{)"
         R"("type":{"type":"string","format":"uri-reference"},"title":{"type":"string"},)"
         R"("status":{"type":"integer","minimum":400,"maximum":599},"detail":{"type":"string"},)"
         R"("reason":{"type":"string","pattern":"^[a-z_]+\\.[a-z_]+$"},"request_id":{"type":"string"}},)"
         R"("required":["type","title","status","reason","request_id"],)"
         R"("examples":[{"type":"/problems/cart.empty","title":"Conflict","status":409,)"
         R"("detail":"there is nothing in the cart","reason":"cart.empty","request_id":"5f2c"}]})";
}

std::string problem_example(int status, const std::set<std::string_view>& reasons) {
  std::string_view reason = status == 400 ? "field.invalid" : status == 503 ? "server.not_ready" : "server.fault";
  if (!reasons.empty()) reason = *reasons.begin();
  return http::problem_response(http::Problem(status, reason), "1p3tkyzrkwd336dt3z39bqqp4d").body;
}

std::string parameter_components() {
  const auto key_size_max = std::to_string(http::kIdempotencyKeySizeMax);
  const auto position_size = std::to_string(PositionTokens::kTextSize);
  const auto tags_size_max = std::to_string(http::ServerLimits{}.header_bytes_max);
  return R"({"IdempotencyKey":{"name":"Idempotency-Key","in":"header","required":false,)"
         R"("description":"The same key says the same request again: it is obeyed once and answered alike",)"
         R"("schema":{"type":"string","minLength":1,"maxLength":)" +
         key_size_max +
         R"(,"pattern":"^[!-~]+$"}},)"
         R"("SoukPosition":{"name":"Souk-Position","in":"header","required":false,)"
         R"("description":"Of an earlier answer: the read waits until it holds what that answer told of",)"
         R"("schema":{"type":"string","minLength":)" +
         position_size + R"(,"maxLength":)" + position_size +
         R"(,"pattern":"^[A-Za-z0-9_-]+$"}},)"
         R"("SoukTimeout":{"name":"Souk-Timeout","in":"header","required":false,)"
         R"("description":"Milliseconds that the client waits: what was not begun by then changes nothing",)"
         R"("schema":{"type":"integer","minimum":1,"maximum":)" +
         std::to_string(http::kTimeoutMsMax) +
         R"(}},)"
         R"("IfMatch":{"name":"If-Match","in":"header","required":false,)"
         R"("description":"Entity tags: the change is made only if the current one is among them",)"
         R"("schema":{"type":"string","pattern":"^(\\*|(W/)?\"[!#-~]*\"(, ?(W/)?\"[!#-~]*\")*)$"}},)"
         R"("IfMatchRequired":{"name":"If-Match","in":"header","required":true,)"
         R"("description":"Entity tags: the change is made only if the current one is among them; * for any",)"
         R"("schema":{"type":"string","pattern":"^(\\*|(W/)?\"[!#-~]*\"(, ?(W/)?\"[!#-~]*\")*)$"}},)"
         R"("IfNoneMatch":{"name":"If-None-Match","in":"header","required":false,)"
         R"("description":"Entity tags: 304 if the current one is among them","schema":{"type":"string","maxLength":)" +
         tags_size_max + "}}}";
}

std::string_view header_components() {
  return R"({"XRequestId":{"description":"Names the request in logs; taken from the request if it has one",)"
         R"("schema":{"type":"string"}},)"
         R"("ETag":{"description":"The tag of what is shown","schema":{"type":"string"}},)"
         R"("Location":{"description":"Where the new thing is","schema":{"type":"string","format":"uri-reference"}},)"
         R"("SoukPosition":{"description":"Where in the log the answer is true: give it to a read that must see it",)"
         R"("schema":{"type":"string"}},)"
         R"("SoukRefreshDue":{"description":"For how many seconds the access token still holds, when these are few",)"
         R"("schema":{"type":"integer","minimum":0}},)"
         R"("RateLimitPolicy":{"description":"The rule that is nearest to refusing: q requests in w seconds",)"
         R"("schema":{"type":"string"}},)"
         R"("RateLimit":{"description":"The same rule: r requests remain, and in t seconds all are there again",)"
         R"("schema":{"type":"string"}},)"
         R"("RetryAfter":{"description":"Seconds","schema":{"type":"integer","minimum":0}},)"
         R"("Deprecation":{"description":"Since when the route should not be used, RFC 9745",)"
         R"("schema":{"type":"string"}},)"
         R"("Sunset":{"description":"When the route goes, RFC 8594","schema":{"type":"string"}}})";
}

std::string_view security_components() {
  return R"({"bearer":{"type":"http","scheme":"bearer","description":"The access_token of POST /api/v1/sessions"},)"
         R"("cookie":{"type":"apiKey","in":"cookie","name":"__Host-souk_access",)"
         R"("description":"Set by POST /api/v1/sessions with cookies: true; what changes something needs the csrf_token )"
         R"(of that answer, which also is in the cookie __Host-souk_csrf, as Souk-CSRF-Token, too"},)"
         R"("refresh_cookie":{"type":"apiKey","in":"cookie","name":"__Host-souk_refresh",)"
         R"("description":"Set beside the other one, and with Souk-CSRF-Token as it"},)"
         R"("cart_token":{"type":"apiKey","in":"header","name":"Souk-Cart-Token",)"
         R"("description":"The token of POST /api/v1/guest-carts"}})";
}

}  // namespace souk::openapi
