#include <algorithm>

#include "engine/order/order.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

/// As the read model keeps it, ready to be sent.
struct LineSummaryView {
  ProductId product;
  std::string name;
  std::string picture;
  Money unit_price;
  std::int64_t quantity = 0;
  static constexpr auto fields() {
    using L = LineSummaryView;
    return field_list(field("product_id", &L::product), field("name", &L::name), field("picture", &L::picture),
                      field("unit_price", &L::unit_price), field("quantity", &L::quantity));
  }
};

/// As `render` writes it.
struct OrderSummaryView {
  OrderId id;
  AccountId account;
  order::OrderState state = order::OrderState::kNone;
  std::int64_t item_count = 0;
  std::vector<LineSummaryView> lines;
  Money total;
  Time placed_at;
  Time updated_at;
  static constexpr auto fields() {
    using V = OrderSummaryView;
    return field_list(field("id", &V::id), field("account_id", &V::account), field("state", &V::state),
                      field("item_count", &V::item_count), field("lines", &V::lines), field("total", &V::total),
                      field("placed_at", &V::placed_at), field("updated_at", &V::updated_at));
  }
  static constexpr std::string_view kExample =
      R"({"id":"2z8rh12q7hwntdjcvz2a005xtj","account_id":"1p3tkyzrkwd336dt3z39bqqp4d","state":"awaiting_payment",)"
      R"("item_count":2,"lines":[{"product_id":"6fbmcde5yznwq83fazzjf99ypj","name":"Longjing",)"
      R"("picture":"https://shop.example/tea.jpg","unit_price":{"amount":16800,"currency":"CNY"},"quantity":2}],)"
      R"("total":{"amount":33600,"currency":"CNY"},"placed_at":"2026-11-23T08:55:36.551548Z",)"
      R"("updated_at":"2026-11-23T08:55:36.551548Z"})";
};

std::string render(const OrderSummary& order) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("id");
  json.string(order.id.str());
  json.key("account_id");
  json.string(order.account.str());
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

/// Puts a parameter that was given into `out`, after `parse` made a value of its text.
template <class T, class Parse>
Result<void> read_parameter(const ApiCall& call, std::string_view name, std::optional<T>& out, Parse parse,
                            const char* reason, std::string_view expected) {
  const auto given = call.request().query(name);
  if (!given) return tl::unexpected<Error>(given.error());
  if (!*given) return {};
  std::optional<T> value = parse(**given);
  if (!value) return fail(ErrorCode::kInvalid, reason, std::string(name) + ": " + std::string(expected));
  out = std::move(value);
  return {};
}

constexpr std::string_view kTimeExpected =
    "is not a day or a moment in UTC, such as 2026-11-23 or 2026-11-23T07:31:46Z";

std::optional<std::string> parse_state(std::string_view text) {
  const auto& names = EnumNames<order::OrderState>::values;
  return std::ranges::find(names, text) != names.end() ? std::optional(std::string(text)) : std::nullopt;
}

Result<OrderFilter> read_filter(const ApiCall& call) {
  OrderFilter filter;
  auto read =
      read_parameter(call, "state", filter.state, parse_state, "query.state_invalid", "no order is ever in this state");
  const auto read_time = [&](std::string_view name, std::optional<Time>& out) {
    if (read) read = read_parameter(call, name, out, Time::parse_abridged, "query.time_invalid", kTimeExpected);
  };
  read_time("placed_from", filter.placed_from);
  read_time("placed_before", filter.placed_before);
  if (read) {
    read = read_parameter(call, "product_id", filter.product, ProductId::parse, "query.id_invalid", "is not an id");
  }
  if (!read) return tl::unexpected<Error>(std::move(read.error()));
  return filter;
}

/// A cursor goes on in the list with the same filter alone.
std::string scope_of(std::string_view list, const OrderFilter& filter) {
  const auto time = [](std::optional<Time> given) { return given ? given->str() : ""; };
  return encode(std::vector<std::string>{std::string(list), filter.account ? filter.account->str() : "",
                                         filter.product ? filter.product->str() : "", filter.state.value_or(""),
                                         time(filter.placed_from), time(filter.placed_before)});
}

void answer_list(const ApiCallPtr& call, std::string_view list, OrderFilter filter) {
  std::string scope = scope_of(list, filter);
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  auto answer = [call, filter = std::move(filter), scope = std::move(scope), page = *page] {
    const auto found = call->api.projections.orders().list(filter, page.limit, page.after);
    if (!found) {
      call->refuse(found.error());
      return;
    }
    std::vector<std::string> items;
    for (const auto& order : found->items) items.push_back(render(order));
    call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
  };
  call->when_caught_up(call->api.projections.orders_follower(),
                       [call, answer = std::move(answer)] { call->api.queries.submit(answer); });
}

void list_own_orders(const ApiCallPtr& call) {
  auto filter = read_filter(*call);
  if (!filter) {
    call->refuse(filter.error());
    return;
  }
  filter->account = call->account();
  answer_list(call, "orders", std::move(*filter));
}

void search_orders(const ApiCallPtr& call) {
  auto filter = read_filter(*call);
  if (filter) {
    const auto read =
        read_parameter(*call, "account_id", filter->account, AccountId::parse, "query.id_invalid", "is not an id");
    if (!read) filter = tl::unexpected<Error>(read.error());
  }
  if (!filter) {
    call->refuse(filter.error());
    return;
  }
  answer_list(call, "admin/orders", std::move(*filter));
}

}  // namespace

void add_order_list_routes(http::Router& router, Api& api) {
  const auto time = [](std::string_view name, std::string_view summary) {
    return http::query<std::string>(name, summary, matching("^[0-9TZ:.-]{10,27}$"));
  };
  http::RouteInfo info;
  info.name = "list_orders";
  info.summary = "Lists the caller's orders, the newest first";
  info.query = http::page_parameters({http::query<order::OrderState>("state", "Only orders in this state"),
                                      time("placed_from", "Only orders placed then or later"),
                                      time("placed_before", "Only orders placed earlier"),
                                      http::query<ProductId>("product_id", "Only orders of this product")});
  info.answers = {{200, http::page_of<OrderSummaryView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders", info, list_own_orders);

  info.role = kSupport;
  info.name = "search_orders";
  info.summary = "Lists everybody's orders, the newest first";
  info.query.push_back(http::query<AccountId>("account_id", "Only orders of this account"));
  add_route(router, api, http::Method::kGet, "/api/v1/admin/orders", info, search_orders);
}

}  // namespace souk
