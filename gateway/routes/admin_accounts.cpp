#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct BanView {
  std::string reason;
  std::optional<Time> until;
  Time at;
  static constexpr auto fields() {
    return field_list(field("reason", &BanView::reason), field("until", &BanView::until), field("at", &BanView::at));
  }
};
/// Reads the disk.
Result<std::optional<BanView>> view_of(Vault& vault, AccountId id, const std::optional<account::CurrentBan>& ban) {
  if (!ban) return std::optional<BanView>{};
  return open_ban_reason(vault, id, *ban).map([&](std::string&& reason) {
    return std::optional(BanView{std::move(reason), ban->until, ban->at});
  });
}

/// What an administrator sees. Of a deleted account nothing of the person is left to be shown.
struct AdminAccountView {
  AccountId id;
  account::Status status = account::Status::kNone;
  account::Role role = account::Role::kUser;
  std::optional<std::string> username;
  std::optional<std::string> email;
  bool email_verified = false;
  std::optional<account::Profile> profile;
  Time created_at;
  std::optional<Time> deleted_at;
  std::optional<BanView> ban;  ///< which may be over
  static constexpr auto fields() {
    return field_list(field("id", &AdminAccountView::id), field("status", &AdminAccountView::status),
                      field("role", &AdminAccountView::role), field("username", &AdminAccountView::username),
                      field("email", &AdminAccountView::email),
                      field("email_verified", &AdminAccountView::email_verified),
                      field("profile", &AdminAccountView::profile), field("created_at", &AdminAccountView::created_at),
                      field("deleted_at", &AdminAccountView::deleted_at), field("ban", &AdminAccountView::ban));
  }
  static constexpr std::string_view kExample =
      R"({"id":"1p3tkyzrkwd336dt3z39bqqp4d","status":"active","role":"user","username":"ada",)"
      R"("email":"ada@mail.example","email_verified":true,"profile":{"sex":"female","description":"Drinks tea",)"
      R"("avatar":"https://shop.example/ada.png"},"created_at":"2026-11-23T08:55:36.551548Z"})";
};

struct AdminAccountItem {
  AccountId id;
  std::string status;
  std::string role;
  std::optional<std::string> username;
  std::optional<std::string> email;
  bool email_verified = false;
  Time created_at;
  Time updated_at;
  std::optional<BanView> ban;
  static constexpr auto fields() {
    return field_list(field("id", &AdminAccountItem::id), field("status", &AdminAccountItem::status),
                      field("role", &AdminAccountItem::role), field("username", &AdminAccountItem::username),
                      field("email", &AdminAccountItem::email),
                      field("email_verified", &AdminAccountItem::email_verified),
                      field("created_at", &AdminAccountItem::created_at),
                      field("updated_at", &AdminAccountItem::updated_at), field("ban", &AdminAccountItem::ban));
  }
  static constexpr std::string_view kExample =
      R"({"id":"1p3tkyzrkwd336dt3z39bqqp4d","status":"active","role":"user","username":"ada",)"
      R"("email":"ada@mail.example","email_verified":true,"created_at":"2026-11-23T08:55:36.551548Z",)"
      R"("updated_at":"2026-11-23T08:55:36.551548Z"})";
};

void show(const ApiCallPtr& call, AccountId id, const account::State& state, Version version, Position position) {
  const auto opened = open_account(call->api.vault, id, state);
  auto ban = view_of(call->api.vault, id, state.ban);
  if (!opened || !ban) {
    call->refuse(position, opened ? ban.error() : opened.error());
    return;
  }
  AdminAccountView view{id, state.status, state.role, {}, {}, state.email_verified, {}, state.requested_at, {}, {}};
  view.deleted_at = state.deleted_at;
  view.ban = std::move(*ban);
  if (state.status != account::Status::kDeleted) {
    view.username = opened->username;
    view.email = view_of(id, state, *opened).email;
    view.profile = opened->profile;
  }
  call->answer_entity(position, version, encode(view));
}

void get_account(const ApiCallPtr& call) {
  const auto id = call->id<AccountTag>("id", "account.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Account>(*id, {}, [call, id = *id](const Judged<Account>& judged) {
    const auto status = judged.state.status;
    const bool is_there = status != account::Status::kNone && status != account::Status::kRejected;
    if (judged.refusal != nullptr || !is_there) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
      return;
    }
    call->api.queries.submit([call, id, state = judged.state, version = judged.version, position = judged.position] {
      show(call, id, state, version, position);
    });
  });
}

/// Opens what is sealed in a row; what belonged to a forgotten person is left out.
Result<std::string> render(Vault& vault, const AccountSummary& account) {
  account::State sealed;
  sealed.username = account.username;
  sealed.email = account.email;
  auto ban = view_of(vault, account.id, account.ban);
  if (!ban) return tl::unexpected<Error>(std::move(ban.error()));
  return open_account(vault, account.id, sealed).map([&](const OpenedAccount& opened) {
    AdminAccountItem item{account.id,         account.status,     account.role,   {}, {}, account.email_verified,
                          account.created_at, account.updated_at, std::move(*ban)};
    if (!opened.username.empty()) item.username = opened.username;
    item.email = view_of(account.id, sealed, opened).email;
    return encode(item);
  });
}

