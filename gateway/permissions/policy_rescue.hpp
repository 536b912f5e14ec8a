/// What a shop begins with, and the way back to it: for a shop that nobody may administer any more, or whose stored
/// permissions mean nothing to this program.
#pragma once

#include <functional>
#include <string>

#include "gateway/permissions/policy_keeper.hpp"

namespace souk {

/// Of version 0: no entity has been told of them.
Result<AccessRules::Ptr> first_permissions(const http::Router& router);

/// In force from now on, whatever is stored; nothing can be made of them before the entity is told. To be called once,
/// before anybody is served.
Result<void> begin_with_first_permissions(PolicyKeeper& keeper, const http::Router& router);

/// Tells the entity of them: a version like any other. `warn` is told which one was before. Returns once it is durable.
/// Errors: the entity's; kUnavailable "permissions.timeout".
Result<void> return_to_first_permissions(Api& api, const std::function<void(const std::string&)>& warn);

}  // namespace souk
