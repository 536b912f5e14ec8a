#include "gateway/sessions.hpp"

#include <algorithm>

#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/guest_token.hpp"
#include "gateway/routes/guest_carts.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/token_cookies.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct LogInBody {
  std::string username;
  std::string password;
  std::optional<std::string> cart_token;
  std::optional<bool> cookies;
  static constexpr auto fields() {
    return field_list(field("username", &LogInBody::username), field("password", &LogInBody::password),
                      field("cart_token", &LogInBody::cart_token), field("cookies", &LogInBody::cookies));
  }
  static constexpr auto limits() {
    return limit_list(limit("username", length(0, kNameBytesMax)),
                      limit("password", length(0, account::kPasswordBytesMax)),
                      limit("cart_token", length(0, kCartTokenSizeMax),
                            says("A guest's cart, to be put into the account's; a wrong one is no obstacle")),
                      limit("cookies", says("Whether the tokens are given in cookies, for browsers; default: no")));
  }
  static constexpr std::string_view kExample = R"({"username":"ada","password":"open-sesame-42"})";
};

/// One refusal for every reason, so that nobody learns which names exist.
Error wrong() {
  return {ErrorCode::kUnauthenticated, "session.wrong_credentials", "user name or password is wrong"};
}

/// What a session is begun from. Its generation is that of the password it was asked for with: one that is changed
/// meanwhile makes the tokens void before they are given out.
struct Standing {
  AccountId account;
  Principal::Role role = Principal::Role::kCustomer;
  std::int64_t generation = 0;
  std::optional<account::CurrentBan> ban;
  std::string ban_reason = {};  ///< of it, opened
};

/// Nobody is kept out because of a cart: what is wrong with it is told beside the tokens.
void merge_and_answer(const ApiCallPtr& call, const SessionAnswer& answer, Position position,
                      const std::string& token) {
  CommandMeta meta = call->meta();
  meta.command_id = CommandId{random_id()};
  meta.principal = "account:" + answer.account.str();
  const auto told = [=](std::optional<std::string> problem) {
    auto with_cart = answer;
    with_cart.cart_problem = std::move(problem);
    return with_cart;
  };
  call->at_deadline(call->api.options.answer_deadline,
                    [=] { answer_session(call, told("cart.merge_pending"), position); });
  merge_guest_cart(call, answer.account, token, std::move(meta), [=](Position merged, const Error* why) {
    answer_session(call, told(why == nullptr ? std::nullopt : std::optional<std::string>(why->reason)),
                   std::max(position, merged));
  });
}

/// Where somebody logs in, as far as it is told. What a client says of itself is cut short and made printable.
sessions::Device device_of(const ApiCall& call) {
  constexpr std::size_t kAgentSizeMax = 200;
  sessions::Device device{std::string(call.client()), std::string(call.request().header("User-Agent").value_or(""))};
  device.agent.resize(std::min(device.agent.size(), kAgentSizeMax));
  std::ranges::replace_if(
      device.agent, [](char c) { return c < ' ' || c > '~'; }, '?');
  return device;
}

Principal bearer_of(const Standing& standing, SessionId session) {
  Principal bearer;
  bearer.account = standing.account;
  bearer.generation = standing.generation;
  bearer.session = session;
  return bearer;
}
/// Nobody is given tokens that count nowhere.
Error void_at_once() {
  return {ErrorCode::kUnavailable, "session.void_at_once",
          "what was said of this account's tokens meanwhile, or cannot be read, makes them void; try again later"};
}

