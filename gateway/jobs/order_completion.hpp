/// Completes orders whose owners have not said that they arrived, some days after they were delivered.
#pragma once

#include "gateway/jobs/batch.hpp"
#include "projections/orders.hpp"

namespace souk {

/// At most `limit` (≥ 1) orders, the longest delivered first. Reads SQLite on the caller's thread; calls back there
/// when there is nothing to do, and otherwise on an order's. Doing it twice at once is harmless.
void complete_orders(EntityHost& host, Orders& orders, Duration after, Time now, std::size_t limit,
                     const CommandMeta& meta, BatchThen then);

}  // namespace souk
