/// A registered account, for tests.
#pragma once

#include "engine/entities.hpp"

namespace souk::account {

inline constexpr AccountId kSelf{{0, 1}};
inline constexpr ClaimId kNameClaim{{0, 11}};
inline constexpr ClaimId kMailClaim{{0, 12}};
inline const Secret<std::string> kHash{"secret:v1:aGFzaA"};
inline const Secret<std::string> kOtherHash{"secret:v1:b3RoZXI"};

inline Register registration() {
  return {{"personal:v1:bmFtZQ"}, {"personal:v1:bWFpbA"}, kHash, kNameClaim, kMailClaim, Role::kAdmin, Time{5}};
}

inline RegistrationRequested requested() {
  const auto command = registration();
  return {command.username, command.email, command.password_hash, command.username_claim, command.email_claim,
          command.role,     command.at};
}

inline std::vector<Account::Event> registered() {
  return {requested(), ClaimGranted{kNameClaim}, ClaimGranted{kMailClaim}, Registered{Role::kAdmin}};
}

/// A message whose token's hash is "t" and its number; asked for at 6, expires at 100.
inline MessageRequested requested(MessageKind kind, std::uint64_t number) {
  return {MessageId{Id128{0, number}}, kind, registration().email, "t" + std::to_string(number), Time{6}, Time{100}};
}

}  // namespace souk::account
