/// What the routes about orders share: how one is shown, and how it is asked to change.
#pragma once

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

Error no_such_order();

/// The order with its address opened, which may read the disk: on `api.queries`.
void answer_order(const ApiCallPtr& call, OrderId id, const Judged<Order>& judged, int status);

/// Asks the order in the path and answers with it, or with the refusal; that of a step which is not legal now lists
/// those that are. `If-Match` is honoured.
/// `only_own`: an order of somebody else does not exist.
void change_order(const ApiCallPtr& call, Order::Command command, bool only_own, int status = 200);

/// What a request says that needs to say nothing.
struct Nothing {
  static constexpr auto fields() { return field_list(); }
  static constexpr std::string_view kExample = "{}";
};
/// Refuses a body that says something all the same.
bool says_nothing(const ApiCallPtr& call);

}  // namespace souk
