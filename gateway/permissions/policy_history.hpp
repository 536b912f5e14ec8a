/// What the permissions were, from the log. Reads the disk.
#pragma once

#include "engine/access_policy/access_policy.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

/// Errors: kInvalid "permissions.version_unknown".
Result<access_policy::State> policy_at_version(EventLog& log, Version version);

struct PolicyAt {
  access_policy::State state;
  Version version;
};
/// At each of the positions, the earlier one first.
Result<std::pair<PolicyAt, PolicyAt>> policy_at_positions(EventLog& log, Position from, Position to);

}  // namespace souk
