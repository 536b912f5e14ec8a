/// Completes orders whose owners have not said that they arrived, some days after they were delivered.
#pragma once

#include <functional>

#include "actors/entity_host.hpp"
#include "projections/orders.hpp"

namespace souk {

struct OrderCompletion {
  std::size_t completed = 0;
  std::size_t kept = 0;          ///< something happened to it since it was looked up
  std::optional<Position> next;  ///< there are more; give it as `behind`
};

/// At most `limit` (≥ 1) orders, the latest placed first. Reads SQLite on the caller's thread; calls back there when
/// there is nothing to do, and otherwise on an order's. Doing it twice at once is harmless.
void complete_orders(EntityHost& host, Orders& orders, Duration after, Time now, std::size_t limit,
                     std::optional<Position> behind, const CommandMeta& meta,
                     std::function<void(Result<OrderCompletion>)> then);

}  // namespace souk
