#include "gateway/views.hpp"

#include <charconv>

namespace souk {

namespace {

std::vector<std::string> next_steps_of(const order::State& state) {
  const auto steps = order::legal_next_steps(state);
  return {steps.begin(), steps.end()};
}

}  // namespace

http::Problem with_next_steps(http::Problem problem, const order::State& state) {
  return std::move(problem).with("state", encode(state.state)).with("next_steps", encode(next_steps_of(state)));
}

OrderView view_of(OrderId id, const order::State& state) {
  OrderView view;
  view.id = id;
  view.state = state.state;
  view.next_steps = next_steps_of(state);
  for (const auto& line : state.lines) {
    // The order checked the product of price and quantity when it was placed.
    const Money total{line.unit_price.amount * line.quantity, line.unit_price.currency};
    view.lines.push_back({line.product, line.sku, line.name, line.picture, line.description, line.unit_price,
                          line.quantity, total, std::nullopt, std::nullopt});
  }
  for (std::size_t i = 0; i < state.progress.size(); ++i) {
    view.lines[i].shipped = state.progress[i].shipped;
    view.lines[i].refunded = state.progress[i].refunded;
  }
  view.total = state.total;
  view.placed_at = state.placed_at;
  view.payment_due_at = state.payment_due_at;
  if (!state.shortages.empty()) view.shortages = state.shortages;
  view.cancel_reason = state.cancel_reason;
  const bool is_free = state.payment.value == id.value;  // there is no such payment
  if (!state.payment.empty() && !is_free) view.payment_id = state.payment;
  if (!state.shipments.empty()) {
    auto& shipments = view.shipments.emplace();
    for (const auto& one : state.shipments) {
      shipments.push_back({one.shipment, one.lines, one.carrier, one.tracking_number, one.at});
    }
  }
  if (!state.refunds.empty()) view.refunds = state.refunds;
  view.delivered_at = state.delivered_at;
  return view;
}

PaymentView view_of(PaymentId id, const payment::State& state) {
  PaymentView view{id,
                   state.order,
                   state.provider,
                   state.amount,
                   standing_of(state),
                   state.presentation,
                   std::nullopt,
                   std::nullopt,
                   std::nullopt,
                   state.expires_at,
                   Money{state.refunded, state.amount.currency}};
  if (state.status != payment::Status::kStarted) return view;
  if (!state.pay_url.empty()) view.pay_url = state.pay_url;
  if (!state.qr_text.empty()) view.qr_url = "/api/v1/payments/" + id.str() + "/qr.png";
  if (!state.created && !state.creation_problem.empty()) view.problem = state.creation_problem;
  return view;
}

Result<std::size_t> read_page_limit(const ApiCall& call) {
  const auto limit = call.request().query("limit");
  if (!limit) return tl::unexpected<Error>(limit.error());
  if (!*limit) return http::kPageItemsDefault;
  const std::string_view text = **limit;
  std::size_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || number < 1 ||
      number > http::kPageItemsMax) {
    return fail(ErrorCode::kInvalid, "query.limit_invalid", "limit must be a number from 1 to 100");
  }
  return number;
}

Result<PageRequest> read_page_request(const ApiCall& call, std::string_view scope) {
  PageRequest page;
  const auto limit = read_page_limit(call);
  if (!limit) return tl::unexpected<Error>(limit.error());
  page.limit = *limit;
  const auto cursor = call.request().query("cursor");
  if (!cursor) return tl::unexpected<Error>(cursor.error());
  if (*cursor) {
    const auto payload = call.api.cursors.open(scope, **cursor);
    if (!payload) return tl::unexpected<Error>(payload.error());
    Position after;
    std::from_chars(payload->data(), payload->data() + payload->size(), after.value);
    page.after = after;
  }
  return page;
}

std::string render_page(const std::vector<std::string>& items, const std::optional<std::string>& next_cursor) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("items");
  json.begin_array();
  for (const auto& item : items) json.raw(item);
  json.end_array();
  json.key("next_cursor");
  if (next_cursor) {
    json.string(*next_cursor);
  } else {
    json.null();
  }
  json.end_object();
  return out;
}

std::string render_page(const ApiCall& call, std::string_view scope, const std::vector<std::string>& items,
                        std::optional<Position> next) {
  std::optional<std::string> cursor;
  if (next) cursor = call.api.cursors.seal(scope, std::to_string(next->value));
  return render_page(items, cursor);
}

}  // namespace souk
