#include <algorithm>

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

/// As the read model keeps it, ready to be sent.
struct OrderLineBrief {
  ProductId product;
  std::string name;
  std::string picture;
  Money unit_price;
  std::int64_t quantity = 0;
  static constexpr auto fields() {
    using L = OrderLineBrief;
    return field_list(field("product_id", &L::product), field("name", &L::name), field("picture", &L::picture),
                      field("unit_price", &L::unit_price), field("quantity", &L::quantity));
  }
};

/// As `render` writes it.
struct OrderSummaryView {
  OrderId id;
  order::OrderState state = order::OrderState::kNone;
  std::int64_t item_count = 0;
  std::vector<OrderLineBrief> lines;
  Money total;
  Time placed_at;
  Time updated_at;
  static constexpr auto fields() {
    using V = OrderSummaryView;
    return field_list(field("id", &V::id), field("state", &V::state), field("item_count", &V::item_count),
                      field("lines", &V::lines), field("total", &V::total), field("placed_at", &V::placed_at),
                      field("updated_at", &V::updated_at));
  }
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

std::string render(const OrderSummary& order) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("id");
  json.string(order.id.str());
  json.key("state");
  json.string(order.state);
  json.key("item_count");
  json.integer(order.item_count);
  json.key("lines");
  json.raw(order.lines_json);
  json.key("total");
  json.raw(encode(order.total));
  json.key("placed_at");
  json.string(order.placed_at.str());
  json.key("updated_at");
  json.string(order.updated_at.str());
  json.end_object();
  return out;
}

bool is_order_state(std::string_view text) {
  const auto& names = EnumNames<order::OrderState>::values;
  return std::ranges::find(names, text) != names.end();
}

void list_orders(const ApiCallPtr& call) {
  const auto state = call->request().query("state");
  if (!state) {
    call->refuse(state.error());
    return;
  }
  if (*state && !is_order_state(**state)) {
    call->refuse(Error{ErrorCode::kInvalid, "query.state_invalid", "state: no order is ever in this state"});
    return;
  }
  std::optional<std::string> wanted;
  if (*state) wanted = std::string(**state);
  const std::string scope = encode(std::vector<std::string>{"orders", call->account().str(), wanted.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.orders_by_user_follower(), [call, wanted, scope, page = *page] {
    call->api.queries.submit([call, wanted, scope, page] {
      const auto found = call->api.projections.orders_by_user().list(call->account(), page.limit, page.after, wanted);
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::vector<std::string> items;
      for (const auto& order : found->items) items.push_back(render(order));
      call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
    });
  });
}

}  // namespace

void add_order_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.name = "list_orders";
  read.summary = "Lists the caller's orders, the newest first";
  read.query = http::page_parameters({http::query<order::OrderState>("state", "Only orders in this state")});
  read.answers = {{200, http::page_of<OrderSummaryView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders", read, list_orders);
  read.name = "get_order";
  read.summary = "Shows one of the caller's orders";
  read.query = {};
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
  write.problems = {{404, "product.not_found"},   {409, "product.withdrawn"}, {409, "order.stock_short"},
                    {409, "order.total_changed"}, {409, "order.over_limit"},  {409, "order.exists"},
                    {409, "cart.empty"},          {409, "cart.nothing_selected"}, {409, "order.address_not_found"}};
  add_route(router, api, http::Method::kPost, "/api/v1/orders", write, place_order);
}

}  // namespace souk
