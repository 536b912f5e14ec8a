#include "gateway/orders.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct ShipmentBody {
  std::string carrier;
  std::optional<std::string> tracking_number;
  std::optional<std::vector<order::ShippedLine>> lines;  ///< none: everything that is left
  static constexpr auto fields() {
    return field_list(field("carrier", &ShipmentBody::carrier),
                      field("tracking_number", &ShipmentBody::tracking_number), field("lines", &ShipmentBody::lines));
  }
  static constexpr auto limits() {
    return limit_list(limit("carrier", length(1, order::kCarrierSizeMax)),
                      limit("tracking_number", length(0, order::kTrackingNumberSizeMax)),
                      limit("lines", item_count(1, order::kLinesMax)));
  }
  static constexpr std::string_view kExample = R"({"carrier":"SF Express","tracking_number":"SF1234567890"})";
};

struct RefundBody {
  std::string reason;
  std::optional<bool> restock;                            ///< of a whole refund: whether all of it can be sold again
  std::optional<std::vector<order::RefundedLine>> lines;  ///< none: everything that was not refunded
  static constexpr auto fields() {
    return field_list(field("reason", &RefundBody::reason), field("restock", &RefundBody::restock),
                      field("lines", &RefundBody::lines));
  }
  static constexpr auto limits() {
    return limit_list(limit("reason", length(1, order::kRefundReasonSizeMax)),
                      limit("lines", item_count(1, order::kLinesMax)));
  }
  static constexpr std::string_view kExample =
      R"({"reason":"broken in transit","lines":[{"product_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":1,"restock":false}]})";
};

void get_order(const ApiCallPtr& call) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Order>(*id, {}, [call, id = *id](const Judged<Order>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (judged.state.state == order::OrderState::kNone) {
      call->refuse(Position{}, no_such_order());
    } else {
      answer_order(call, id, judged, 200);
    }
  });
}

void ship_order(const ApiCallPtr& call) {
  auto body = call->body<ShipmentBody>();
  if (body && body->lines && body->lines->empty()) {
    body = fail(ErrorCode::kInvalid, "order.empty", "lines: leave them out to ship everything that is left");
  }
  if (!body) {
    call->refuse(body.error());
    return;
  }
  change_order(call,
               order::Ship{call->created_part_id<ShipmentId>("shipment"),
                           body->lines.value_or(std::vector<order::ShippedLine>{}), std::move(body->carrier),
                           body->tracking_number.value_or(""), call->now()},
               false, 201);
}

void refund_order(const ApiCallPtr& call) {
  auto body = call->body<RefundBody>();
  if (body && body->lines && body->lines->empty()) {
    body = fail(ErrorCode::kInvalid, "order.empty", "lines: leave them out to refund everything that is left");
  }
  if (body && body->lines && body->restock) {
    body = fail(ErrorCode::kInvalid, "field.invalid", "restock: is said of each line where there are lines");
  }
  if (!body) {
    call->refuse(body.error());
    return;
  }
  change_order(call,
               order::RequestRefund{call->created_part_id<RefundId>("refund"),
                                    body->lines.value_or(std::vector<order::RefundedLine>{}),
                                    body->restock.value_or(false), std::move(body->reason), call->now()},
               false, 201);
}

void mark_delivered(const ApiCallPtr& call) {
  if (says_nothing(call)) change_order(call, order::MarkDelivered{call->now()}, false);
}

void cancel_order(const ApiCallPtr& call) {
  if (says_nothing(call)) change_order(call, order::Cancel{order::CancelReason::kAdministrator, call->now()}, false);
}

}  // namespace

void add_admin_order_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kSupport;
  info.name = "get_order_as_administrator";
  info.summary = "Shows anybody's order";
  info.answers = {{200, http::schema<OrderView>()}};
  info.problems = {{404, "order.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/orders/{id}", info, get_order);

  info.role = kAdministrator;
  info.mutating = true;
  info.precondition = http::Precondition::kAccepted;
  info.body = http::schema<Nothing>();
  info.name = "mark_order_delivered";
  info.summary = "Says that everything of an order has arrived";
  info.problems = {{404, "order.not_found"}, {409, "order.illegal_transition"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/orders/{id}/delivery", info, mark_delivered);
  info.name = "cancel_order_as_administrator";
  info.summary = "Cancels an order before it is shipped; what was paid is refunded";
  info.problems = {{404, "order.not_found"}, {409, "order.not_cancellable"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/orders/{id}/cancel", info, cancel_order);

  info.media_type = "application/json";
  info.answers = {{201, http::schema<OrderView>()}};
  info.problems = {{404, "order.not_found"},
                   {409, "order.illegal_transition"},
                   {409, "order.too_many"},
                   {409, "order.too_many_parts"}};
  info.name = "ship_order";
  info.summary = "Ships an order, or some of its lines";
  info.body = http::schema<ShipmentBody>();
  add_route(router, api, http::Method::kPost, "/api/v1/admin/orders/{id}/shipments", info, ship_order);
  info.name = "refund_order";
  info.summary = "Gives back what was paid for an order, or for some of its lines";
  info.body = http::schema<RefundBody>();
  add_route(router, api, http::Method::kPost, "/api/v1/admin/orders/{id}/refunds", info, refund_order);
}

}  // namespace souk
