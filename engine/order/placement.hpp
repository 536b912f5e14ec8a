/// Whether an order can be placed: its lines are summed by product, checked and priced.
#pragma once

#include "engine/order/order.hpp"

namespace souk::order {

/// Errors: those of Place but "order.exists".
Result<Placed> judge_placement(const Place& command);

}  // namespace souk::order
