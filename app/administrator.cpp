#include "app/administrator.hpp"

#include "engine/account/credentials.hpp"
#include "gateway/api.hpp"
#include "gateway/configuring.hpp"
#include "privacy/canonical_name.hpp"

namespace souk {
namespace {

struct Standing {
  account::Status status = account::Status::kNone;
  std::optional<Error> refusal;
};

Result<Standing> wait_for(const Awaited<Standing>& standing) {
  return standing.take(
      {ErrorCode::kUnavailable, "admin.timeout", "the administrator's account was not answered for in time"});
}

/// Hears of a state once it is durable.
Then<Account> tell(Api& api, const Awaited<Standing>& told) {
  return [&api, told](const Judged<Account>& judged) {
    Standing standing{judged.state.status, std::nullopt};
    if (judged.refusal != nullptr) standing.refusal = *judged.refusal;
    api.answers.hold(judged.position, [told, standing] { told.give(standing); });
  };
}

/// An earlier start may have been killed in the middle: its claims are answered first.
Result<Standing> look(Api& api, AccountId id) {
  const Awaited<Standing> looked;
  AskOptions<Account> until_answered;
  until_answered.until = [](const account::State& state) { return state.status != account::Status::kPending; };
  api.host.read<Account>(id, std::move(until_answered), tell(api, looked));
  return wait_for(looked);
}

Result<account::Register> make_command(Api& api, AccountId id, const std::string& username, const std::string& password,
                                       const PasswordCost& cost) {
  const auto canonical = canonical_name(username);
  if (!canonical) return tl::unexpected<Error>(canonical.error());
  auto hash = hash_password(password, cost);
  if (!hash) return tl::unexpected<Error>(std::move(hash.error()));
  auto name = api.vault.seal(id, username);
  if (!name) return tl::unexpected<Error>(std::move(name.error()));
  auto secret = api.vault.seal_secret(id, *hash);
  if (!secret) return tl::unexpected<Error>(std::move(secret.error()));
  account::Register command;
  command.username = *name;
  command.email = *name;
  command.password_hash = *secret;
  command.username_claim = claim_id(api.claim_ids, NameKind::kUsername, *canonical);
  // It has no address; its claim is to a text that is none, so it stands in nobody's way.
  command.email_claim = claim_id(api.claim_ids, NameKind::kEmail, "administrator " + *canonical);
  command.role = account::Role::kAdmin;
  command.at = api.clock.now();
  return command;
}

}  // namespace

Result<void> ensure_administrator(Api& api, const std::string& username, const std::string& password,
                                  const PasswordCost& cost) {
  const auto wrong = [](std::string_view setting, const Error& error) {
    return fail(ErrorCode::kInvalid, "config.invalid", std::string(setting) + ": " + error.detail);
  };
  const auto canonical = canonical_name(username);
  if (!canonical) return wrong("admin.username", canonical.error());
  if (auto valid = account::validate_username(username); !valid) return wrong("admin.username", valid.error());
  if (auto valid = account::validate_password(password); !valid) return wrong("admin.password", valid.error());
  AccountId id{api.command_ids.id({"administrator", *canonical})};
  auto standing = look(api, id);
  // One that was deleted is made anew, as another account.
  for (int made = 1; standing && standing->status == account::Status::kDeleted; ++made) {
    id = AccountId{api.command_ids.id({"administrator", *canonical, std::to_string(made)})};
    standing = look(api, id);
  }
  if (!standing) return tl::unexpected<Error>(std::move(standing.error()));

  if (standing->status == account::Status::kNone) {
    auto command = make_command(api, id, username, password, cost);
    if (!command) return tl::unexpected<Error>(std::move(command.error()));
    AskOptions<Account> options;
    options.until = [](const account::State& state) {
      return state.status == account::Status::kActive || state.status == account::Status::kRejected;
    };
    const Awaited<Standing> asked;
    api.host.ask<Account>(id, std::move(*command), configuration_meta(), std::move(options), tell(api, asked));
    standing = wait_for(asked);
    if (!standing) return tl::unexpected<Error>(std::move(standing.error()));
    if (standing->refusal) return tl::unexpected<Error>(*standing->refusal);
  }
  if (standing->status == account::Status::kRejected) {
    return fail(ErrorCode::kConflict, "config.admin_name_taken", "admin.username is the name of another account");
  }
  return {};
}

}  // namespace souk
