#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/guest_token.hpp"
#include "gateway/routes/guest_carts.hpp"
#include "gateway/routes/routes.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct LogInBody {
  std::string username;
  std::string password;
  std::optional<std::string> cart_token;
  static constexpr auto fields() {
    return field_list(field("username", &LogInBody::username), field("password", &LogInBody::password),
                      field("cart_token", &LogInBody::cart_token));
  }
  static constexpr auto limits() {
    return limit_list(limit("username", length(0, kNameBytesMax)),
                      limit("password", length(0, account::kPasswordBytesMax)),
                      limit("cart_token", length(0, kCartTokenSizeMax),
                            says("A guest's cart, to be put into the account's; a wrong one is no obstacle")));
  }
  static constexpr std::string_view kExample = R"({"username":"ada","password":"open-sesame-42"})";
};

struct SessionView {
  std::string access_token;
  std::string token_type = "Bearer";
  std::int64_t expires_in = 0;  ///< seconds
  AccountId account;
  std::optional<std::string> cart_problem;  ///< why the guest's cart did not come in
  static constexpr auto fields() {
    return field_list(field("access_token", &SessionView::access_token), field("token_type", &SessionView::token_type),
                      field("expires_in", &SessionView::expires_in), field("account_id", &SessionView::account),
                      field("cart_problem", &SessionView::cart_problem));
  }
  static constexpr std::string_view kExample =
      R"({"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl","token_type":"Bearer",)"
      R"("expires_in":3600,"account_id":"1p3tkyzrkwd336dt3z39bqqp4d"})";
};

/// One refusal for every reason, so that nobody learns which names exist.
Error wrong() {
  return {ErrorCode::kUnauthenticated, "session.wrong_credentials", "user name or password is wrong"};
}

/// What a token is issued from. Its generation is that of the password it was asked for with: one that is changed
/// meanwhile makes the token void before it is given out.
struct Standing {
  AccountId account;
  Principal::Role role = Principal::Role::kCustomer;
  std::int64_t generation = 0;
};

void answer_session(const ApiCallPtr& call, const Standing& standing, Position position,
                    std::optional<std::string> cart_problem) {
  SessionView view;
  view.access_token = call->api.tokens.issue(standing.account, standing.role, standing.generation, call->now());
  view.expires_in = call->api.tokens.ttl().us / 1'000'000;
  view.account = standing.account;
  view.cart_problem = std::move(cart_problem);
  call->answer(position, http::json_response(201, encode(view)));
}

/// Nobody is kept out because of a cart: what is wrong with it is told beside the token.
void merge_and_answer(const ApiCallPtr& call, const Standing& standing, Position position, const std::string& token) {
  CommandMeta meta = call->meta();
  meta.has_key = false;
  meta.command_id = CommandId{random_id()};
  meta.fingerprint = {};
  meta.principal = "account:" + standing.account.str();
  call->at_deadline(call->api.options.answer_deadline,
                    [=] { answer_session(call, standing, position, "cart.merge_pending"); });
  merge_guest_cart(call, standing.account, token, std::move(meta), [=](Position merged, const Error* why) {
    answer_session(call, standing, std::max(position, merged),
                   why == nullptr ? std::nullopt : std::optional<std::string>(why->reason));
  });
}

/// `hash`: none for an unknown user, which takes as long.
void check_password(const ApiCallPtr& call, const Standing& standing, std::optional<std::string> hash, LogInBody body,
                    Position position) {
  const auto then = [=, cart_token = std::move(body.cart_token)](bool right) {
    if (!right) {
      call->refuse(position, wrong());
      return;
    }
    // Here, for a cart's merging and its deadline answer on different threads.
    call->exchange().set_account(standing.account.str());
    if (cart_token) {
      merge_and_answer(call, standing, position, *cart_token);
    } else {
      answer_session(call, standing, position, std::nullopt);
    }
  };
  auto accepted = call->api.passwords.verify(std::move(hash), std::move(body.password), then);
  if (!accepted) call->refuse(accepted.error());
}

void log_in(const ApiCallPtr& call) {
  auto body = call->body<LogInBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  if (body->cart_token && body->cart_token->size() > kCartTokenSizeMax) {
    call->refuse(Error{ErrorCode::kInvalid, "cart_token.invalid", "cart_token: no token is so long"});
    return;
  }
  const auto username = canonical_name(body->username);
  if (!username || body->password.size() > account::kPasswordBytesMax) {
    call->refuse(wrong());
    return;
  }
  const ClaimId claim = claim_id(call->api.claim_ids, NameKind::kUsername, *username);
  call->api.host.read<Claim>(claim, {}, [call, body = std::move(*body)](const Judged<Claim>& held) {
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
      const auto role =
          judged.state.role == account::Role::kAdmin ? Principal::Role::kAdministrator : Principal::Role::kCustomer;
      const Standing standing{id, role, judged.state.generation};
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
        check_password(call, standing, std::move(hash), body, position);
      });
    });
  });
}

/// Every token of the account is void from now on, this one among them: none carries more than its generation.
void log_out(const ApiCallPtr& call) {
  ask_account(call, call->account(), account::RevokeTokens{call->now()}, call->options<Account>(),
              [call](const Judged<Account>& judged) { answer_done(call, judged); });
}

}  // namespace

void add_session_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "log_in";
  info.key_without_effect = "logging in writes nothing; said again it gives another token, and a cart is merged once";
  info.is_public = true;
  info.holds_secret = true;
  info.summary = "Logs in: gives an access token for a user name and a password";
  info.media_type = "application/json";
  info.body = http::schema<LogInBody>();
  info.answers = {{201, http::schema<SessionView>()}};
  info.problems = {{401, "session.wrong_credentials"}};
  add_route(router, api, http::Method::kPost, "/api/v1/sessions", info, log_in);

  http::RouteInfo out;
  out.name = "log_out";
  out.mutating = true;
  out.summary = "Logs out: every access token of the caller's account is void from now on";
  out.answers = {{204, {}}};
  out.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/sessions/current", out, log_out);
}

}  // namespace souk
