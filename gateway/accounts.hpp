/// What the routes about accounts share: how an account is shown, and how it is asked.
#pragma once

#include <string>

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

struct AccountView {
  AccountId id;
  std::string username;
  std::optional<std::string> email;  ///< none: an administrator by configuration that never gave one
  bool email_verified = false;
  account::Role role = account::Role::kUser;
  account::Sex sex = account::Sex::kUnknown;
  std::string description;
  std::string avatar;
  Time created_at;
  static constexpr auto fields() {
    return field_list(field("id", &AccountView::id), field("username", &AccountView::username),
                      field("email", &AccountView::email), field("email_verified", &AccountView::email_verified),
                      field("role", &AccountView::role), field("sex", &AccountView::sex),
                      field("description", &AccountView::description), field("avatar", &AccountView::avatar),
                      field("created_at", &AccountView::created_at));
  }
  static constexpr std::string_view kExample =
      R"({"id":"6fbmcde5yznwq83fazzjf99ypj","username":"ada","email":"ada@mail.example","email_verified":true,)"
      R"("role":"user","sex":"female","description":"Drinks tea","avatar":"https://shop.example/ada.png",)"
      R"("created_at":"2026-11-23T08:55:36.551548Z"})";
};

/// What is sealed in an account.
struct OpenedAccount {
  std::string username;
  std::string email;
  account::Profile profile;
};
/// May read the disk. A forgotten person opens as one who has told nothing. Errors: kInternal, as Vault.
Result<OpenedAccount> open_account(Vault& vault, AccountId id, const account::State& state);
/// The same of why somebody is kept out.
Result<std::string> open_ban_reason(Vault& vault, AccountId id, const account::CurrentBan& ban);
AccountView view_of(AccountId id, const account::State& state, const OpenedAccount& opened);

/// Answers with the account as the one judged; opens it on `api.queries`. 404 "account.not_found" unless it is active.
void answer_account(const ApiCallPtr& call, AccountId id, const Judged<Account>& judged, int status = 200);

/// Asks an account. Before anybody hears of what came of it, access tokens that it made void are refused.
void ask_account(const ApiCallPtr& call, AccountId id, Account::Command command, AskOptions<Account> options,
                 Then<Account> then);

/// Goes on with `then` (on a thread of the password pool) if `given` is the password whose hash was sealed in `secret`;
/// else answers 403 "account.wrong_password". Reads the disk: from a thread of `api.queries` only.
void check_password(const ApiCallPtr& call, AccountId id, const Secret<std::string>& secret, std::string given,
                    Position position, std::function<void()> then);

/// 204, or the refusal.
void answer_done(const ApiCallPtr& call, const Judged<Account>& judged);
http::Response no_content();

Error no_such_account();

/// 409 for names that others have.
http::Problem names_taken(bool username, bool email);

/// A name with the claim that stands for it. Errors: kInvalid, as the validations and canonical_name.
struct ClaimedName {
  std::string text;
  ClaimId claim;
};
Result<ClaimedName> read_username(const Api& api, std::string text);
Result<ClaimedName> read_email(const Api& api, std::string text);

/// Nothing was said yet when claims take longer than the deadline: the client asks again with its key.
void refuse_at_deadline(const ApiCallPtr& call);

}  // namespace souk
