/// How the permissions are changed by a request: what would come of it is compiled at the version that the entity has,
/// and the entity obeys only at that version. So nothing that does not compile is ever in force, and nobody takes from
/// themselves the right to change permissions, or from everybody that to log in: then there may soon be nobody left who
/// could change them.
///
/// Errors: those of AccessRules and of the entity; kConflict "permissions.lock_out", "permissions.too_slow" (a model
/// that asks for nothing by which rules could be found, with too many of them); kPreconditionFailed "version.changed"
/// (the request's If-Match); kUnavailable "permissions.busy", "permissions.not_begun" (the program has not said yet
/// what a shop begins with).
#pragma once

#include <functional>
#include <string_view>

#include "actors/entity_host.hpp"
#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

// Who may ask these may take back any change of permissions.
inline constexpr std::string_view kModelPattern = "/api/v1/admin/permissions/model";
inline constexpr std::string_view kRowsPattern = "/api/v1/admin/permissions/rows";

struct PolicyChange {
  AccessPolicy::Command command;
  AccessRules::Ptr next;  ///< what comes of it
};

/// Makes the change from the latest rules; called again when somebody else was quicker. Runs on a thread that may read
/// the disk.
using MakeChange = std::function<Result<PolicyChange>(const AccessRules& latest)>;

/// Answers with what came of it, once that is durable and in force.
using ShowPolicy = std::string (*)(const access_policy::State& state, Version version);
void change_policy(const ApiCallPtr& call, MakeChange make, ShowPolicy show);

}  // namespace souk