void begin_session(const ApiCallPtr& call, const Standing& standing, const LogInBody& body) {
  const auto& options = call->api.options;
  const Time now = call->now();
  replace_old_token_key(call->api);
  auto device = call->api.vault.seal(standing.account, device_of(*call));
  if (!device) {
    // Deleted a moment ago.
    call->refuse(device.error().code == ErrorCode::kInternal ? device.error() : wrong());
    return;
  }
  const SessionId id{random_id()};
  CommandMeta meta = call->meta();
  meta.principal = "account:" + standing.account.str();
  sessions::Start start{
      id, standing.generation, now, now + options.refresh_ttl, std::move(*device), options.one_session_only};
  ask_sessions(call, standing.account, std::move(start), std::move(meta), call->options<Sessions>(),
               [call, standing, id, body](const Judged<Sessions>& judged) {
                 const auto* session = sessions::find(judged.state, id);
                 if (session == nullptr) {
                   call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : wrong());
                   return;
                 }
                 if (call->api.revocations.is_void(bearer_of(standing, id))) {
                   call->refuse(judged.position, void_at_once());
                   return;
                 }
                 const auto place = body.cookies.value_or(false) ? TokenPlace::kCookies : TokenPlace::kBody;
                 const SessionAnswer answer{standing.account, standing.role, *session, place, 201, {}};
                 if (body.cart_token) {
                   merge_and_answer(call, answer, judged.position, *body.cart_token);
                 } else {
                   answer_session(call, answer, judged.position);
                 }
               });
}

/// Only who knows the password learns that the account is banned.
http::Problem banned(const account::CurrentBan& ban, const std::string& reason) {
  http::Problem problem(403, "account.banned", "this account is kept out: " + reason);
  problem.members.emplace_back("ban_reason", encode(reason));
  if (ban.until) problem.members.emplace_back("banned_until", encode(*ban.until));
  return problem;
}

/// `hash`: none for an unknown user, which takes as long.
void check_password(const ApiCallPtr& call, const Standing& standing, std::optional<std::string> hash, LogInBody body,
                    Position position) {
  std::string password = std::move(body.password);
  const auto then = [=](bool right) {
    if (!right) {
      call->refuse(position, wrong());
      return;
    }
    if (standing.ban) {
      call->refuse(position, banned(*standing.ban, standing.ban_reason));
      return;
    }
    // Here, for a cart's merging and its deadline answer on different threads.
    call->exchange().set_account(standing.account.str());
    begin_session(call, standing, body);
  };
  auto accepted = call->api.passwords.verify(std::move(hash), std::move(password), then);
  if (!accepted) call->refuse(accepted.error());
}

void find_account(const ApiCallPtr& call, ClaimId claim, const LogInBody& body) {
  call->api.host.read<Claim>(claim, {}, [call, body](const Judged<Claim>& held) {
    if (held.refusal != nullptr) {
      call->refuse(held.position, *held.refusal);
      return;
    }
    const AccountId id = held.state.holder.value_or(AccountId{});
    const Position claimed = held.position;
    call->api.host.read<Account>(id, {}, [call, body, id, claimed](const Judged<Account>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      const Position position = std::max(claimed, judged.position);
      Standing standing{id, role_of(judged.state), judged.state.generation, {}, {}};
      if (is_banned(judged.state, call->now())) standing.ban = judged.state.ban;
      const bool active = judged.state.status == account::Status::kActive;
      // Opening may read the disk, which an actor's thread must not wait for.
      call->api.queries.submit([call, standing, active, secret = judged.state.password_hash, body, position] {
        std::optional<std::string> hash;
        if (active) {
          auto opened = call->api.vault.open_secret(standing.account, secret);
          if (!opened && opened.error().code == ErrorCode::kInternal) {
            call->refuse(position, opened.error());
            return;
          }
          if (opened) hash = std::move(*opened);
        }
        auto kept_out = standing;
        if (standing.ban) {
          auto reason = open_ban_reason(call->api.vault, standing.account, *standing.ban);
          if (!reason) {
            call->refuse(position, reason.error());
            return;
          }
          kept_out.ban_reason = std::move(*reason);
        }
        check_password(call, kept_out, std::move(hash), body, position);
      });
    });
  });
}

