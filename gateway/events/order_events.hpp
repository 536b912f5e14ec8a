/// An order's events as its owner and administrators may see them: everything but the address.
#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "eventstore/record.hpp"
#include "gateway/http/route_docs.hpp"

namespace souk {

/// {"version": 3, "position": 71, "type": "order.paid", "at": "…", "data": {…}}; `data` is the event in its newest
/// shape. Errors: those of decode_event.
Result<std::string> render_order_event(const EventRecord& record);

/// What that is, for documents.
http::SchemaRef order_event_schema();

}  // namespace souk
