/// How the routes ask the one entity of what administrators have set.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "gateway/api_call.hpp"
#include "gateway/settings/settings_desk.hpp"

namespace souk {

void read_settings(const ApiCallPtr& call, Then<LiveSettings> then);

/// A change, and what it comes to.
struct SettingsPlan {
  LiveSettings::Command command;
  std::vector<live_settings::Value> values;  ///< all that is set then
  std::string put = {};                      ///< the setting that has to hold then; empty: none in particular
};
/// Makes one for what is set. On a thread that may read the log.
using MakeSettingsPlan = std::function<Result<SettingsPlan>(const live_settings::State& state)>;

/// What would be set then has to go together, so all of it is looked at, and the command is obeyed only if nothing else
/// was set meanwhile; else it is planned again. What changes is in force before anybody hears what came of it.
void change_settings(const ApiCallPtr& call, MakeSettingsPlan make, Then<LiveSettings> then);

/// Puts in force what the log has. Reads the disk; to be called before anybody is served.
Result<void> restore_settings(EventLog& log, SettingsDesk& desk);

/// What was set at an earlier version. Reads the disk. Errors: kNotFound "settings.version_not_found".
Result<std::vector<live_settings::Value>> settings_at(EventLog& log, Version version);

}  // namespace souk