void log_in(const ApiCallPtr& call) {
  auto body = call->body<LogInBody>();
  // Whoever it is: tries are counted whether they can succeed or not, those for a name whether there is such an
  // account.
  const auto refuse = [&call](const Error& why) { ApiCall::refuse_within_limits(call, http::Problem(why)); };
  if (!body) {
    refuse(body.error());
    return;
  }
  if (body->cart_token && body->cart_token->size() > kCartTokenSizeMax) {
    refuse(Error{ErrorCode::kInvalid, "cart_token.invalid", "cart_token: no token is so long"});
    return;
  }
  const auto username = canonical_name(body->username);
  if (!username || body->password.size() > account::kPasswordBytesMax) {
    refuse(wrong());
    return;
  }
  const ClaimId claim = claim_id(call->api.claim_ids, NameKind::kUsername, *username);
  ApiCall::within_limits(call, {claim.value, {}}, [claim, body = std::move(*body)](const ApiCallPtr& admitted) {
    find_account(admitted, claim, body);
  });
}

struct RefreshBody {
  std::optional<std::string> refresh_token;
  static constexpr auto fields() { return field_list(field("refresh_token", &RefreshBody::refresh_token)); }
  static constexpr auto limits() {
    return limit_list(
        limit("refresh_token", length(0, ClaimsSigner::kTextSizeMax), says("Needed unless it is in a cookie")));
  }
  static constexpr std::string_view kExample =
      R"({"refresh_token":"eyJhbGciOiJIUzI1NiJ9.eyJ0dXJuIjowfQ.c2lnbmF0dXJl"})";
};

struct Refreshing {
  RefreshTicket ticket;
  TokenPlace place = TokenPlace::kBody;
};

Result<Refreshing> read_refresh_token(const ApiCall& call) {
  Refreshing refreshing;
  const auto body = call.body<RefreshBody>();
  if (!body) return tl::unexpected<Error>(body.error());
  std::string_view token = body->refresh_token ? std::string_view(*body->refresh_token) : std::string_view();
  if (!body->refresh_token) {
    const auto cookie = read_cookie(call.request(), cookie_names(call.api.options.cookies_secure).refresh);
    if (!cookie) return tl::unexpected<Error>(cookie.error());
    if (!*cookie) return fail(ErrorCode::kUnauthenticated, "token.missing", "there is no refresh token");
    token = **cookie;
    refreshing.place = TokenPlace::kCookies;
  }
  auto ticket = call.api.refresh_tokens.verify(token, call.now());
  if (!ticket) return tl::unexpected<Error>(std::move(ticket.error()));
  if (refreshing.place == TokenPlace::kCookies) {
    if (auto meant = call.check_csrf(ticket->session); !meant) return tl::unexpected<Error>(std::move(meant.error()));
  }
  refreshing.ticket = *ticket;
  return refreshing;
}

void go_on(const ApiCallPtr& call, const Refreshing& refreshing, Principal::Role role) {
  const auto& options = call->api.options;
  const auto& ticket = refreshing.ticket;
  const Time now = call->now();
  CommandMeta meta = call->meta();
  meta.principal = "account:" + ticket.account.str();
  sessions::Refresh going_on{ticket.session,
                             ticket.turn,
                             now,
                             now + options.refresh_ttl,
                             options.refresh_grace,
                             call->api.token_keys.newest()};
  ask_sessions(call, ticket.account, std::move(going_on), std::move(meta), call->options<Sessions>(),
               [call, refreshing, role](const Judged<Sessions>& judged) {
                 const auto& used = refreshing.ticket;
                 const auto next = next_turn(judged, used.session);
                 // A key that has gone meanwhile may be in other hands: nothing is to come of what it signed.
                 if (!next || !call->api.token_keys.holds(used.key_id)) {
                   call->refuse(judged.position, next ? made_void() : next.error());
                   return;
                 }
                 answer_session(call, {used.account, role, *next, refreshing.place, 200, {}}, judged.position);
               });
}

