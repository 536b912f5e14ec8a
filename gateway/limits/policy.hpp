/// How the routes ask the one entity of rules and networks, and what a shop begins with.
#pragma once

#include <vector>

#include "gateway/api_call.hpp"

namespace souk {

/// Rules and networks are in force before anybody hears what came of it.
void ask_limits(const ApiCallPtr& call, LimitPolicy::Command command, Then<LimitPolicy> then);
void read_limits(const ApiCallPtr& call, Then<LimitPolicy> then);

/// Puts in force what the log has. Reads the disk; to be called before anybody is served.
Result<void> restore_limits(EventLog& log, Traffic& traffic);

/// Whether the caller would be served still. Errors: kConflict "limits.lock_out".
Result<void> check_lock_out(const ApiCall& call, const limit_policy::Content& next);

/// The content of the policy at an earlier version. Reads the disk.
/// Errors: kNotFound "limits.version_not_found".
Result<limit_policy::Content> limits_at(EventLog& log, Version version);

/// The rules of a new shop: how often a client, an account or a customer may do what costs, or what is to be guessed.
std::vector<limits::Rule> first_limits();

}  // namespace souk
