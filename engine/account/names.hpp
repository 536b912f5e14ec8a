/// How an account comes by its names: the decisions about registering, changing, and what the claims answer.
#pragma once

#include "engine/account/account.hpp"

namespace souk::account {

Result<std::vector<Account::Event>> decide_register(const State& state, const Register& command);
/// The account is active.
Result<std::vector<Account::Event>> decide_change(const State& state, const Change& command);
Result<std::vector<Account::Event>> decide_claim(const State& state, const RecordClaim& command);

/// Adds the claims that a change was granted.
void append_granted(const PendingChange& change, std::vector<ClaimId>& claims);
/// The claims that stand for names of the account now and not any more after the change.
std::vector<ClaimId> freed_by(const State& state, const Details& details);

}  // namespace souk::account
