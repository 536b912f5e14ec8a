#include <algorithm>
#include <mutex>

#include "gateway/routes/routes.hpp"
#include "gateway/routes/stock.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct HoldView {
  OrderId order_id;
  std::int64_t quantity = 0;
  Time expires_at;  ///< information: only the order ends it
  static constexpr auto fields() {
    return field_list(field("order_id", &HoldView::order_id), field("quantity", &HoldView::quantity),
                      field("expires_at", &HoldView::expires_at));
  }
  static constexpr std::string_view kExample =
      R"({"order_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":2,"expires_at":"2026-11-23T09:25:00.000000Z"})";
};

struct MovementView {
  Position position;
  std::string kind;
  std::int64_t change = 0;
  std::int64_t on_hand = 0;
  std::string reason;
  std::optional<OrderId> order_id;
  std::optional<RefundId> refund_id;
  Time at;
  static constexpr auto fields() {
    using V = MovementView;
    return field_list(field("position", &V::position), field("kind", &V::kind), field("change", &V::change),
                      field("on_hand", &V::on_hand), field("reason", &V::reason), field("order_id", &V::order_id),
                      field("refund_id", &V::refund_id), field("at", &V::at));
  }
  static constexpr std::string_view kExample =
      R"({"position":773,"kind":"sold","change":-2,"on_hand":238,"reason":"",)"
      R"("order_id":"2z8rh12q7hwntdjcvz2a005xtj","at":"2026-11-23T08:55:36.551548Z"})";
};

struct HoldPage {
  std::vector<HoldView> items;
  std::optional<std::string> next_cursor;
};

/// `after`: the order of the last hold that was shown; holds are in the order of their ids.
HoldPage page_of(const ApiCall& call, std::string_view scope, const stock::State& state, std::size_t limit,
                 std::optional<OrderId> after) {
  HoldPage page;
  auto hold = after ? state.reservations.upper_bound(*after) : state.reservations.begin();
  for (; hold != state.reservations.end(); ++hold) {
    if (page.items.size() == limit) {
      page.next_cursor = call.api.cursors.seal(scope, page.items.back().order_id.str());
      break;
    }
    page.items.push_back({hold->first, hold->second.quantity, hold->second.expires_at});
  }
  return page;
}

/// Holds have no place in the log to go on behind, so their cursor names an order.
Result<std::optional<OrderId>> read_hold_cursor(const ApiCall& call, std::string_view scope) {
  const auto cursor = call.request().query("cursor");
  if (!cursor) return tl::unexpected<Error>(cursor.error());
  if (!*cursor) return std::optional<OrderId>{};
  const auto payload = call.api.cursors.open(scope, **cursor);
  if (!payload) return tl::unexpected<Error>(payload.error());
  return OrderId::parse(*payload);
}

void list_holds(const ApiCallPtr& call) {
  const std::string scope =
      encode(std::vector<std::string>{"holds", std::string(call->request().path_parameter("product_id"))});
  const auto limit = read_page_limit(*call);
  const auto after = read_hold_cursor(*call, scope);
  if (!limit || !after) {
    call->refuse(limit ? after.error() : limit.error());
    return;
  }
  with_product(call, [call, scope, limit = *limit, after = *after](ProductId id) {
    call->api.host.read<Stock>(id, {}, [call, scope, limit, after](const Judged<Stock>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      const HoldPage page = page_of(*call, scope, judged.state, limit, after);
      std::string out;
      JsonWriter json(out);
      json.begin_object();
      json.key("items");
      json.raw(encode(page.items));
      json.key("next_cursor");
      if (page.next_cursor) {
        json.string(*page.next_cursor);
      } else {
        json.null();
      }
      json.end_object();
      call->answer(judged.position, http::json_response(200, std::move(out)));
    });
  });
}

void answer_movements(const ApiCallPtr& call, ProductId id, const std::string& scope, const PageRequest& page) {
  const auto found = call->api.projections.stock_movements().list(id, page.limit, page.after);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  std::vector<std::string> items;
  for (const auto& movement : found->items) {
    items.push_back(encode(MovementView{movement.position, movement.kind, movement.change, movement.balance,
                                        movement.reason, movement.order, movement.refund, movement.at}));
  }
  call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
}

