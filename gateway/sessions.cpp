#include "gateway/sessions.hpp"

#include <algorithm>
#include <limits>

#include "gateway/token_cookies.hpp"

namespace souk {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// What an event makes void.
struct Revoking {
  Revocations& revocations;
  AccountId account;

  /// Of those that begin another generation of the account's tokens.
  template <class E>
  void on(const E& event) {
    if constexpr (requires { event.generation; } && !std::is_same_v<E, sessions::Started>) {
      revocations.raise(account, event.generation);
    }
  }
  void on(const sessions::Ended& event) {
    for (const auto& id : event.ids) revocations.end(account, id, event.at);
  }
};

template <class E>
Result<void> take_in_as(Revocations& revocations, const EventRecord& record) {
  const auto event = decode_event<typename E::Event>(record.type, record.schema, record.payload);
  if (!event) return tl::unexpected<Error>(event.error());
  Revoking revoking{revocations, AccountId{record.stream.id()}};
  std::visit([&](const auto& happened) { revoking.on(happened); }, *event);
  return {};
}

void take_in(Revocations& revocations, const EventRecord& record) {
  Result<void> taken;
  if (record.stream.kind() == Account::kKind) taken = take_in_as<Account>(revocations, record);
  if (record.stream.kind() == Sessions::kKind) taken = take_in_as<Sessions>(revocations, record);
  if (!taken) revocations.raise(AccountId{record.stream.id()}, std::numeric_limits<std::int64_t>::max());
}

}  // namespace

void ask_sessions(const ApiCallPtr& call, AccountId account, Sessions::Command command, CommandMeta meta,
                  AskOptions<Sessions> options, Then<Sessions> then) {
  call->api.host.ask<Sessions>(account, std::move(command), std::move(meta), std::move(options),
                               [call, account, then = std::move(then)](const Judged<Sessions>& judged) {
                                 const Time forgotten{call->now().us - sessions::kTokenLifeMax.us};
                                 for (const auto& ended : judged.state.ended) {
                                   if (ended.at > forgotten) call->api.revocations.end(account, ended.id, ended.at);
                                 }
                                 then(judged);
                               });
}

Result<sessions::Session> next_turn(const Judged<Sessions>& judged, SessionId id) {
  // Of a stream that was not read nothing is known, least of all that the session has ended.
  if (judged.refusal != nullptr && judged.refusal->reason != "sessions.ended") {
    return tl::unexpected<Error>(*judged.refusal);
  }
  // A turn that is still to come is refused, though the session is open.
  const auto* session = judged.refusal == nullptr ? sessions::find(judged.state, id) : nullptr;
  if (session != nullptr) return *session;
  const auto ended = std::ranges::find(judged.state.ended, id, &sessions::EndedSession::id);
  if (ended != judged.state.ended.end() && ended->reason == sessions::Reason::kReplayed) {
    return fail(
        ErrorCode::kUnauthenticated, "sessions.replayed",
        "this refresh token was used before, so somebody else may have it; the session has ended, log in again");
  }
  return fail(ErrorCode::kUnauthenticated, "sessions.ended", "this session has ended; log in again");
}

void replace_old_token_key(Api& api) {
  const Duration life = api.options.token_key_life;
  if (life <= Duration{} || !api.token_keys.is_due(api.clock.now(), life)) return;
  // A disk that does not take it is no reason to give out no tokens: the next one who logs in tries again.
  api.queries.submit([&api, life] {
    if (api.token_keys.rotate_if_due(api.clock.now(), life)) end_what_keys_opened(api);
  });
}

void end_what_keys_opened(Api& api) {
  api.event_streams.end_void([&api](const Principal& who) { return !api.token_keys.holds(who.key_id); });
}

Error made_void() {
  return {ErrorCode::kUnauthenticated, "token.revoked", "this token was made void; log in again"};
}

Principal::Role role_of(const account::State& state) {
  return state.role == account::Role::kAdmin ? Principal::Role::kAdministrator : Principal::Role::kCustomer;
}

void answer_session(const ApiCallPtr& call, const SessionAnswer& answer, Position position) {
  const auto& session = answer.session;
  const auto& api = call->api;
  const Id128 token_id = api.command_ids.id({"access token", session.id.str(), std::to_string(session.turn)});
  const auto key_id = session.key_id.empty() ? api.token_keys.newest() : session.key_id;
  auto access = api.tokens.issue({answer.account, answer.role, session.generation, session.id, token_id,
                                  session.refreshed_at + api.tokens.ttl(), key_id},
                                 session.refreshed_at);
  auto refresh = api.refresh_tokens.issue(
      {answer.account, session.id, session.turn, session.generation, session.expires_at, key_id});
  if (!access || !refresh) {
    call->refuse(position, made_void());
    return;
  }
  SessionView view;
  view.expires_in = api.tokens.ttl().us / kSecond;
  view.refresh_expires_in = (session.expires_at.us - session.refreshed_at.us) / kSecond;
  view.id = session.id;
  view.account = answer.account;
  view.cart_problem = answer.cart_problem;
  http::Response response;
  if (answer.place == TokenPlace::kCookies) {
    view.csrf_token = csrf_token(api.command_ids, session.id).str();
    add_token_cookies(response, api.options.cookies_secure,
                      {*access, view.expires_in, *refresh, view.refresh_expires_in, *view.csrf_token});
  } else {
    view.access_token = std::move(access);
    view.refresh_token = std::move(refresh);
  }
  response.status = answer.status;
  response.body = encode(view);
  call->answer(position, std::move(response));
}

Result<void> restore_revocations(EventLog& log, Accounts& accounts, Revocations& revocations) {
  constexpr std::size_t kBatch = 1'000;
  auto known = accounts.void_tokens();
  if (!known) return tl::unexpected<Error>(std::move(known.error()));
  for (const auto& [account, generation] : known->generations) revocations.raise(account, generation);
  for (const auto& session : known->sessions) revocations.end(session.account, session.id, session.ended_at);
  for (const auto at : known->parked) {
    const auto records = log.read(Position{at.value - 1}, 1, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) continue;
    take_in(revocations, *records->front());
  }
  for (Position position = known->position;;) {
    const auto records = log.read(position, kBatch, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return {};
    for (const auto& record : *records) {
      position = record->position;
      take_in(revocations, *record);
    }
  }
}

}  // namespace souk
