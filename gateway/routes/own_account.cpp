#include <algorithm>

#include "engine/account/credentials.hpp"
#include "gateway/accounts.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

constexpr int kTriesMax = 5;

struct AccountPatch {
  std::optional<std::string> username;
  std::optional<std::string> email;
  std::optional<account::Sex> sex;
  std::optional<std::string> description;
  std::optional<std::string> avatar;
  std::optional<std::string>
      current_password;  ///< for another e-mail address only: who has that can reset the password
  static constexpr auto fields() {
    return field_list(field("username", &AccountPatch::username), field("email", &AccountPatch::email),
                      field("sex", &AccountPatch::sex), field("description", &AccountPatch::description),
                      field("avatar", &AccountPatch::avatar),
                      field("current_password", &AccountPatch::current_password));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("username", length(account::kUsernameSizeMin, account::kUsernameSizeMax), not_null()),
        limit("email", length(3, account::kEmailBytesMax), formatted("email"), not_null()),
        limit("current_password", length(0, account::kPasswordBytesMax), says("Needed for another email")),
        limit("description", length(0, account::kDescriptionSizeMax)),
        limit("avatar", length(0, account::kAvatarBytesMax), matching("^(https?://[^ ]+)?$")));
  }
  static constexpr std::string_view kExample = R"({"description":"Drinks tea","sex":"female"})";
};

/// What an account shall be like.
struct Wanted {
  std::optional<ClaimedName> username;
  std::optional<ClaimedName> email;
  std::optional<account::Sex> sex;
  std::optional<std::string> description;
  std::optional<std::string> avatar;
  std::optional<std::string> current_password;
  std::optional<std::vector<Version>> only_at;
};
using WantedPtr = std::shared_ptr<Wanted>;

/// Names cannot be taken away.
Result<AccountPatch> read_patch(const ApiCall& call) {
  auto body = call.body<AccountPatch>();
  if (!body) return body;
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "sex") body->sex = account::Sex::kUnknown;
    if (key == "description") body->description = "";
    if (key == "avatar") body->avatar = "";
    return key != "username" && key != "email";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return body;
}

