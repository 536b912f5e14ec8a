#include "gateway/accounts.hpp"

#include "engine/account/credentials.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

struct RegisterBody {
  std::string username;
  std::string email;
  std::string password;
  account::Sex sex = account::Sex::kUnknown;
  std::string description;
  std::string avatar;
  static constexpr auto fields() {
    return field_list(field("username", &RegisterBody::username), field("email", &RegisterBody::email),
                      field("password", &RegisterBody::password), defaulted("sex", &RegisterBody::sex),
                      defaulted("description", &RegisterBody::description), defaulted("avatar", &RegisterBody::avatar));
  }
  static constexpr auto limits() {
    return limit_list(limit("username", length(account::kUsernameSizeMin, account::kUsernameSizeMax)),
                      limit("email", length(3, account::kEmailBytesMax), formatted("email")),
                      limit("password", length(account::kPasswordBytesMin, account::kPasswordBytesMax)),
                      limit("description", length(0, account::kDescriptionSizeMax)),
                      limit("avatar", length(0, account::kAvatarBytesMax), matching("^(https?://[^ ]+)?$")));
  }
  static constexpr std::string_view kExample =
      R"({"username":"ada","email":"ada@mail.example","password":"open-sesame-42"})";
};

struct Registration {
  ClaimedName username;
  ClaimedName email;
  std::string password;
  account::Profile profile;
};

Result<Registration> read_registration(const ApiCall& call) {
  auto body = call.body<RegisterBody>();
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  auto username = read_username(call.api, std::move(body->username));
  if (!username) return tl::unexpected<Error>(std::move(username.error()));
  auto email = read_email(call.api, std::move(body->email));
  if (!email) return tl::unexpected<Error>(std::move(email.error()));
  if (auto valid = account::validate_password(body->password); !valid) return tl::unexpected<Error>(valid.error());
  account::Profile profile{body->sex, std::move(body->description), std::move(body->avatar)};
  if (auto valid = validate(profile); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  return Registration{std::move(*username), std::move(*email), std::move(body->password), std::move(profile)};
}

Result<account::Register> seal(Vault& vault, AccountId id, const Registration& registration, std::string hash,
                               Time now) {
  account::Register command;
  auto username = vault.seal(id, registration.username.text);
  if (!username) return tl::unexpected<Error>(std::move(username.error()));
  auto email = vault.seal(id, registration.email.text);
  if (!email) return tl::unexpected<Error>(std::move(email.error()));
  auto secret = vault.seal_secret(id, hash);
  if (!secret) return tl::unexpected<Error>(std::move(secret.error()));
  if (registration.profile != account::Profile{}) {
    auto profile = vault.seal(id, registration.profile);
    if (!profile) return tl::unexpected<Error>(std::move(profile.error()));
    command.profile = std::move(*profile);
  }
  command.username = std::move(*username);
  command.email = std::move(*email);
  command.password_hash = std::move(*secret);
  command.username_claim = registration.username.claim;
  command.email_claim = registration.email.claim;
  command.at = now;
  return command;
}

bool is_answered(const account::State& state) {
  return state.status != account::Status::kNone && state.status != account::Status::kPending;
}

void answer(const ApiCallPtr& call, AccountId id, const Registration& registration, const Judged<Account>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  if (judged.state.status == account::Status::kRejected) {
    call->refuse(judged.position, names_taken(judged.state.username_answer == account::Answer::kRefused,
                                              judged.state.email_answer == account::Answer::kRefused));
    return;
  }
  if (judged.verdict == Verdict::kRepeated) {
    // It may have become something else since.
    answer_account(call, id, judged, 201);
    return;
  }
  const OpenedAccount known{registration.username.text, registration.email.text, registration.profile};
  auto response = http::json_response(201, encode(view_of(id, judged.state, known)));
  response.location = "/api/v1/account";
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
  auto accepted = call->api.passwords.hash(registration->password, [call, id, registration](Result<std::string> hash) {
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
  refuse_at_deadline(call);
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
  info.body = http::schema<RegisterBody>();
  info.answers = {{201, http::schema<AccountView>()}};
  info.problems = {{404, "account.not_found"},
                   {409, "account.username_taken"},
                   {409, "account.email_taken"},
                   {409, "account.exists"}};
  add_route(router, api, http::Method::kPost, "/api/v1/accounts", info, register_account);
}

}  // namespace souk
