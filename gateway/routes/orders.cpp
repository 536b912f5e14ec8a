#include <algorithm>

#include "gateway/routes/place_order.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

Error not_found() {
  return {ErrorCode::kNotFound, "order.not_found", "there is no such order"};
}

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
      call->refuse(Position{}, not_found());
    } else {
      answer_order(call, id, judged, 200);
    }
  });
}

void cancel(const ApiCallPtr& call, OrderId id) {
  order::Cancel command{order::CancelReason::kUser, call->now()};
  call->api.host.ask<Order>(id, command, call->meta(), call->options<Order>(), [call, id](const Judged<Order>& judged) {
    if (judged.refusal != nullptr) {
      http::Problem problem(*judged.refusal);
      if (judged.refusal->code == ErrorCode::kConflict) {
        problem = with_next_steps(std::move(problem), judged.state.state);
      }
      call->refuse(judged.position, problem);
      return;
    }
    answer_order(call, id, judged, 200);
  });
}

void cancel_order(const ApiCallPtr& call) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  if (!call->request().body.empty()) {
    struct Nothing {
      static constexpr auto fields() { return field_list(); }
    };
    if (const auto body = call->body<Nothing>(); !body) {
      call->refuse(body.error());
      return;
    }
  }
  call->api.host.read<Order>(*id, {}, [call, id = *id](const Judged<Order>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (!is_own(*call, judged.state)) {
      call->refuse(Position{}, not_found());
    } else {
      cancel(call, id);
    }
  });
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
  add_route(router, api, http::Method::kGet, "/api/v1/orders", read, list_orders);
  read.name = "get_order";
  read.summary = "Shows one of the caller's orders";
  add_route(router, api, http::Method::kGet, "/api/v1/orders/{id}", read, get_order);

  http::RouteInfo write;
  write.mutating = true;
  write.name = "cancel_order";
  write.summary = "Cancels one of the caller's orders";
  add_route(router, api, http::Method::kPost, "/api/v1/orders/{id}/cancel", write, cancel_order);
  write.name = "place_order";
  write.summary = "Places an order from given items or from the caller's cart";
  write.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/orders", write, place_order);
}

}  // namespace souk
