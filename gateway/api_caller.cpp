// Of an ApiCall: who asks.

#include "gateway/api_call.hpp"
#include "gateway/guest_token.hpp"
#include "gateway/token_cookies.hpp"

namespace souk {

Result<void> ApiCall::authenticate() {
  if (const auto& insider = exchange_->insider(); !insider.empty()) {
    caller.emplace();
    caller->account = AccountId{api.command_ids.id({"insider", insider})};
    caller->role = Principal::Role::kAdministrator;
    exchange_->set_account("system:" + insider);
    return {};
  }
  const auto header = request().single_header("Authorization");
  if (!header) return tl::unexpected<Error>(header.error());
  if (auto known = *header ? read_bearer(**header) : read_cookies(); !known) return known;
  if (exchange_->route().info.takes_cart_token) {
    if (auto shown = read_cart_token(caller.has_value()); !shown) return shown;
  }
  if (!caller && !guest_cart && !exchange_->route().info.is_public) {
    return fail(ErrorCode::kUnauthenticated, "token.missing", "this route needs a bearer token");
  }
  return {};
}

Result<void> ApiCall::read_bearer(std::string_view header) {
  constexpr std::string_view kScheme = "Bearer ";
  if (header.size() <= kScheme.size() || !http::equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
    return fail(ErrorCode::kUnauthenticated, "token.malformed", "the Authorization header must be a bearer token");
  }
  return take_token(header.substr(kScheme.size()));
}

Result<void> ApiCall::read_cookies() {
  const bool is_safe = request().method == http::Method::kGet || request().method == http::Method::kHead;
  auto taken = take_cookies();
  if (taken && caller && !is_safe) taken = check_csrf(caller->session);
  has_cookie_ = taken && caller;
  if (taken) return taken;
  caller.reset();
  exchange_->set_account({});
  return exchange_->route().info.is_public ? Result<void>() : taken;
}

Result<void> ApiCall::take_cookies() {
  const auto names = cookie_names(api.options.cookies_secure);
  const auto access = read_cookie(request(), names.access);
  if (!access) return tl::unexpected<Error>(access.error());
  const auto taken = *access ? take_token(**access) : Result<void>();
  if ((taken && caller) || !exchange_->route().info.takes_refresh_cookie) return taken;
  const auto refresh = read_cookie(request(), names.refresh);
  if (!refresh) return tl::unexpected<Error>(refresh.error());
  return *refresh ? take_refresh_token(**refresh) : taken;
}

Result<void> ApiCall::take_token(std::string_view token) {
  auto principal = api.verified_tokens.verify(token, now());
  if (!principal) return tl::unexpected<Error>(std::move(principal.error()));
  // Whoever shows a void token is nobody, and counts as nobody.
  if (auto valid = check_revoked(*principal); !valid) return valid;
  caller = std::move(*principal);
  exchange_->set_account(caller->account.str());
  return {};
}

Result<void> ApiCall::take_refresh_token(std::string_view token) {
  auto ticket = api.refresh_tokens.verify(token, now());
  if (!ticket) return tl::unexpected<Error>(std::move(ticket.error()));
  Principal principal{ticket->account, Principal::Role::kCustomer, ticket->generation,       ticket->session,
                      Id128{},         ticket->expires_at,         std::move(ticket->key_id)};
  if (auto valid = check_revoked(principal); !valid) return valid;
  caller = std::move(principal);
  exchange_->set_account(caller->account.str());
  return {};
}

Result<void> ApiCall::check_token() const {
  return caller ? check_revoked(*caller) : Result<void>();
}

Result<void> ApiCall::check_revoked(const Principal& principal) const {
  if (api.token_keys.holds(principal.key_id) && !api.revocations.is_void(principal)) return {};
  return fail(ErrorCode::kUnauthenticated, "token.revoked", "this token was made void; log in again");
}

Result<void> ApiCall::check_csrf(SessionId session) const {
  const auto header = request().single_header(kCsrfHeader);
  if (!header) return tl::unexpected<Error>(header.error());
  if (!*header) {
    return fail(ErrorCode::kForbidden, "csrf.token_missing",
                "who changes something by a cookie sends the session's Souk-CSRF-Token, too");
  }
  const auto shown = Id128::parse(**header);
  if (!shown || *shown != csrf_token(api.command_ids, session)) {
    return fail(ErrorCode::kForbidden, "csrf.token_wrong", "this Souk-CSRF-Token is not the session's");
  }
  return {};
}

Result<void> ApiCall::read_cart_token(bool has_bearer) {
  const auto header = request().single_header(kCartTokenHeader);
  if (!header) return tl::unexpected<Error>(header.error());
  if (!*header) return {};
  if (has_bearer) {
    return fail(ErrorCode::kInvalid, "cart_token.ambiguous",
                "send a bearer token or a Souk-Cart-Token, not both; a guest's cart can be merged into an account's");
  }
  guest_cart = cart_of_token(api.command_ids, **header);
  if (!guest_cart) return fail(ErrorCode::kNotFound, "cart.not_found", "there is no such cart");
  exchange_->set_account("guest_cart:" + guest_cart->str());
  return {};
}

}  // namespace souk
