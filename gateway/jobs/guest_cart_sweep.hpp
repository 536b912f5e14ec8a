/// Tells guests' carts that nobody has changed for too long that they have expired: the work of a job.
#pragma once

#include "gateway/jobs/batch.hpp"
#include "projections/guest_carts.hpp"

namespace souk {

/// At most `limit` (≥ 1) carts, the longest unused first. Reads SQLite on the caller's thread; calls back there when
/// there is nothing to do, and otherwise on a cart's, once every cart has answered. Doing it twice at once is harmless.
void sweep_guest_carts(EntityHost& host, GuestCarts& carts, Time now, std::size_t limit, const CommandMeta& meta,
                       BatchThen then);

}  // namespace souk
