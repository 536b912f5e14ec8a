#include "engine/account/account.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace account;

template <class Event>
void request(AccountId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void take(AccountId self, ClaimId claim, claim::ClaimKind kind, Effects& effects) {
  effects.tells.push_back(tell<Claim>(claim, claim::Take{self, kind}));
}
void release(AccountId self, const std::vector<ClaimId>& claims, Effects& effects) {
  for (const auto& claim : claims) effects.tells.push_back(tell<Claim>(claim, claim::Release{self}));
}

void request(AccountId self, const RegistrationRequested& event, Effects& effects) {
  take(self, event.username_claim, claim::ClaimKind::kUsername, effects);
  take(self, event.email_claim, claim::ClaimKind::kEmail, effects);
}

void request(AccountId self, const RegistrationRejected& event, Effects& effects) {
  release(self, event.granted, effects);
}

void request(AccountId self, const ChangeRequested& event, Effects& effects) {
  if (event.details.username_claim) take(self, *event.details.username_claim, claim::ClaimKind::kUsername, effects);
  if (event.details.email_claim) take(self, *event.details.email_claim, claim::ClaimKind::kEmail, effects);
}

void request(AccountId self, const Changed& event, Effects& effects) {
  release(self, event.freed, effects);
}

void request(AccountId self, const ChangeRefused& event, Effects& effects) {
  release(self, event.granted, effects);
}

void request(AccountId self, const ClaimReturned& event, Effects& effects) {
  release(self, {event.claim}, effects);
}

void request(AccountId self, const MessageRequested& event, Effects& effects) {
  effects.calls.emplace_back(SendMessage{self, event.id, event.kind, event.email, event.at, event.expires_at});
}

/// Tokens of older generations are refused already; their sessions need not be shown any more.
template <class Event>
void outdate(AccountId self, const Event& event, Effects& effects) {
  effects.tells.push_back(tell<Sessions>(self, sessions::Outdate{event.generation, event.at}));
}

void request(AccountId self, const PasswordChanged& event, Effects& effects) {
  outdate(self, event, effects);
}

void request(AccountId self, const PasswordReset& event, Effects& effects) {
  outdate(self, event, effects);
}

void request(AccountId self, const TokensRevoked& event, Effects& effects) {
  outdate(self, event, effects);
}

void request(AccountId self, const Banned& event, Effects& effects) {
  outdate(self, event, effects);
}

void request(AccountId self, const Deleted& event, Effects& effects) {
  release(self, event.freed, effects);
  effects.tells.push_back(tell<AddressBook>(self, address_book::Clear{}));
  outdate(self, event, effects);
}

}  // namespace

Effects Account::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

}  // namespace souk
