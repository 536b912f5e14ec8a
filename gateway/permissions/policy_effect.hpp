/// How what the entity has come to takes effect: on all who ask from then on.
#pragma once

#include "actors/entity_host.hpp"
#include "engine/entities.hpp"
#include "gateway/permissions/access_rules.hpp"

namespace souk {

class Api;

/// What was ordered is durable: from here on all are judged by it. Quick.
void take_effect(Api& api, const AccessRules::Ptr& rules);

/// The program itself wants it. Returns once what comes of it is in force: `next`, or what the entity has then if there
/// is none, which must be quickly compiled. Errors: the entity's; kUnavailable "permissions.timeout".
Result<void> tell_permissions(Api& api, AccessPolicy::Command command, Version only_at, AccessRules::Ptr next);

}  // namespace souk