void list_page(const ApiCallPtr& call, const std::string& scope, const PageRequest& page,
               const std::optional<std::string>& status) {
  const auto found = call->api.projections.accounts().list(page.limit, page.after, status);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  std::vector<std::string> items;
  for (const auto& account : found->items) {
    auto item = render(call->api.vault, account);
    if (!item) {
      call->refuse(found->position, item.error());
      return;
    }
    items.push_back(std::move(*item));
  }
  call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
}

void list_accounts(const ApiCallPtr& call) {
  const auto asked = call->request().query("status");
  if (!asked) {
    call->refuse(asked.error());
    return;
  }
  std::optional<std::string> status;
  if (*asked) status = std::string(**asked);
  if (status && *status != name_of(account::Status::kActive) && *status != name_of(account::Status::kDeleted) &&
      *status != Accounts::kBanned) {
    call->refuse(Error{ErrorCode::kInvalid, "query.status_invalid", "status is active, deleted or banned"});
    return;
  }
  const std::string scope = encode(std::vector<std::string>{"accounts", status.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.accounts_follower(), [call, scope, page = *page, status] {
    call->api.queries.submit([call, scope, page, status] { list_page(call, scope, page, status); });
  });
}

struct BanBody {
  std::string reason;
  std::optional<Time> until;
  static constexpr auto fields() {
    return field_list(field("reason", &BanBody::reason), field("until", &BanBody::until));
  }
  static constexpr auto limits() {
    return limit_list(limit("reason", length(1, account::kBanReasonSizeMax)),
                      limit("until", says("Default: until somebody releases it")));
  }
  static constexpr std::string_view kExample = R"({"reason":"Resells tickets","until":"2036-01-01T00:00:00.000000Z"})";
};

void change_ban(const ApiCallPtr& call, AccountId id, Account::Command command) {
  ask_account(call, id, std::move(command), call->options<Account>(), [call, id](const Judged<Account>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    call->api.queries.submit([call, id, state = judged.state, version = judged.version, position = judged.position] {
      show(call, id, state, version, position);
    });
  });
}

/// Seals the reason, unless it is the one that stands there sealed. Reads the disk.
Result<Personal<std::string>> seal_reason(Vault& vault, AccountId id, const account::State& state,
                                          const std::string& reason) {
  if (state.ban && !state.ban->reason.sealed.empty()) {
    const auto known = open_ban_reason(vault, id, *state.ban);
    if (!known) return tl::unexpected<Error>(known.error());
    if (*known == reason) return state.ban->reason;
  }
  return vault.seal(id, reason);
}

void ban(const ApiCallPtr& call) {
  const auto id = call->id<AccountTag>("id", "account.not_found");
  auto body = call->body<BanBody>();
  if (!id || !body) {
    call->refuse(id ? body.error() : id.error());
    return;
  }
  if (auto valid = account::validate_ban_reason(body->reason); !valid) {
    call->refuse(valid.error());
    return;
  }
  if (*id == call->account()) {
    call->refuse(Error{ErrorCode::kConflict, "account.own_ban", "nobody can ban themselves"});
    return;
  }
  call->api.host.read<Account>(*id, {}, [call, id = *id, body = std::move(*body)](const Judged<Account>& judged) {
    if (judged.refusal != nullptr || judged.state.status != account::Status::kActive) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
      return;
    }
    call->api.queries.submit([call, id, body, state = judged.state, position = judged.position] {
      auto reason = seal_reason(call->api.vault, id, state, body.reason);
      if (reason) {
        change_ban(call, id, account::Ban{std::move(*reason), body.until, call->now()});
      } else {
        call->refuse(position, reason.error().code == ErrorCode::kInternal ? reason.error() : no_such_account());
      }
    });
  });
}

void release(const ApiCallPtr& call) {
  const auto id = call->id<AccountTag>("id", "account.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  change_ban(call, *id, account::Release{call->now()});
}

}  // namespace

void add_admin_account_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kSupport;
  info.name = "list_accounts";
  info.summary = "Lists accounts, the newest first";
  info.query = http::page_parameters({http::query<std::string>(
      "status", "Only active, deleted or banned ones; a ban that is over and not released counts",
      matching("^(active|deleted|banned)$"))});
  info.answers = {{200, http::page_of<AdminAccountItem>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/accounts", info, list_accounts);
  info.name = "get_account_as_administrator";
  info.summary = "Shows an account";
  info.query = {};
  info.answers = {{200, http::schema<AdminAccountView>()}};
  info.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/accounts/{id}", info, get_account);

  info.role = kAdministrator;
  info.mutating = true;
  info.name = "release_account";
  info.summary = "Lets a banned account in again";
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/accounts/{id}/ban", info, release);
  info.name = "ban_account";
  info.summary = "Keeps an account out: every token of it is void from now on, and nobody can log in to it before then";
  info.media_type = "application/json";
  info.body = http::schema<BanBody>();
  info.problems = {{404, "account.not_found"}, {409, "account.own_ban"}};
  add_route(router, api, http::Method::kPut, "/api/v1/admin/accounts/{id}/ban", info, ban);
}

}  // namespace souk
