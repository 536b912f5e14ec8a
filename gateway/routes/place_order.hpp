/// Placing an order: from cart or given items to an answer about reserved stock.
#pragma once

#include "gateway/api_call.hpp"

namespace souk {

/// POST /api/v1/orders
void place_order(const ApiCallPtr& call);
http::SchemaRef place_order_body();

}  // namespace souk
