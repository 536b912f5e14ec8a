#include "engine/account/credentials.hpp"
#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct RegisterBody {
  std::string username;
  std::string email;
  std::string password;
  static constexpr auto fields() {
    return field_list(field("username", &RegisterBody::username), field("email", &RegisterBody::email),
                      field("password", &RegisterBody::password));
  }
};

struct AccountView {
  AccountId id;
  std::string username;
  std::string email;
  account::Role role = account::Role::kUser;
  static constexpr auto fields() {
    return field_list(field("id", &AccountView::id), field("username", &AccountView::username),
                      field("email", &AccountView::email), field("role", &AccountView::role));
  }
};

struct Registration {
  RegisterBody body;
  ClaimId username_claim;
  ClaimId email_claim;
};

Result<void> validate(const RegisterBody& body) {
  if (auto valid = account::validate_username(body.username); !valid) return valid;
  if (auto valid = account::validate_email(body.email); !valid) return valid;
  return account::validate_password(body.password);
}

Result<Registration> read_registration(const ApiCall& call) {
  auto body = call.body<RegisterBody>();
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  if (auto valid = validate(*body); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  const auto username = canonical_name(body->username);
  if (!username) return tl::unexpected<Error>(username.error());
  const auto email = canonical_name(body->email);
  if (!email) return tl::unexpected<Error>(email.error());
  const ClaimId username_claim = claim_id(call.api.claim_ids, NameKind::kUsername, *username);
  const ClaimId email_claim = claim_id(call.api.claim_ids, NameKind::kEmail, *email);
  return Registration{std::move(*body), username_claim, email_claim};
}

Result<account::Register> seal(Vault& vault, AccountId id, const Registration& registration, std::string hash,
                               Time now) {
  account::Register command;
  auto username = vault.seal(id, registration.body.username);
  if (!username) return tl::unexpected<Error>(std::move(username.error()));
  auto email = vault.seal(id, registration.body.email);
  if (!email) return tl::unexpected<Error>(std::move(email.error()));
  auto secret = vault.seal_secret(id, hash);
  if (!secret) return tl::unexpected<Error>(std::move(secret.error()));
  command.username = std::move(*username);
  command.email = std::move(*email);
  command.password_hash = std::move(*secret);
  command.username_claim = registration.username_claim;
  command.email_claim = registration.email_claim;
  command.at = now;
  return command;
}

bool is_answered(const account::State& state) {
  return state.status == account::Status::kActive || state.status == account::Status::kRejected;
}

void answer(const ApiCallPtr& call, AccountId id, const Registration& registration, const Judged<Account>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  if (judged.state.status == account::Status::kRejected) {
    const bool username = judged.state.username_answer == account::Answer::kRefused;
    const bool email = judged.state.email_answer == account::Answer::kRefused;
    http::Problem problem(409, username ? "account.username_taken" : "account.email_taken",
                          username && email ? "the user name and the e-mail address are taken"
                                            : (username ? "the user name is taken" : "the e-mail address is taken"));
    call->refuse(judged.position, std::move(problem)
                                      .with("username_taken", username ? "true" : "false")
                                      .with("email_taken", email ? "true" : "false"));
    return;
  }
  AccountView view{id, registration.body.username, registration.body.email, judged.state.role};
  auto response = http::json_response(201, encode(view));
  response.location = "/api/v1/accounts/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

void register_with(const ApiCallPtr& call, AccountId id, const std::shared_ptr<Registration>& registration,
                   account::Register command) {
  auto options = call->options<Account>();
  options.until = [call](const account::State& state) { return is_answered(state) || call->exchange().answered(); };
  call->api.host.ask<Account>(
      id, std::move(command), call->meta(), std::move(options),
      [call, id, registration](const Judged<Account>& judged) { answer(call, id, *registration, judged); });
}

void hash_and_register(const ApiCallPtr& call, AccountId id, const std::shared_ptr<Registration>& registration) {
  auto accepted =
      call->api.passwords.hash(registration->body.password, [call, id, registration](Result<std::string> hash) {
        if (!hash) {
          call->refuse(hash.error());
          return;
        }
        auto command = seal(call->api.vault, id, *registration, std::move(*hash), call->now());
        if (!command) {
          call->refuse(command.error());
          return;
        }
        register_with(call, id, registration, std::move(*command));
      });
  if (!accepted) call->refuse(accepted.error());
}

void register_account(const ApiCallPtr& call) {
  auto read = read_registration(*call);
  if (!read) {
    call->refuse(read.error());
    return;
  }
  const auto registration = std::make_shared<Registration>(std::move(*read));
  const auto id = call->created_id<AccountId>("account");
  // Nothing was said yet when the claims take longer than this: the client asks again with its key.
  call->at_deadline(call->api.options.registration_deadline, [call] {
    http::Problem problem(409, "idempotency.in_progress", "the registration is under way; ask again with the same key");
    problem.retry_after_s = 1;
    call->refuse(Position{}, problem);
  });
  if (!call->has_key()) {
    hash_and_register(call, id, registration);
    return;
  }
  // A repeated request is answered without hashing the password again.
  call->api.host.read<Account>(id, {}, [call, id, registration](const Judged<Account>& judged) {
    if (judged.state.status == account::Status::kNone) {
      hash_and_register(call, id, registration);
    } else {
      register_with(call, id, registration, {});
    }
  });
}

}  // namespace

void add_account_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "register_account";
  info.is_public = true;
  info.mutating = true;
  info.summary = "Registers an account";
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/accounts", info, register_account);
}

}  // namespace souk
