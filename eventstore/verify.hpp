/// Checking a whole store: the chain from the first record to the head, and every index against it. Internal.
#pragma once

#include "eventstore/rocks_db.hpp"
#include "eventstore/rocks_event_log.hpp"

namespace souk {

/// Of one moment, so the log may grow meanwhile.
Result<VerifyReport> verify_store(const RocksDb& rocks, Clock& clock, Duration idempotency_retention);

}  // namespace souk
