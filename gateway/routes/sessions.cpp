#include "engine/account/credentials.hpp"
#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct LogInBody {
  std::string username;
  std::string password;
  static constexpr auto fields() {
    return field_list(field("username", &LogInBody::username), field("password", &LogInBody::password));
  }
};

struct SessionView {
  std::string access_token;
  std::string token_type = "Bearer";
  std::int64_t expires_in = 0;  ///< seconds
  AccountId account;
  static constexpr auto fields() {
    return field_list(field("access_token", &SessionView::access_token), field("token_type", &SessionView::token_type),
                      field("expires_in", &SessionView::expires_in), field("account_id", &SessionView::account));
  }
};

/// One refusal for every reason, so that nobody learns which names exist.
Error wrong() {
  return {ErrorCode::kUnauthenticated, "session.wrong_credentials", "user name or password is wrong"};
}

/// `hash`: none for an unknown user, which takes as long.
void check_password(const ApiCallPtr& call, AccountId account, Principal::Role role, std::optional<std::string> hash,
                    std::string password, Position position) {
  auto accepted = call->api.passwords.verify(std::move(hash), std::move(password), [=](bool right) {
    if (!right) {
      call->refuse(position, wrong());
      return;
    }
    SessionView view;
    view.access_token = call->api.tokens.issue(account, role, call->now());
    view.expires_in = call->api.tokens.ttl().us / 1'000'000;
    view.account = account;
    call->exchange().set_account(account.str());
    call->answer(position, http::json_response(201, encode(view)));
  });
  if (!accepted) call->refuse(accepted.error());
}

void log_in(const ApiCallPtr& call) {
  auto body = call->body<LogInBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto username = canonical_name(body->username);
  if (!username || body->password.size() > account::kPasswordBytesMax) {
    call->refuse(wrong());
    return;
  }
  const ClaimId claim = claim_id(call->api.claim_ids, NameKind::kUsername, *username);
  call->api.host.read<Claim>(claim, {}, [call, password = body->password](const Judged<Claim>& held) {
    if (held.refusal != nullptr) {
      call->refuse(held.position, *held.refusal);
      return;
    }
    const AccountId id = held.state.holder.value_or(AccountId{});
    const Position claimed = held.position;
    call->api.host.read<Account>(id, {}, [call, password, id, claimed](const Judged<Account>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      const Position position = std::max(claimed, judged.position);
      const auto role =
          judged.state.role == account::Role::kAdmin ? Principal::Role::kAdministrator : Principal::Role::kCustomer;
      const bool active = judged.state.status == account::Status::kActive;
      // Opening may read the disk, which an actor's thread must not wait for.
      call->api.queries.submit([call, id, role, active, secret = judged.state.password_hash, password, position] {
        std::optional<std::string> hash;
        if (active) {
          auto opened = call->api.vault.open_secret(id, secret);
          if (!opened && opened.error().code == ErrorCode::kInternal) {
            call->refuse(position, opened.error());
            return;
          }
          if (opened) hash = std::move(*opened);
        }
        check_password(call, id, role, std::move(hash), password, position);
      });
    });
  });
}

}  // namespace

void add_session_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "log_in";
  info.is_public = true;
  info.summary = "Logs in: gives an access token for a user name and a password";
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/sessions", info, log_in);
}

}  // namespace souk