void refresh(const ApiCallPtr& call) {
  const auto refreshing = read_refresh_token(*call);
  if (!refreshing) {
    call->refuse(refreshing.error());
    return;
  }
  const auto& ticket = refreshing->ticket;
  Principal bearer;
  bearer.account = ticket.account;
  bearer.generation = ticket.generation;
  // A session that ended is the sessions' to say.
  if (call->api.revocations.is_void(bearer)) {
    call->refuse(made_void());
    return;
  }
  call->exchange().set_account(ticket.account.str());
  // Who may do what may have changed since the last turn.
  call->api.host.read<Account>(ticket.account, {}, [=, refreshing = *refreshing](const Judged<Account>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (judged.state.status != account::Status::kActive ||
               judged.state.generation > refreshing.ticket.generation) {
      call->refuse(judged.position, made_void());
    } else {
      go_on(call, refreshing, role_of(judged.state));
    }
  });
}

/// Tokens in cookies are taken away with their session.
void answer_logged_out(const ApiCallPtr& call, Position position, const Error* refusal) {
  if (refusal != nullptr) {
    call->refuse(position, *refusal);
    return;
  }
  auto response = no_content();
  if (call->has_cookie()) clear_token_cookies(response, call->api.options.cookies_secure);
  call->answer(position, std::move(response));
}

void log_out(const ApiCallPtr& call) {
  ask_sessions(call, call->account(), sessions::End{call->caller->session, call->now()}, call->meta(),
               call->options<Sessions>(),
               [call](const Judged<Sessions>& judged) { answer_logged_out(call, judged.position, judged.refusal); });
}

/// Every token of the account is void from now on, this one among them: none carries more than its generation.
void log_out_everywhere(const ApiCallPtr& call) {
  ask_account(call, call->account(), account::RevokeTokens{call->now()}, call->options<Account>(),
              [call](const Judged<Account>& judged) { answer_logged_out(call, judged.position, judged.refusal); });
}

}  // namespace

void add_session_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "log_in";
  info.mutating = true;
  info.key_without_effect = "said again it begins another session; a cart is merged once";
  info.is_public = true;
  info.holds_secret = true;
  info.limits_itself = true;
  info.summary = "Logs in: begins a session for a user name and a password, and gives its tokens";
  info.media_type = "application/json";
  info.body = http::schema<LogInBody>();
  info.answers = {{201, http::schema<SessionView>()}};
  info.problems = {{401, "session.wrong_credentials"}, {401, "sessions.outdated"}, {403, "account.banned"}};
  add_route(router, api, http::Method::kPost, "/api/v1/sessions", info, log_in);

  info.name = "refresh_session";
  info.key_without_effect = "a refresh token counts once, and again for a short while with the same answer";
  info.summary = "Goes on with a session: gives its next tokens for its refresh token, which is used up by that";
  info.body = http::schema<RefreshBody>();
  info.answers = {{200, http::schema<SessionView>()}};
  info.problems = {{401, "token.missing"},    {401, "sessions.replayed"},  {401, "sessions.ended"},
                   {401, "sessions.expired"}, {403, "csrf.token_missing"}, {403, "csrf.token_wrong"}};
  add_route(router, api, http::Method::kPost, "/api/v1/sessions/refresh", info, refresh);

  http::RouteInfo out;
  out.name = "log_out";
  out.mutating = true;
  out.takes_refresh_cookie = true;
  out.summary = "Logs out: the session of the caller's token ends, and its tokens are void from now on";
  out.answers = {{204, {}}};
  out.problems = {{404, "sessions.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/sessions/current", out, log_out);
  out.takes_refresh_cookie = false;
  out.name = "log_out_everywhere";
  out.summary = "Logs out everywhere: every token of the caller's account is void from now on";
  out.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/sessions", out, log_out_everywhere);
}

}  // namespace souk