void list_movements(const ApiCallPtr& call) {
  const auto id = call->id<ProductTag>("product_id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  const std::string scope = encode(std::vector<std::string>{"movements", id->str()});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.stock_movements_follower(), [call, scope, page = *page] {
    with_product(call, [call, scope, page](ProductId product) {
      call->api.queries.submit([call, product, scope, page] { answer_movements(call, product, scope, page); });
    });
  });
}

/// A page of stocks on its way: the list knows which, the stocks themselves say how many.
struct StockPage {
  std::string scope;
  StockEntryPage found;
  std::vector<std::string> items;
  std::mutex mutex;  ///< entities answer on their own threads
  std::size_t missing = 0;
  bool refused = false;
  Position position;
};

void take(const ApiCallPtr& call, const std::shared_ptr<StockPage>& page, std::size_t i, const Judged<Stock>& judged) {
  {
    const std::scoped_lock lock(page->mutex);
    if (page->refused) return;
    page->refused = judged.refusal != nullptr;
    page->position = std::max(page->position, judged.position);
    if (judged.refusal == nullptr) {
      StockView view = view_of(page->found.items[i].product, judged.state);
      view.low_since = page->found.items[i].low_since;
      page->items[i] = encode(view);
      if (--page->missing > 0) return;
    }
  }
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else {
    call->answer(page->position,
                 http::json_response(200, render_page(*call, page->scope, page->items, page->found.next)));
  }
}

void answer_stocks(const ApiCallPtr& call, const std::string& scope, bool low_only, const PageRequest& request) {
  auto found = call->api.projections.stock_movements().stocks(low_only, request.limit, request.after);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  if (found->items.empty()) {
    call->answer(found->position, http::json_response(200, render_page(*call, scope, {}, std::nullopt)));
    return;
  }
  auto page = std::make_shared<StockPage>();
  page->scope = scope;
  page->found = std::move(*found);
  page->missing = page->found.items.size();
  page->items.resize(page->missing);
  page->position = page->found.position;
  for (std::size_t i = 0; i < page->items.size(); ++i) {
    AskOptions<Stock> options;
    options.deadline = call->until(call->api.options.answer_deadline);
    call->api.host.read<Stock>(page->found.items[i].product, std::move(options),
                               [call, page, i](const Judged<Stock>& judged) { take(call, page, i, judged); });
  }
}

void list_stocks(const ApiCallPtr& call) {
  const auto low = call->request().query("low");
  if (!low) {
    call->refuse(low.error());
    return;
  }
  if (*low && **low != "true" && **low != "false") {
    call->refuse(Error{ErrorCode::kInvalid, "query.low_invalid", "low must be true or false"});
    return;
  }
  const bool low_only = *low && **low == "true";
  const std::string scope = low_only ? "stocks low" : "stocks";
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.stock_movements_follower(), [call, scope, low_only, page = *page] {
    call->api.queries.submit([call, scope, low_only, page] { answer_stocks(call, scope, low_only, page); });
  });
}

}  // namespace

void add_stock_list_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_stocks";
  info.summary = "Lists the stocks, or those that are low";
  info.query = http::page_parameters({http::query<bool>("low", "Only stocks that are low, the longest so first")});
  info.answers = {{200, http::page_of<StockView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/stock", info, list_stocks);
  info.query = http::page_parameters();
  info.problems = {{404, "product.not_found"}};
  info.name = "list_stock_holds";
  info.summary = "Lists which orders hold how many of a product";
  info.answers = {{200, http::page_of<HoldView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/stock/{product_id}/holds", info, list_holds);
  info.name = "list_stock_movements";
  info.summary = "Lists what came into and went out of a product's stock, the newest first";
  info.answers = {{200, http::page_of<MovementView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/stock/{product_id}/movements", info, list_movements);
}

}  // namespace souk
