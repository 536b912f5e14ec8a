/// What the permissions were, from the log. Reads the disk.
#pragma once

#include "eventstore/event_log.hpp"
#include "gateway/permissions/access_rules.hpp"

namespace souk {

/// Errors: kInvalid "permissions.version_unknown".
Result<access_policy::State> policy_at_version(EventLog& log, Version version);

/// With model and rows as they were then; numbers that were given since are not given again. Errors: as AccessRules.
Result<AccessRules::Ptr> rolled_back(const AccessRules& latest, const access_policy::State& then);

struct PolicyAt {
  access_policy::State state;
  Version version;
};
/// At each of the positions, the earlier one first.
Result<std::pair<PolicyAt, PolicyAt>> policy_at_positions(EventLog& log, Position from, Position to);

}  // namespace souk
