#include "engine/account/account.hpp"

#include "engine/account/names.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace account;
using Events = std::vector<Account::Event>;

Result<void> check_active(const State& state) {
  if (state.status == Status::kActive) return {};
  return fail(ErrorCode::kNotFound, "account.not_found", "there is no such account");
}

tl::unexpected<Error> incomplete(std::string what) {
  return fail(ErrorCode::kInvalid, "account.incomplete", std::move(what));
}

Result<Events> on(const State& state, const Register& command) {
  return decide_register(state, command);
}
Result<Events> on(const State& state, const RecordClaim& command) {
  return decide_claim(state, command);
}
Result<Events> on(const State& state, const Change& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  return decide_change(state, command);
}

Result<Events> on(const State& state, const ChangePassword& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  if (command.password_hash.sealed.empty()) return incomplete("there is no new password");
  if (command.verified_against != state.password_hash) {
    return fail(ErrorCode::kConflict, "account.password_changed_meanwhile",
                "the password was changed while this was being looked at");
  }
  return Events{PasswordChanged{command.password_hash, state.generation + 1, command.at}};
}

const std::optional<Message>& newest(const State& state, MessageKind kind) {
  return kind == MessageKind::kPasswordReset ? state.reset : state.verification;
}

Result<Events> on(const State& state, const RequestMessage& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  if (command.id.empty() || command.token_hash.empty()) return incomplete("a message needs an id and a token");
  if (command.expires_at <= command.at) {
    return fail(ErrorCode::kInvalid, "account.expiry_invalid", "a token cannot expire before it is made");
  }
  if (command.kind == MessageKind::kEmailVerification && state.email_verified) {
    return fail(ErrorCode::kConflict, "account.email_verified", "this e-mail address is verified already");
  }
  const auto& last = newest(state, command.kind);
  if (last && command.at < last->requested_at + command.interval) {
    return fail(ErrorCode::kTooMany, "account.message_too_soon", "a message was asked for a moment ago");
  }
  return Events{
      MessageRequested{command.id, command.kind, state.email, command.token_hash, command.at, command.expires_at}};
}

Result<Events> on(const State& state, const RecordMessage& command) {
  for (const auto* message : {&state.reset, &state.verification}) {
    if (!*message || (*message)->id != command.id || (*message)->delivery != Delivery::kPending) continue;
    if (command.sent) return Events{MessageSent{command.id, command.at}};
    return Events{MessageFailed{command.id, command.at}};
  }
  return Events{};
}

Result<Events> on(const State& state, const ResetPassword& command) {
  if (auto valid = check_token(state.reset, command.token_hash, command.at); !valid) {
    return tl::unexpected<Error>(valid.error());
  }
  if (command.password_hash.sealed.empty()) return incomplete("there is no new password");
  return Events{PasswordReset{state.reset->id, command.password_hash, state.generation + 1, command.at}};
}

Result<Events> on(const State& state, const VerifyEmail& command) {
  if (auto valid = check_token(state.verification, command.token_hash, command.at); !valid) {
    return tl::unexpected<Error>(valid.error());
  }
  return Events{EmailVerified{state.verification->id, command.at}};
}

Result<Events> on(const State& state, const RevokeTokens& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  return Events{TokensRevoked{state.generation + 1, command.at}};
}

Result<Events> on(const State& state, const Ban& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  if (command.reason.sealed.empty()) return incomplete("a ban needs a reason");
  if (command.until && *command.until <= command.at) {
    return fail(ErrorCode::kInvalid, "account.ban_expiry_invalid", "until: this is over already");
  }
  if (state.ban && state.ban->reason == command.reason && state.ban->until == command.until) return Events{};
  return Events{Banned{command.reason, command.until, state.generation + 1, command.at}};
}

Result<Events> on(const State& state, const Release& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  if (!state.ban) return Events{};
  return Events{Released{command.at}};
}

Result<Events> on(const State& state, const Delete& command) {
  if (auto active = check_active(state); !active) return tl::unexpected<Error>(active.error());
  Deleted deleted{{state.username_claim, state.email_claim}, state.generation + 1, command.at};
  // What is granted of a change under way goes with it; what is not answered yet is returned when the answer comes.
  if (state.change) append_granted(*state.change, deleted.freed);
  return Events{std::move(deleted)};
}

}  // namespace

Result<std::vector<Account::Event>> Account::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

std::optional<Account::Command> Account::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
