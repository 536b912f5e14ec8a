#include "gateway/orders.hpp"

#include "gateway/routes/place_order.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

/// Whether it is an order of the caller's; somebody else's does not exist for them.
bool is_own(const ApiCall& call, const order::State& state) {
  return state.state != order::OrderState::kNone && state.account == call.account();
}

void get_order(const ApiCallPtr& call) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Order>(*id, {}, [call, id = *id](const Judged<Order>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (!is_own(*call, judged.state)) {
      call->refuse(Position{}, no_such_order());
    } else {
      answer_order(call, id, judged, 200);
    }
  });
}

void cancel_order(const ApiCallPtr& call) {
  if (says_nothing(call)) change_order(call, order::Cancel{order::CancelReason::kUser, call->now()}, true);
}

void confirm_receipt(const ApiCallPtr& call) {
  if (says_nothing(call)) change_order(call, order::ConfirmReceipt{call->now()}, true);
}

}  // namespace

void add_order_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.name = "get_order";
  read.summary = "Shows one of the caller's orders";
  read.answers = {{200, http::schema<OrderView>()}};
  read.problems = {{404, "order.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders/{id}", read, get_order);

  http::RouteInfo write;
  write.mutating = true;
  write.precondition = http::Precondition::kAccepted;
  write.name = "cancel_order";
  write.summary = "Cancels one of the caller's orders before it is shipped; what was paid is refunded";
  write.body = http::schema<Nothing>();
  write.answers = {{200, http::schema<OrderView>()}};
  write.problems = {{404, "order.not_found"}, {409, "order.not_cancellable"}};
  add_route(router, api, http::Method::kPost, "/api/v1/orders/{id}/cancel", write, cancel_order);
  write.name = "confirm_receipt";
  write.summary = "Says that one of the caller's orders has arrived, which completes it";
  write.problems = {{404, "order.not_found"}, {409, "order.illegal_transition"}};
  add_route(router, api, http::Method::kPost, "/api/v1/orders/{id}/receipt", write, confirm_receipt);
  write.precondition = http::Precondition::kNone;
  write.name = "place_order";
  write.summary = "Places an order from given items or from the caller's cart";
  write.media_type = "application/json";
  write.body = place_order_body();
  write.answers = {{201, http::schema<OrderView>()}, {202, http::schema<OrderView>(), "Not settled yet: ask for it"}};
  write.problems = {{404, "product.not_found"},   {409, "product.withdrawn"},     {409, "order.stock_short"},
                    {409, "order.total_changed"}, {409, "order.over_limit"},      {409, "order.exists"},
                    {409, "cart.empty"},          {409, "cart.nothing_selected"}, {409, "order.address_not_found"}};
  add_route(router, api, http::Method::kPost, "/api/v1/orders", write, place_order);
}

}  // namespace souk
