#include "engine/account/account.hpp"

#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace account;
using Events = std::vector<Account::Event>;

Result<Events> on(const State& state, const Register& command) {
  if (state.status != Status::kNone) {
    return fail(ErrorCode::kConflict, "account.exists", "this account is registered or being registered");
  }
  if (command.username.sealed.empty() || command.email.sealed.empty() || command.password_hash.sealed.empty() ||
      command.username_claim.empty() || command.email_claim.empty()) {
    return fail(ErrorCode::kInvalid, "account.incomplete", "an account needs a user name, an e-mail and a password");
  }
  if (command.username_claim == command.email_claim) {
    return fail(ErrorCode::kInvalid, "account.claims_equal", "the user name and the e-mail need a claim each");
  }
  return Events{RegistrationRequested{command.username, command.email, command.password_hash, command.username_claim,
                                      command.email_claim, command.role, command.at}};
}

Result<Events> on(const State& state, const RecordClaim& command) {
  const bool is_username = command.claim == state.username_claim;
  const bool is_known = is_username || command.claim == state.email_claim;
  if (state.status != Status::kPending || !is_known) return Events{};
  const Answer answered = is_username ? state.username_answer : state.email_answer;
  if (answered != Answer::kPending) return Events{};

  const Answer answer = command.granted ? Answer::kGranted : Answer::kRefused;
  Events events;
  if (command.granted) {
    events.emplace_back(ClaimGranted{command.claim});
  } else {
    events.emplace_back(ClaimRefused{command.claim});
  }
  const Answer username = is_username ? answer : state.username_answer;
  const Answer email = is_username ? state.email_answer : answer;
  if (username == Answer::kPending || email == Answer::kPending) return events;
  if (username == Answer::kGranted && email == Answer::kGranted) {
    events.emplace_back(Registered{state.role});
    return events;
  }
  RegistrationRejected rejected{username == Answer::kRefused, email == Answer::kRefused, {}};
  if (username == Answer::kGranted) rejected.granted.push_back(state.username_claim);
  if (email == Answer::kGranted) rejected.granted.push_back(state.email_claim);
  events.emplace_back(std::move(rejected));
  return events;
}

void apply(State& state, const RegistrationRequested& event) {
  state.status = Status::kPending;
  state.username = event.username;
  state.email = event.email;
  state.password_hash = event.password_hash;
  state.username_claim = event.username_claim;
  state.email_claim = event.email_claim;
  state.role = event.role;
  state.requested_at = event.at;
}

void set_answer(State& state, ClaimId claim, Answer answer) {
  (claim == state.username_claim ? state.username_answer : state.email_answer) = answer;
}
void apply(State& state, const ClaimGranted& event) {
  set_answer(state, event.claim, Answer::kGranted);
}
void apply(State& state, const ClaimRefused& event) {
  set_answer(state, event.claim, Answer::kRefused);
}
void apply(State& state, const Registered& /*event*/) {
  state.status = Status::kActive;
}
void apply(State& state, const RegistrationRejected& /*event*/) {
  state.status = Status::kRejected;
}

template <class Event>
void request(AccountId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void request(AccountId self, const RegistrationRequested& event, Effects& effects) {
  effects.tells.push_back(tell<Claim>(event.username_claim, claim::Take{self, claim::ClaimKind::kUsername}));
  effects.tells.push_back(tell<Claim>(event.email_claim, claim::Take{self, claim::ClaimKind::kEmail}));
}

void request(AccountId self, const RegistrationRejected& event, Effects& effects) {
  for (const auto& claim : event.granted) effects.tells.push_back(tell<Claim>(claim, claim::Release{self}));
}

}  // namespace

Result<std::vector<Account::Event>> Account::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Account::State Account::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Account::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

std::optional<Account::Command> Account::on_timer(std::string_view /*name*/, Time /*due*/) {
  return std::nullopt;
}

}  // namespace souk
