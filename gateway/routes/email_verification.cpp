#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

struct ConfirmEmailBody {
  std::string token;
  static constexpr auto fields() { return field_list(field("token", &ConfirmEmailBody::token)); }
  static constexpr auto limits() {
    return limit_list(limit("token", length(OneTimeTokens::kTextSize, OneTimeTokens::kTextSize)));
  }
  static constexpr std::string_view kExample = R"({"token":"6fbmcde5yznwq83fazzjf99ypj.AAAAAAAAAAAAAAAAAAAAAA"})";
};

void answer_requested(const ApiCallPtr& call, const Judged<Account>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  http::Response response;
  response.status = 202;
  call->answer(judged.position, std::move(response));
}

void request_message(const ApiCallPtr& call) {
  const AccountId id = call->account();
  const auto message = call->created_id<MessageId>("message");
  const std::string token = call->api.one_time_tokens.text(id, message.value);
  const Time now = call->now();
  const account::RequestMessage command{
      message, account::MessageKind::kEmailVerification, call->api.one_time_tokens.hash_of(token),
      now,     now + call->api.options.verification_ttl, call->api.options.message_interval};
  ask_account(call, id, command, call->options<Account>(),
              [call](const Judged<Account>& judged) { answer_requested(call, judged); });
}

void request_verification(const ApiCallPtr& call) {
  const AccountId id = call->account();
  call->api.host.read<Account>(id, {}, [call, id](const Judged<Account>& judged) {
    if (judged.refusal != nullptr || judged.state.status != account::Status::kActive) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
      return;
    }
    call->api.queries.submit([call, id, state = judged.state, position = judged.position] {
      const auto opened = open_account(call->api.vault, id, state);
      if (!opened) {
        call->refuse(position, opened.error());
        return;
      }
      // An administrator by configuration has no address until one is given.
      if (!account::validate_email(opened->email)) {
        call->refuse(position, Error{ErrorCode::kConflict, "account.email_missing", "this account has no address"});
        return;
      }
      request_message(call);
    });
  });
}

/// The token says whose address it is, so whoever has the message needs nothing else.
void confirm_email(const ApiCallPtr& call) {
  const auto body = call->body<ConfirmEmailBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto id = OneTimeTokens::account_of(body->token);
  if (!id) {
    call->refuse(account::check_token({}, {}, call->now()).error());
    return;
  }
  ask_account(call, *id, account::VerifyEmail{call->api.one_time_tokens.hash_of(body->token), call->now()},
              call->options<Account>(), [call](const Judged<Account>& judged) { answer_done(call, judged); });
}

}  // namespace

void add_email_verification_routes(http::Router& router, Api& api) {
  http::RouteInfo request;
  request.name = "request_email_verification";
  request.mutating = true;
  request.summary = "Sends a token that verifies it to the caller's e-mail address";
  request.answers = {{202, {}}};
  request.problems = {{404, "account.not_found"},
                      {409, "account.email_verified"},
                      {409, "account.email_missing"},
                      {429, "account.message_too_soon"}};
  add_route(router, api, http::Method::kPost, "/api/v1/account/email-verification", request, request_verification);

  http::RouteInfo confirm;
  confirm.name = "confirm_email";
  confirm.is_public = true;
  confirm.mutating = true;
  confirm.summary = "Verifies an e-mail address by the token that was sent to it";
  confirm.media_type = "application/json";
  confirm.body = http::schema<ConfirmEmailBody>();
  confirm.answers = {{204, {}}};
  confirm.problems = {{409, "account.token_used"}, {409, "account.token_expired"}};
  add_route(router, api, http::Method::kPost, "/api/v1/account/email-verification/confirm", confirm, confirm_email);
}

}  // namespace souk