Result<WantedPtr> read_wanted(const ApiCall& call) {
  auto body = read_patch(call);
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  auto only_at = call.if_match();
  if (!only_at) return tl::unexpected<Error>(std::move(only_at.error()));
  auto wanted = std::make_shared<Wanted>();
  if (body->username) {
    auto username = read_username(call.api, std::move(*body->username));
    if (!username) return tl::unexpected<Error>(std::move(username.error()));
    wanted->username = std::move(*username);
  }
  if (body->email) {
    auto email = read_email(call.api, std::move(*body->email));
    if (!email) return tl::unexpected<Error>(std::move(email.error()));
    wanted->email = std::move(*email);
  }
  if (body->current_password && body->current_password->size() > account::kPasswordBytesMax) {
    return fail(ErrorCode::kInvalid, "account.password_invalid", "current_password: no password has so many bytes");
  }
  const account::Profile told{account::Sex::kUnknown, body->description.value_or(""), body->avatar.value_or("")};
  if (auto valid = validate(told); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  wanted->sex = body->sex;
  wanted->description = std::move(body->description);
  wanted->avatar = std::move(body->avatar);
  wanted->current_password = std::move(body->current_password);
  wanted->only_at = std::move(*only_at);
  return wanted;
}

template <class T>
Result<void> seal_if(std::optional<Personal<T>>& out, Vault& vault, AccountId id, bool is_new, const T& value) {
  if (!is_new) return {};
  auto sealed = vault.seal(id, value);
  if (!sealed) return tl::unexpected<Error>(std::move(sealed.error()));
  out = std::move(*sealed);
  return {};
}

/// What of the wanted differs from what is there, sealed.
Result<account::Details> seal_changes(Vault& vault, AccountId id, const Wanted& wanted, const OpenedAccount& now) {
  account::Details details;
  Result<void> done;
  if (wanted.username && wanted.username->text != now.username) {
    done = seal_if(details.username, vault, id, true, wanted.username->text);
    details.username_claim = wanted.username->claim;
  }
  if (done && wanted.email && wanted.email->text != now.email) {
    done = seal_if(details.email, vault, id, true, wanted.email->text);
    details.email_claim = wanted.email->claim;
  }
  account::Profile profile = now.profile;
  if (wanted.sex) profile.sex = *wanted.sex;
  if (wanted.description) profile.description = *wanted.description;
  if (wanted.avatar) profile.avatar = *wanted.avatar;
  if (done) done = seal_if(details.profile, vault, id, profile != now.profile, profile);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return details;
}

bool was_refused(const account::State& state, const std::optional<ClaimedName>& name) {
  return name && std::ranges::find(state.refused_claims, name->claim) != state.refused_claims.end();
}

void try_to_change(const ApiCallPtr& call, const WantedPtr& wanted, int tries);

void answer_changed(const ApiCallPtr& call, const WantedPtr& wanted, int tries, const Judged<Account>& judged) {
  if (judged.refusal != nullptr) {
    // Somebody else changed it since it was looked at; nobody said that this must not be.
    const bool may_look_again = !wanted->only_at && tries < kTriesMax;
    if (judged.refusal->code == ErrorCode::kPreconditionFailed && may_look_again) {
      try_to_change(call, wanted, tries + 1);
      return;
    }
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  const bool username = was_refused(judged.state, wanted->username);
  const bool email = was_refused(judged.state, wanted->email);
  if (username || email) {
    call->refuse(judged.position, names_taken(username, email));
    return;
  }
  answer_account(call, call->account(), judged);
}

/// `details`: what has to change of the account as it was at `version`.
void ask_to_change(const ApiCallPtr& call, const WantedPtr& wanted, int tries, account::Details details,
                   Version version) {
  auto options = call->options<Account>();
  options.only_at = wanted->only_at.value_or(std::vector{version});
  // Of several allowed versions only the one that was looked at will do.
  if (std::ranges::find(*options.only_at, version) != options.only_at->end()) options.only_at = {version};
  options.until = [call](const account::State& now) { return !now.change || call->exchange().answered(); };
  ask_account(call, call->account(), account::Change{std::move(details), call->now()}, std::move(options),
              [call, wanted, tries](const Judged<Account>& changed) { answer_changed(call, wanted, tries, changed); });
}

/// Reads the disk.
void change_looked_at(const ApiCallPtr& call, const WantedPtr& wanted, int tries, const account::State& state,
                      Version version, Position position) {
  const AccountId id = call->account();
  auto details = open_account(call->api.vault, id, state).and_then([&](const OpenedAccount& opened) {
    return seal_changes(call->api.vault, id, *wanted, opened);
  });
  if (!details) {
    call->refuse(position, details.error());
    return;
  }
  if (!details->email) {
    ask_to_change(call, wanted, tries, std::move(*details), version);
    return;
  }
  if (!wanted->current_password) {
    call->refuse(position, Error{ErrorCode::kForbidden, "account.password_required",
                                 "another e-mail address needs the current password beside it"});
    return;
  }
  check_password(call, id, state.password_hash, *wanted->current_password, position,
                 [call, wanted, tries, details = std::move(*details), version] {
                   ask_to_change(call, wanted, tries, details, version);
                 });
}

/// The patch is of what is sealed, so it is made here, from what the account was when it was looked at.
void try_to_change(const ApiCallPtr& call, const WantedPtr& wanted, int tries) {
  call->api.host.read<Account>(call->account(), {}, [call, wanted, tries](const Judged<Account>& judged) {
    if (judged.refusal != nullptr || judged.state.status != account::Status::kActive) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_account());
      return;
    }
    call->api.queries.submit(
        [call, wanted, tries, state = judged.state, version = judged.version, position = judged.position] {
          change_looked_at(call, wanted, tries, state, version, position);
        });
  });
}

void change_own_account(const ApiCallPtr& call) {
  auto wanted = read_wanted(*call);
  if (!wanted) {
    call->refuse(wanted.error());
    return;
  }
  refuse_at_deadline(call);
  try_to_change(call, *wanted, 1);
}

void get_own_account(const ApiCallPtr& call) {
  const AccountId id = call->account();
  call->api.host.read<Account>(id, {}, [call, id](const Judged<Account>& judged) { answer_account(call, id, judged); });
}

void delete_own_account(const ApiCallPtr& call) {
  auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  auto options = call->options<Account>();
  options.only_at = std::move(*only_at);
  ask_account(call, call->account(), account::Delete{call->now()}, std::move(options),
              [call](const Judged<Account>& judged) { answer_done(call, judged); });
}

}  // namespace

void add_own_account_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.name = "get_account";
  read.summary = "Shows the caller's account";
  read.answers = {{200, http::schema<AccountView>()}};
  read.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/account", read, get_own_account);

  http::RouteInfo write;
  write.mutating = true;
  write.precondition = http::Precondition::kAccepted;
  write.name = "change_account";
  write.summary = "Changes the caller's account; of one request either everything changes or nothing";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<AccountPatch>();
  write.answers = {{200, http::schema<AccountView>()}};
  write.problems = {{403, "account.password_required"}, {403, "account.wrong_password"},
                    {404, "account.not_found"},         {409, "account.username_taken"},
                    {409, "account.email_taken"},       {409, "account.change_under_way"}};
  add_route(router, api, http::Method::kPatch, "/api/v1/account", write, change_own_account);
  write.name = "delete_account";
  write.summary = "Deletes the caller's account: its names become free, its access tokens void";
  write.media_type = {};
  write.body = {};
  write.answers = {{204, {}}};
  write.problems = {{404, "account.not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/account", write, delete_own_account);
}

}  // namespace souk
