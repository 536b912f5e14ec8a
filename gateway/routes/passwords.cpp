#include <algorithm>
#include <atomic>

#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/routes/routes.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct PasswordBody {
  std::string current_password;
  std::string new_password;
  static constexpr auto fields() {
    return field_list(field("current_password", &PasswordBody::current_password),
                      field("new_password", &PasswordBody::new_password));
  }
  static constexpr auto limits() {
    return limit_list(limit("current_password", length(0, account::kPasswordBytesMax)),
                      limit("new_password", length(account::kPasswordBytesMin, account::kPasswordBytesMax)));
  }
  static constexpr std::string_view kExample =
      R"({"current_password":"open-sesame-42","new_password":"closed-sesame-43"})";
};

struct ResetBody {
  std::string email;
  static constexpr auto fields() { return field_list(field("email", &ResetBody::email)); }
  static constexpr auto limits() {
    return limit_list(limit("email", length(3, account::kEmailBytesMax), formatted("email")));
  }
  static constexpr std::string_view kExample = R"({"email":"ada@mail.example"})";
};

struct ConfirmResetBody {
  std::string token;
  std::string password;
  static constexpr auto fields() {
    return field_list(field("token", &ConfirmResetBody::token), field("password", &ConfirmResetBody::password));
  }
  static constexpr auto limits() {
    return limit_list(limit("token", length(OneTimeTokens::kTextSize, OneTimeTokens::kTextSize)),
                      limit("password", length(account::kPasswordBytesMin, account::kPasswordBytesMax)));
  }
  static constexpr std::string_view kExample =
      R"({"token":"6fbmcde5yznwq83fazzjf99ypj.AAAAAAAAAAAAAAAAAAAAAA","password":"closed-sesame-43"})";
};

/// Hashes a password on its pool and seals the hash for the account.
void hash_and_seal(const ApiCallPtr& call, AccountId id, std::string password,
                   std::function<void(Secret<std::string>)> then) {
  auto accepted = call->api.passwords.hash(
      std::move(password), [call, id, then = std::move(then)](const Result<std::string>& hash) {
        auto sealed = hash.and_then([&](const std::string& text) { return call->api.vault.seal_secret(id, text); });
        if (!sealed) {
          call->refuse(sealed.error());
          return;
        }
        then(std::move(*sealed));
      });
  if (!accepted) call->refuse(accepted.error());
}

void ask_for_password(const ApiCallPtr& call, Account::Command command, AccountId id) {
  ask_account(call, id, std::move(command), call->options<Account>(),
              [call](const Judged<Account>& judged) { answer_done(call, judged); });
}

void change_password(const ApiCallPtr& call) {
  auto read = call->body<PasswordBody>();
  if (read) {
    if (auto valid = account::validate_password(read->new_password); !valid) {
      read = tl::unexpected<Error>(std::move(valid.error()));
    }
  }
  if (!read) {
    call->refuse(read.error());
    return;
  }
  // A repeated request would compare with the password it has set itself.
  if (call->is_repeated()) {
    ask_for_password(call, account::ChangePassword{}, call->account());
    return;
  }
  const auto body = std::make_shared<PasswordBody>(std::move(*read));
  call->api.host.read<Account>(call->account(), {}, [call, body](const Judged<Account>& judged) {
    if (judged.refusal != nullptr || judged.state.status != account::Status::kActive) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
      return;
    }
    call->api.queries.submit([call, body, secret = judged.state.password_hash, position = judged.position] {
      const AccountId id = call->account();
      check_password(call, id, secret, body->current_password, position, [call, id, body, secret] {
        hash_and_seal(call, id, body->new_password, [call, id, secret](Secret<std::string> sealed) {
          ask_for_password(call, account::ChangePassword{secret, std::move(sealed), call->now()}, id);
        });
      });
    });
  });
}

/// Where in the log the answer is true, once that is known.
using Seen = std::shared_ptr<std::atomic<std::uint64_t>>;

void request_message(const ApiCallPtr& call, AccountId id, const Seen& seen) {
  const MessageId message{random_id()};
  const std::string token = call->api.one_time_tokens.text(id, message.value);
  const Time now = call->now();
  const account::RequestMessage command{
      message, account::MessageKind::kPasswordReset, call->api.one_time_tokens.hash_of(token),
      now,     now + call->api.options.reset_ttl,    call->api.options.message_interval};
  AskOptions<Account> options;
  options.deadline = now + call->api.options.command_deadline;
  // Whatever it says stays here: a client must not learn whether the account is there.
  ask_account(call, id, command, std::move(options),
              [seen](const Judged<Account>& judged) { *seen = std::max(seen->load(), judged.position.value); });
}

