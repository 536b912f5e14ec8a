#include "engine/account/state.hpp"

#include "engine/account/account.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace account {

Result<void> check_token(const std::optional<Message>& message, std::string_view token_hash, Time now) {
  if (!message || token_hash.empty() || message->token_hash != token_hash) {
    return fail(ErrorCode::kInvalid, "account.token_invalid", "this is not the token of the newest message");
  }
  if (message->used) return fail(ErrorCode::kConflict, "account.token_used", "this token was used already");
  if (now >= message->expires_at) {
    return fail(ErrorCode::kConflict, "account.token_expired", "this token has expired; ask for another one");
  }
  return {};
}

Result<std::string> Banned::upcast(std::uint16_t /*from*/, std::string_view payload) {
  return decode<BannedInTheClear>(payload, UnknownFields::kIgnored).map([](const BannedInTheClear& event) {
    return encode(Banned{{}, event.until, event.generation, event.at});
  });
}

}  // namespace account

namespace {

using namespace account;

void apply(State& state, const RegistrationRequested& event) {
  state.status = Status::kPending;
  state.username = event.username;
  state.email = event.email;
  state.password_hash = event.password_hash;
  state.username_claim = event.username_claim;
  state.email_claim = event.email_claim;
  state.role = event.role;
  state.requested_at = event.at;
  state.profile = event.profile.value_or(Personal<Profile>{});
}

void set_answer(State& state, ClaimId claim, Answer answer) {
  if (!state.change) {
    (claim == state.username_claim ? state.username_answer : state.email_answer) = answer;
  } else if (claim == state.change->details.username_claim) {
    state.change->username_answer = answer;
  } else {
    state.change->email_answer = answer;
  }
}
void apply(State& state, const ClaimGranted& event) {
  set_answer(state, event.claim, Answer::kGranted);
}
void apply(State& state, const ClaimRefused& event) {
  set_answer(state, event.claim, Answer::kRefused);
}
void apply(State& /*state*/, const ClaimReturned& /*event*/) {}
void apply(State& state, const Registered& /*event*/) {
  state.status = Status::kActive;
}
void apply(State& state, const RegistrationRejected& /*event*/) {
  state.status = Status::kRejected;
}

void apply(State& state, const ChangeRequested& event) {
  state.change = PendingChange{event.details, Answer::kPending, Answer::kPending};
  state.refused_claims.clear();
}
void apply(State& state, const Changed& event) {
  const auto& details = event.details;
  state.change.reset();
  state.refused_claims.clear();
  if (details.username) state.username = *details.username;
  if (details.username_claim) state.username_claim = *details.username_claim;
  if (details.profile) state.profile = *details.profile;
  if (details.email_claim) state.email_claim = *details.email_claim;
  if (!details.email) return;
  state.email = *details.email;
  // Another address has to prove itself, and what was sent to the old one counts no more.
  state.email_verified = false;
  state.reset.reset();
  state.verification.reset();
}
void apply(State& state, const ChangeRefused& event) {
  state.change.reset();
  state.refused_claims = event.refused;
}

void set_password(State& state, const Secret<std::string>& hash, std::int64_t generation) {
  state.password_hash = hash;
  state.generation = generation;
}
void apply(State& state, const PasswordChanged& event) {
  set_password(state, event.password_hash, event.generation);
  // Whoever knows the password needs no token to replace it.
  state.reset.reset();
}
void apply(State& state, const PasswordReset& event) {
  set_password(state, event.password_hash, event.generation);
  if (state.reset) state.reset->used = true;
}

void apply(State& state, const MessageRequested& event) {
  Message message{event.id, event.token_hash, event.at, event.expires_at, false, Delivery::kPending};
  (event.kind == MessageKind::kPasswordReset ? state.reset : state.verification) = std::move(message);
}
void set_delivery(State& state, MessageId id, Delivery delivery) {
  for (auto* message : {&state.reset, &state.verification}) {
    if (*message && (*message)->id == id) (*message)->delivery = delivery;
  }
}
void apply(State& state, const MessageSent& event) {
  set_delivery(state, event.id, Delivery::kSent);
}
void apply(State& state, const MessageFailed& event) {
  set_delivery(state, event.id, Delivery::kFailed);
}
void apply(State& state, const EmailVerified& /*event*/) {
  state.email_verified = true;
  if (state.verification) state.verification->used = true;
}

void apply(State& state, const TokensRevoked& event) {
  state.generation = event.generation;
}
void apply(State& state, const Banned& event) {
  state.generation = event.generation;
  state.ban = CurrentBan{event.reason, event.until, event.at};
}
void apply(State& state, const Released& /*event*/) {
  state.ban.reset();
}
void apply(State& state, const Deleted& event) {
  State left;
  left.status = Status::kDeleted;
  left.role = state.role;
  left.requested_at = state.requested_at;
  left.generation = event.generation;
  left.deleted_at = event.at;
  state = std::move(left);
}

}  // namespace

Account::State Account::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

}  // namespace souk
