#include <algorithm>

#include "gateway/accounts.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/sessions.hpp"
#include "gateway/token_cookies.hpp"

namespace souk {
namespace {

/// A session as it is listed.
struct ListedSession {
  SessionId id;
  Time started_at;
  Time refreshed_at;
  Time expires_at;
  bool current = false;
  std::optional<std::string> address;
  std::optional<std::string> agent;
  std::optional<std::string> csrf_token;
  static constexpr auto fields() {
    return field_list(field("id", &ListedSession::id), field("started_at", &ListedSession::started_at),
                      field("refreshed_at", &ListedSession::refreshed_at),
                      field("expires_at", &ListedSession::expires_at), field("current", &ListedSession::current),
                      field("address", &ListedSession::address), field("agent", &ListedSession::agent),
                      field("csrf_token", &ListedSession::csrf_token));
  }
  static constexpr std::string_view kExample =
      R"({"id":"6fbmcde5yznwq83fazzjf99ypj","started_at":"2026-11-23T08:55:36.551548Z",)"
      R"("refreshed_at":"2026-11-23T10:50:36.551548Z","expires_at":"2026-11-30T10:50:36.551548Z","current":true,)"
      R"("address":"203.0.113.7","agent":"Firefox"})";
};

struct SessionList {
  std::vector<ListedSession> items;
  static constexpr auto fields() { return field_list(field("items", &SessionList::items)); }
};

/// Opens what is sealed: reads the disk. What is said is left out where its key is gone.
Result<ListedSession> render(const ApiCall& call, AccountId account, const sessions::Session& session) {
  ListedSession out;
  out.id = session.id;
  out.started_at = session.started_at;
  out.refreshed_at = session.refreshed_at;
  out.expires_at = session.expires_at;
  out.current = call.caller->session == session.id;
  auto device = call.api.vault.open(account, session.device);
  if (device) {
    if (!device->address.empty()) out.address = std::move(device->address);
    if (!device->agent.empty()) out.agent = std::move(device->agent);
  } else if (device.error().code == ErrorCode::kInternal) {
    return tl::unexpected<Error>(std::move(device.error()));
  }
  return out;
}

void list_of_account(const ApiCallPtr& call, AccountId account) {
  call->api.host.read<Sessions>(account, {}, [call, account](const Judged<Sessions>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    call->api.queries.submit([call, account, open = judged.state.open, position = judged.position] {
      SessionList list;
      for (const auto& session : open) {
        if (session.expires_at <= call->now()) continue;
        auto item = render(*call, account, session);
        if (!item) {
          call->refuse(position, item.error());
          return;
        }
        list.items.push_back(std::move(*item));
      }
      call->answer(position, http::json_response(200, encode(list)));
    });
  });
}

void list_own(const ApiCallPtr& call) {
  list_of_account(call, call->account());
}

Error no_such_session() {
  return {ErrorCode::kNotFound, "sessions.not_found", "there is no such session, or it has ended"};
}

void get_current(const ApiCallPtr& call) {
  call->api.host.read<Sessions>(call->account(), {}, [call](const Judged<Sessions>& judged) {
    const auto* session = sessions::find(judged.state, call->caller->session);
    if (judged.refusal != nullptr || session == nullptr) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_session());
      return;
    }
    call->api.queries.submit([call, session = *session, position = judged.position] {
      auto shown = render(*call, call->account(), session);
      if (!shown) {
        call->refuse(position, shown.error());
        return;
      }
      if (call->has_cookie()) shown->csrf_token = csrf_token(call->api.command_ids, session.id).str();
      call->answer(position, http::json_response(200, encode(*shown)));
    });
  });
}

void end_one(const ApiCallPtr& call, AccountId account, std::string_view parameter) {
  const auto id = call->id<SessionTag>(parameter, "sessions.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  ask_sessions(call, account, sessions::End{*id, call->now()}, call->meta(), call->options<Sessions>(),
               [call](const Judged<Sessions>& judged) {
                 if (judged.refusal != nullptr) {
                   call->refuse(judged.position, *judged.refusal);
                 } else {
                   call->answer(judged.position, no_content());
                 }
               });
}

void end_own(const ApiCallPtr& call) {
  end_one(call, call->account(), "id");
}

/// Goes on with the account in the path, if there is one.
void with_account(const ApiCallPtr& call, const std::function<void(AccountId)>& then) {
  const auto id = call->id<AccountTag>("id", "account.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Account>(*id, {}, [call, id = *id, then](const Judged<Account>& judged) {
    if (judged.refusal != nullptr || judged.state.status != account::Status::kActive) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
    } else {
      then(id);
    }
  });
}

void list_of_other(const ApiCallPtr& call) {
  with_account(call, [call](AccountId id) { list_of_account(call, id); });
}

void end_of_other(const ApiCallPtr& call) {
  with_account(call, [call](AccountId id) { end_one(call, id, "session_id"); });
}

void end_all_of_other(const ApiCallPtr& call) {
  const auto id = call->id<AccountTag>("id", "account.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  ask_account(call, *id, account::RevokeTokens{call->now()}, call->options<Account>(),
              [call](const Judged<Account>& judged) { answer_done(call, judged); });
}

}  // namespace

void add_session_list_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.name = "list_sessions";
  read.summary = "Lists where the caller's account is logged in";
  read.answers = {{200, http::list_of<ListedSession, sessions::kOpenMax>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/sessions", read, list_own);
  read.name = "get_session";
  read.summary = "Shows the session of the caller's token; with a cookie also the session's Souk-CSRF-Token";
  read.holds_secret = true;
  read.answers = {{200, http::schema<ListedSession>()}};
  read.problems = {{404, "sessions.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/sessions/current", read, get_current);

  http::RouteInfo write;
  write.mutating = true;
  write.name = "end_session";
  write.summary = "Ends one of the caller's sessions: its tokens are void from now on";
  write.answers = {{204, {}}};
  write.problems = {{404, "sessions.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/sessions/{id}", write, end_own);

  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_sessions_of_account";
  info.summary = "Lists where an account is logged in";
  info.answers = {{200, http::list_of<ListedSession, sessions::kOpenMax>()}};
  info.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/accounts/{id}/sessions", info, list_of_other);
  info.mutating = true;
  info.name = "end_sessions_of_account";
  info.summary = "Ends all sessions of an account: every token of it is void from now on";
  info.answers = {{204, {}}};
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/accounts/{id}/sessions", info, end_all_of_other);
  info.name = "end_session_of_account";
  info.summary = "Ends one session of an account: its tokens are void from now on";
  info.problems = {{404, "account.not_found"}, {404, "sessions.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/accounts/{id}/sessions/{session_id}", info,
            end_of_other);
}

}  // namespace souk
