/// How entities are shown to clients, and what their lists have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

struct OrderLineView {
  ProductId product_id;
  std::string sku;
  std::string name;
  std::string picture;
  std::string description;
  Money unit_price;
  std::int64_t quantity = 0;
  Money total;
  std::optional<std::int64_t> shipped;   ///< once anything of the order was shipped or refunded
  std::optional<std::int64_t> refunded;  ///< the same; asked for, or done
  static constexpr auto fields() {
    return field_list(field("product_id", &OrderLineView::product_id), field("sku", &OrderLineView::sku),
                      field("name", &OrderLineView::name), field("picture", &OrderLineView::picture),
                      field("description", &OrderLineView::description),
                      field("unit_price", &OrderLineView::unit_price), field("quantity", &OrderLineView::quantity),
                      field("total", &OrderLineView::total), field("shipped", &OrderLineView::shipped),
                      field("refunded", &OrderLineView::refunded));
  }
};

struct ShipmentView {
  ShipmentId id;
  std::vector<order::ShippedLine> lines;
  std::string carrier;
  std::string tracking_number;
  Time shipped_at;
  static constexpr auto fields() {
    return field_list(
        field("id", &ShipmentView::id), field("lines", &ShipmentView::lines), field("carrier", &ShipmentView::carrier),
        field("tracking_number", &ShipmentView::tracking_number), field("shipped_at", &ShipmentView::shipped_at));
  }
};

struct OrderView {
  OrderId id;
  order::OrderState state = order::OrderState::kNone;
  std::vector<std::string> next_steps;
  std::vector<OrderLineView> lines;
  Money total;
  std::optional<Address> address;  ///< absent once its owner was forgotten
  Time placed_at;
  Time payment_due_at;
  std::optional<std::vector<order::Shortage>> shortages;
  std::optional<order::CancelReason> cancel_reason;
  std::optional<PaymentId> payment_id;
  std::optional<std::vector<ShipmentView>> shipments;
  std::optional<std::vector<order::Refund>> refunds;
  std::optional<Time> delivered_at;
  static constexpr auto fields() {
    return field_list(field("id", &OrderView::id), field("state", &OrderView::state),
                      field("next_steps", &OrderView::next_steps), field("lines", &OrderView::lines),
                      field("total", &OrderView::total), field("address", &OrderView::address),
                      field("placed_at", &OrderView::placed_at), field("payment_due_at", &OrderView::payment_due_at),
                      field("shortages", &OrderView::shortages), field("cancel_reason", &OrderView::cancel_reason),
                      field("payment_id", &OrderView::payment_id), field("shipments", &OrderView::shipments),
                      field("refunds", &OrderView::refunds), field("delivered_at", &OrderView::delivered_at));
  }
  static constexpr std::string_view kExample =
      R"({"id":"2z8rh12q7hwntdjcvz2a005xtj","state":"awaiting_payment","next_steps":["pay","cancel"],"lines":[)"
      R"({"product_id":"6fbmcde5yznwq83fazzjf99ypj","sku":"TEA-001","name":"Longjing",)"
      R"("picture":"https://shop.example/tea.jpg","description":"Long Jing, 100 g",)"
      R"("unit_price":{"amount":16800,"currency":"CNY"},"quantity":2,"total":{"amount":33600,"currency":"CNY"}}],)"
      R"("total":{"amount":33600,"currency":"CNY"},"address":{"name":"Ada Quill","phone_number":"+86 138-0013-8000",)"
      R"("province":"浙江省","city":"杭州市","region":"西湖区","detail_address":"Longjing Lane 17"},)"
      R"("placed_at":"2026-11-23T08:55:36.551548Z","payment_due_at":"2026-11-23T09:25:36.551548Z"})";
};
/// Without the address, which has to be opened.
OrderView view_of(OrderId id, const order::State& state);
/// A refusal of something that an order in this state does not allow: says what it does allow.
http::Problem with_next_steps(http::Problem problem, const order::State& state);

struct PaymentView {
  PaymentId id;
  OrderId order_id;
  std::string provider;
  Money amount;
  payment::Standing state = payment::Standing::kNone;
  provider::Presentation way = provider::Presentation::kPage;
  std::optional<std::string> pay_url;  ///< of a page to open
  std::optional<std::string> qr_url;   ///< of a picture to scan
  std::optional<std::string> problem;  ///< why the customer cannot pay yet
  Time expires_at;
  Money refunded;
  static constexpr auto fields() {
    return field_list(field("id", &PaymentView::id), field("order_id", &PaymentView::order_id),
                      field("provider", &PaymentView::provider), field("amount", &PaymentView::amount),
                      field("state", &PaymentView::state), field("way", &PaymentView::way),
                      field("pay_url", &PaymentView::pay_url), field("qr_url", &PaymentView::qr_url),
                      field("problem", &PaymentView::problem), field("expires_at", &PaymentView::expires_at),
                      field("refunded", &PaymentView::refunded));
  }
  static constexpr std::string_view kExample =
      R"({"id":"7nz3gpwn6bew0eysnvm6nr9sqf","order_id":"2z8rh12q7hwntdjcvz2a005xtj","provider":"sandbox",)"
      R"("amount":{"amount":33600,"currency":"CNY"},"state":"started","way":"page",)"
      R"("pay_url":"/sandbox/payments/7nz3gpwn6bew0eysnvm6nr9sqf","expires_at":"2026-11-23T09:25:36.551548Z",)"
      R"("refunded":{"amount":0,"currency":"CNY"}})";
};
PaymentView view_of(PaymentId id, const payment::State& state);

/// What a list is asked for.
struct PageRequest {
  std::size_t limit = http::kPageItemsDefault;
  std::optional<Position> after;
};

/// Errors: kInvalid "query.limit_invalid", "query.duplicate".
Result<std::size_t> read_page_limit(const ApiCall& call);

/// `scope` names the list with its filters; a cursor of another one is refused.
/// Errors: kInvalid "query.limit_invalid", "cursor.invalid", "query.duplicate".
Result<PageRequest> read_page_request(const ApiCall& call, std::string_view scope);

/// {"items": […], "next_cursor": …}; `items` are JSON values, the cursor is sealed.
std::string render_page(const std::vector<std::string>& items, const std::optional<std::string>& next_cursor);
std::string render_page(const ApiCall& call, std::string_view scope, const std::vector<std::string>& items,
                        std::optional<Position> next);

}  // namespace souk
