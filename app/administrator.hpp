/// The first administrator, from the configuration.
#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace souk {

class Api;
struct PasswordCost;

/// Registers the account if it is not there. A later start with another password changes nothing.
/// Blocks until it is durable. Errors: kInvalid "config.invalid" (name or password are none); kConflict
/// "config.admin_name_taken"; kUnavailable "admin.timeout".
Result<void> ensure_administrator(Api& api, const std::string& username, const std::string& password,
                                  const PasswordCost& cost);

}  // namespace souk
