/// What the routes about sessions share: how they are asked, and how tokens are given out.
///
/// Tokens of a session's turn follow from what the entity says, with which key they are signed included, so the same
/// turn is always answered with the same bytes: a client whose answer was lost gets it again.
#pragma once

#include <optional>
#include <string>

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

struct SessionView {
  std::optional<std::string> access_token;  ///< none: it is in a cookie
  std::optional<std::string> refresh_token;
  std::optional<std::string> csrf_token;  ///< if the tokens are in cookies
  std::string token_type = "Bearer";
  std::int64_t expires_in = 0;          ///< seconds, of the access token when it was issued
  std::int64_t refresh_expires_in = 0;  ///< the same of the refresh token
  SessionId id;
  AccountId account;
  std::optional<std::string> cart_problem;  ///< why the guest's cart did not come in
  static constexpr auto fields() {
    return field_list(
        field("access_token", &SessionView::access_token), field("refresh_token", &SessionView::refresh_token),
        field("csrf_token", &SessionView::csrf_token), field("token_type", &SessionView::token_type),
        field("expires_in", &SessionView::expires_in), field("refresh_expires_in", &SessionView::refresh_expires_in),
        field("session_id", &SessionView::id), field("account_id", &SessionView::account),
        field("cart_problem", &SessionView::cart_problem));
  }
  static constexpr std::string_view kExample =
      R"({"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl",)"
      R"("refresh_token":"eyJhbGciOiJIUzI1NiJ9.eyJ0dXJuIjowfQ.c2lnbmF0dXJl","token_type":"Bearer",)"
      R"("expires_in":7200,"refresh_expires_in":604800,"session_id":"6fbmcde5yznwq83fazzjf99ypj",)"
      R"("account_id":"1p3tkyzrkwd336dt3z39bqqp4d"})";
};

/// Asks the sessions of an account. Before anybody hears of what came of it, access tokens of those that ended are
/// refused.
void ask_sessions(const ApiCallPtr& call, AccountId account, Sessions::Command command, CommandMeta meta,
                  AskOptions<Sessions> options, Then<Sessions> then);

/// What came of asking for a session's next turn. Errors: kUnauthenticated "sessions.replayed" (the session ended
/// because its token was used twice) and "sessions.ended"; those of the entity and of its host, which did not get to
/// look.
Result<sessions::Session> next_turn(const Judged<Sessions>& judged, SessionId id);

/// How tokens reach the client.
enum class TokenPlace : std::uint8_t { kBody, kCookies };

struct SessionAnswer {
  AccountId account;
  Principal::Role role = Principal::Role::kCustomer;
  sessions::Session session;
  TokenPlace place = TokenPlace::kBody;
  int status = 200;
  std::optional<std::string> cart_problem;
};
/// Answers with the tokens of the session's turn. Refuses with 401 "token.revoked" if the key that signs them has gone.
void answer_session(const ApiCallPtr& call, const SessionAnswer& answer, Position position);

/// Sees to it that another key signs tokens from some time on, if one has done so for long enough.
void replace_old_token_key(Api& api);
/// To be called whenever keys may have gone: what was opened with tokens that they signed ends.
void end_what_keys_opened(Api& api);

Principal::Role role_of(const account::State& state);

/// 401 "token.revoked".
Error made_void();

/// Which access tokens are void: what the read model says, and what the log says beyond it and of what it has parked.
/// An event that says nothing to this program may have made void all tokens of its account. Reads the disk; to be
/// called before anybody is served.
Result<void> restore_revocations(EventLog& log, Accounts& accounts, Revocations& revocations);

}  // namespace souk
