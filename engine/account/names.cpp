#include "engine/account/names.hpp"

namespace souk::account {
namespace {

using Events = std::vector<Account::Event>;

bool answered(const std::optional<ClaimId>& claim, Answer answer) {
  return !claim || answer != Answer::kPending;
}

void append_if(std::vector<ClaimId>& claims, const std::optional<ClaimId>& claim, Answer answer, Answer wanted) {
  if (claim && answer == wanted) claims.push_back(*claim);
}

template <class Value>
bool is_absent(const std::optional<Value>& value) {
  return !value || value->sealed.empty();
}

/// The name and its claim come together.
bool is_whole(const std::optional<Personal<std::string>>& name, const std::optional<ClaimId>& claim) {
  if (!name) return !claim;
  return !is_absent(name) && claim && !claim->empty();
}

Result<Events> answer_registration(const State& state, const RecordClaim& command) {
  const bool is_username = command.claim == state.username_claim;
  const bool is_known = is_username || command.claim == state.email_claim;
  if (!is_known) return Events{};
  const Answer before = is_username ? state.username_answer : state.email_answer;
  if (before != Answer::kPending) return Events{};

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

Result<Events> answer_change(const State& state, const RecordClaim& command) {
  PendingChange change = *state.change;
  const bool is_username = command.claim == change.details.username_claim;
  Answer& answer = is_username ? change.username_answer : change.email_answer;
  if (answer != Answer::kPending) return Events{};

  answer = command.granted ? Answer::kGranted : Answer::kRefused;
  Events events;
  if (command.granted) {
    events.emplace_back(ClaimGranted{command.claim});
  } else {
    events.emplace_back(ClaimRefused{command.claim});
  }
  const auto& details = change.details;
  if (!answered(details.username_claim, change.username_answer) ||
      !answered(details.email_claim, change.email_answer)) {
    return events;
  }
  ChangeRefused refused;
  append_if(refused.refused, details.username_claim, change.username_answer, Answer::kRefused);
  append_if(refused.refused, details.email_claim, change.email_answer, Answer::kRefused);
  if (refused.refused.empty()) {
    events.emplace_back(Changed{details, freed_by(state, details)});
    return events;
  }
  append_granted(change, refused.granted);
  events.emplace_back(std::move(refused));
  return events;
}

}  // namespace

void append_granted(const PendingChange& change, std::vector<ClaimId>& claims) {
  append_if(claims, change.details.username_claim, change.username_answer, Answer::kGranted);
  append_if(claims, change.details.email_claim, change.email_answer, Answer::kGranted);
}

std::vector<ClaimId> freed_by(const State& state, const Details& details) {
  std::vector<ClaimId> freed;
  if (details.username_claim) freed.push_back(state.username_claim);
  if (details.email_claim) freed.push_back(state.email_claim);
  return freed;
}

Result<Events> decide_register(const State& state, const Register& command) {
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
                                      command.email_claim, command.role, command.at, command.profile}};
}

Result<Events> decide_change(const State& state, const Change& command) {
  Details details = command.details;
  if (!is_whole(details.username, details.username_claim) || !is_whole(details.email, details.email_claim) ||
      (details.profile && is_absent(details.profile))) {
    return fail(ErrorCode::kInvalid, "account.incomplete", "a name needs its text and its claim");
  }
  if (state.change) {
    return fail(ErrorCode::kConflict, "account.change_under_way", "other names are being asked for; try again");
  }
  const ClaimId username = details.username_claim.value_or(state.username_claim);
  const ClaimId email = details.email_claim.value_or(state.email_claim);
  if (username == email || username == state.email_claim || email == state.username_claim) {
    return fail(ErrorCode::kInvalid, "account.claims_equal", "the user name and the e-mail need a claim each");
  }
  // The same name in another spelling is ours already.
  if (details.username_claim == state.username_claim) details.username_claim.reset();
  if (details.email_claim == state.email_claim) details.email_claim.reset();
  if (details == Details{}) return Events{};
  if (details.username_claim || details.email_claim) return Events{ChangeRequested{std::move(details), command.at}};
  return Events{Changed{std::move(details), {}}};
}

Result<Events> decide_claim(const State& state, const RecordClaim& command) {
  if (state.status == Status::kPending) return answer_registration(state, command);
  if (state.change &&
      (state.change->details.username_claim == command.claim || state.change->details.email_claim == command.claim)) {
    return answer_change(state, command);
  }
  const bool was_registered = state.status == Status::kActive || state.status == Status::kDeleted;
  const bool is_ours = command.claim == state.username_claim || command.claim == state.email_claim;
  if (!command.granted || !was_registered || is_ours) return Events{};
  return Events{ClaimReturned{command.claim}};
}

}  // namespace souk::account