/// Answers the same, after the same time, whether anybody has the address or not. That is why it takes no key either:
/// whether a key is known would tell as much.
void request_reset(const ApiCallPtr& call) {
  const auto body = call->body<ResetBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto email = read_email(call->api, body->email);
  if (!email) {
    call->refuse(email.error());
    return;
  }
  const Seen seen = std::make_shared<std::atomic<std::uint64_t>>(0);
  call->leave_queue();
  // Not sooner for a client in a hurry either: when an answer may leave would tell as much.
  const std::chrono::milliseconds delay(call->api.options.reset_answer_delay.us / 1'000);
  call->exchange().on_deadline(delay, [call, seen](http::Exchange& /*exchange*/) {
    http::Response response;
    response.status = 202;
    call->answer(Position{seen->load()}, std::move(response));
  });
  call->api.host.read<Claim>(email->claim, {}, [call, seen](const Judged<Claim>& held) {
    if (held.refusal == nullptr && held.state.holder) request_message(call, *held.state.holder, seen);
  });
}

void confirm_reset(const ApiCallPtr& call) {
  auto body = call->body<ConfirmResetBody>();
  if (body) {
    if (auto valid = account::validate_password(body->password); !valid) {
      body = tl::unexpected<Error>(std::move(valid.error()));
    }
  }
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto id = OneTimeTokens::account_of(body->token);
  if (!id) {
    call->refuse(account::check_token({}, {}, call->now()).error());
    return;
  }
  std::string hash = call->api.one_time_tokens.hash_of(body->token);
  if (call->is_repeated()) {
    ask_for_password(call, account::ResetPassword{}, *id);
    return;
  }
  // Looked at before, so that only who has a token makes us hash.
  call->api.host.read<Account>(
      *id, {}, [call, id = *id, hash = std::move(hash), password = body->password](const Judged<Account>& judged) {
        if (judged.refusal != nullptr) {
          call->refuse(judged.position, *judged.refusal);
          return;
        }
        if (auto valid = account::check_token(judged.state.reset, hash, call->now()); !valid) {
          call->refuse(judged.position, valid.error());
          return;
        }
        hash_and_seal(call, id, password, [call, id, hash](Secret<std::string> sealed) {
          ask_for_password(call, account::ResetPassword{hash, std::move(sealed), call->now()}, id);
        });
      });
}

}  // namespace

void add_password_routes(http::Router& router, Api& api) {
  http::RouteInfo change;
  change.name = "change_password";
  change.mutating = true;
  change.summary = "Changes the caller's password; older access tokens are void from now on";
  change.media_type = "application/json";
  change.body = http::schema<PasswordBody>();
  change.answers = {{204, {}}};
  change.problems = {
      {403, "account.wrong_password"}, {404, "account.not_found"}, {409, "account.password_changed_meanwhile"}};
  add_route(router, api, http::Method::kPost, "/api/v1/account/password", change, change_password);

  http::RouteInfo request;
  request.name = "request_password_reset";
  request.key_without_effect =
      "a key that counted would tell which addresses are known; no more than one message is sent in a while";
  request.is_public = true;
  request.summary = "Sends a token that resets the password to an e-mail address, if it is an account's";
  request.media_type = "application/json";
  request.body = http::schema<ResetBody>();
  request.answers = {{202, {}}};
  add_route(router, api, http::Method::kPost, "/api/v1/password-resets", request, request_reset);

  http::RouteInfo confirm;
  confirm.name = "confirm_password_reset";
  confirm.is_public = true;
  confirm.mutating = true;
  confirm.summary = "Sets a new password by the token of a message; older access tokens are void from now on";
  confirm.media_type = "application/json";
  confirm.body = http::schema<ConfirmResetBody>();
  confirm.answers = {{204, {}}};
  confirm.problems = {{409, "account.token_used"}, {409, "account.token_expired"}};
  add_route(router, api, http::Method::kPost, "/api/v1/password-resets/confirm", confirm, confirm_reset);
}

}  // namespace souk
