/// The first administrator, from the configuration.
#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace souk {

class Api;

/// Registers the account if it is not there. A later start with another password changes nothing.
/// Blocks until it is durable. Errors: those of credentials; kConflict "admin.name_taken"; kUnavailable "admin.timeout".
Result<void> ensure_administrator(Api& api, const std::string& username, const std::string& password);

}  // namespace souk
