/// Where things lie in a data directory, and opening its log.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "engine/base/clock.hpp"
#include "eventstore/rocks_event_log.hpp"

namespace souk {

std::string log_directory(const Config& config);
std::string projections_directory(const Config& config);

/// Creates the data directory if need be. Errors: kUnavailable "data.cannot_create"; those of RocksEventLog::open.
Result<std::unique_ptr<RocksEventLog>> open_log(const Config& config, Clock& clock);

/// Prints what went wrong to standard error, for people, and returns the exit code for it.
int report(const Error& error);

}  // namespace souk
