#include "gateway/accounts.hpp"

#include "engine/account/credentials.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

template <class T>
Result<void> open_into(T& out, Vault& vault, AccountId id, const Personal<T>& sealed) {
  auto opened = vault.open(id, sealed);
  if (opened) {
    out = std::move(*opened);
  } else if (opened.error().code == ErrorCode::kInternal) {
    return tl::unexpected<Error>(std::move(opened.error()));
  }
  return {};
}

Result<ClaimedName> with_claim(const Api& api, NameKind kind, std::string text) {
  const auto canonical = canonical_name(text);
  if (!canonical) return tl::unexpected<Error>(canonical.error());
  return ClaimedName{std::move(text), claim_id(api.claim_ids, kind, *canonical)};
}

}  // namespace

Result<OpenedAccount> open_account(Vault& vault, AccountId id, const account::State& state) {
  OpenedAccount opened;
  auto done = open_into(opened.username, vault, id, state.username);
  if (done) done = open_into(opened.email, vault, id, state.email);
  if (done) done = open_into(opened.profile, vault, id, state.profile);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return opened;
}

Result<std::string> open_ban_reason(Vault& vault, AccountId id, const account::CurrentBan& ban) {
  std::string reason;
  return open_into(reason, vault, id, ban.reason).map([&] { return std::move(reason); });
}

AccountView view_of(AccountId id, const account::State& state, const OpenedAccount& opened) {
  AccountView view;
  view.id = id;
  view.username = opened.username;
  if (account::validate_email(opened.email)) view.email = opened.email;
  view.email_verified = state.email_verified;
  view.role = state.role;
  view.sex = opened.profile.sex;
  view.description = opened.profile.description;
  view.avatar = opened.profile.avatar;
  view.created_at = state.requested_at;
  return view;
}

void answer_account(const ApiCallPtr& call, AccountId id, const Judged<Account>& judged, int status) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  if (judged.state.status != account::Status::kActive) {
    call->refuse(judged.position, no_such_account());
    return;
  }
  // Opening may read the disk, which an actor's thread must not wait for.
  call->api.queries.submit(
      [call, id, state = judged.state, version = judged.version, position = judged.position, status] {
        const auto opened = open_account(call->api.vault, id, state);
        if (!opened) {
          call->refuse(position, opened.error());
          return;
        }
        std::string body = encode(view_of(id, state, *opened));
        if (status == 200) {
          call->answer_entity(position, version, std::move(body));
          return;
        }
        auto response = http::json_response(status, std::move(body));
        response.location = "/api/v1/account";
        response.etag = call->etag(version);
        call->answer(position, std::move(response));
      });
}

void ask_account(const ApiCallPtr& call, AccountId id, Account::Command command, AskOptions<Account> options,
                 Then<Account> then) {
  call->api.host.ask<Account>(id, std::move(command), call->meta(), std::move(options),
                              [call, id, then = std::move(then)](const Judged<Account>& judged) {
                                call->api.revocations.raise(id, judged.state.generation);
                                then(judged);
                              });
}

http::Response no_content() {
  http::Response response;
  response.status = 204;
  return response;
}

void check_password(const ApiCallPtr& call, AccountId id, const Secret<std::string>& secret, std::string given,
                    Position position, std::function<void()> then) {
  const auto refuse_wrong = [call, position] {
    call->refuse(position,
                 Error{ErrorCode::kForbidden, "account.wrong_password", "the current password is another one"});
  };
  if (given.size() > account::kPasswordBytesMax) {
    refuse_wrong();
    return;
  }
  auto hash = call->api.vault.open_secret(id, secret);
  if (!hash) {
    call->refuse(position, hash.error());
    return;
  }
  auto accepted = call->api.passwords.verify(std::move(*hash), std::move(given),
                                             [refuse_wrong, then = std::move(then)](bool right) {
                                               if (right) {
                                                 then();
                                               } else {
                                                 refuse_wrong();
                                               }
                                             });
  if (!accepted) call->refuse(accepted.error());
}

void answer_done(const ApiCallPtr& call, const Judged<Account>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  call->answer(judged.position, no_content());
}

Error no_such_account() {
  return {ErrorCode::kNotFound, "account.not_found", "there is no such account"};
}

http::Problem names_taken(bool username, bool email) {
  return http::Problem(409, username ? "account.username_taken" : "account.email_taken",
                       username && email ? "the user name and the e-mail address are taken"
                                         : (username ? "the user name is taken" : "the e-mail address is taken"))
      .with("username_taken", username ? "true" : "false")
      .with("email_taken", email ? "true" : "false");
}

Result<ClaimedName> read_username(const Api& api, std::string text) {
  if (auto valid = account::validate_username(text); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  return with_claim(api, NameKind::kUsername, std::move(text));
}

Result<ClaimedName> read_email(const Api& api, std::string text) {
  if (auto valid = account::validate_email(text); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  return with_claim(api, NameKind::kEmail, std::move(text));
}

void refuse_at_deadline(const ApiCallPtr& call) {
  call->at_deadline(call->api.options.registration_deadline, [call] {
    http::Problem problem(409, "idempotency.in_progress", "the request is under way; ask again with the same key");
    problem.retry_after_s = 1;
    call->refuse(Position{}, problem);
  });
}

}  // namespace souk
