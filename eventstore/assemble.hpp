/// From a request to append to the records it will become, all but where and when they stand.
#pragma once

#include <memory>
#include <vector>

#include "eventstore/event_log.hpp"

namespace souk {

/// Moves the request's events into records of `epoch`. Precondition: at least one event, each within the limits of
/// record_codec.hpp; a caller that breaks it is a bug and ends the process.
std::vector<std::shared_ptr<EventRecord>> assemble_records(AppendRequest request, std::uint32_t epoch);

/// Says of assembled records where and when they stand: positions and versions behind `before` and `version_before`.
void place_records(std::vector<std::shared_ptr<EventRecord>>& records, Position before, Version version_before,
                   Time recorded_at);

}  // namespace souk
