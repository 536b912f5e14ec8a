/// How the permissions are changed by a request: what would come of it is compiled at the version that the entity has,
/// and the entity obeys only at that version. So nothing that does not compile is ever in force, and nobody takes the
/// right to change permissions from themselves: then there may be nobody left who has it.
///
/// Errors: those of AccessRules and of the entity; kConflict "permissions.lock_out"; kPreconditionFailed
/// "version.changed" (the request's If-Match); kUnavailable "permissions.busy".
#pragma once

#include <functional>
#include <string_view>

#include "actors/entity_host.hpp"
#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

// Who may ask these may change permissions.
inline constexpr std::string_view kModelPattern = "/api/v1/admin/permissions/model";
inline constexpr std::string_view kRowsPattern = "/api/v1/admin/permissions/rows";

struct PolicyChange {
  AccessPolicy::Command command;
  AccessRules::Ptr next;  ///< what comes of it
};

/// Makes the change from the latest rules; called again when somebody else was quicker. Runs on a thread that may read
/// the disk.
using MakeChange = std::function<Result<PolicyChange>(const AccessRules& latest)>;

/// Answers with what `answer` makes of it, once it is durable and in force.
void change_policy(const ApiCallPtr& call, MakeChange make, Then<AccessPolicy> answer);

}  // namespace souk
