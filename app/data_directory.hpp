/// Where things lie in a data directory, and opening its log.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "engine/base/clock.hpp"
#include "eventstore/rocks_event_log.hpp"
#include "privacy/install_keys.hpp"
#include "privacy/sqlite_vault.hpp"

namespace souk {

std::string log_directory(const Config& config);
std::string projections_directory(const Config& config);

/// Creates the data directory if need be. Errors: kUnavailable "data.cannot_create"; those of RocksEventLog::open.
Result<std::unique_ptr<RocksEventLog>> open_log(const Config& config, Clock& clock);

/// The installation's keys, made together with the log: an empty log gets new ones, any other must have its own.
/// Errors: those of open_install_keys.
Result<InstallKeys> open_keys(const Config& config, const EventLog& log);

/// The keys of people; made for a log that knows nobody, else they must be there. Looks through the log if they are
/// not. Errors: those of SqliteVault::open and EventLog::read.
Result<std::unique_ptr<SqliteVault>> open_vault(const Config& config, EventLog& log);

/// Prints what went wrong to standard error, for people, and returns the exit code for it.
int report(const Error& error);

}  // namespace souk
