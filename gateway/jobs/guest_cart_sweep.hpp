/// Tells guests' carts that nobody has changed for too long that they have expired: the work of a job.
#pragma once

#include <functional>

#include "actors/entity_host.hpp"
#include "projections/guest_carts.hpp"

namespace souk {

struct GuestCartSweep {
  std::size_t expired = 0;
  std::size_t kept = 0;  ///< somebody used it, or told it already, since it was looked up
  bool more = false;     ///< there were more than `limit`: sweep again
  Position position;     ///< that `then`'s reader has to wait for if it answers anybody
};

/// At most `limit` (≥ 1) carts, the longest unused first. Reads SQLite on the caller's thread; calls back there when
/// there is nothing to do, and otherwise on an entity's, once every cart has answered. Doing it twice at once is
/// harmless.
void sweep_guest_carts(EntityHost& host, GuestCarts& carts, Time now, std::size_t limit, const CommandMeta& meta,
                       std::function<void(Result<GuestCartSweep>)> then);

}  // namespace souk
