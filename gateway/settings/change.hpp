/// How the routes ask the one entity of what administrators have set.
#pragma once

#include <vector>

#include "gateway/api_call.hpp"
#include "gateway/settings/settings_desk.hpp"

namespace souk {

/// What changes is in force before anybody hears what came of it.
void ask_settings(const ApiCallPtr& call, LiveSettings::Command command, Then<LiveSettings> then);
void read_settings(const ApiCallPtr& call, Then<LiveSettings> then);

/// Puts in force what the log has. Reads the disk; to be called before anybody is served.
Result<void> restore_settings(EventLog& log, SettingsDesk& desk);

/// What was set at an earlier version. Reads the disk. Errors: kNotFound "settings.version_not_found".
Result<std::vector<live_settings::Value>> settings_at(EventLog& log, Version version);

}  // namespace souk
