#include "gateway/events/order_events.hpp"
#include "gateway/orders.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 1'000;

/// All events up to `version`: what was decided later is not durable for whoever asked at it. They are bounded by what
/// an order may have of lines, payments, shipments and refunds.
Result<void> write_events(EventLog& log, OrderId id, Version version, JsonWriter& json) {
  for (Version at{}; at < version;) {
    const auto records = log.read_stream(stream_of<Order>(id), at, kBatchMax);
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return {};
    for (const auto& record : *records) {
      at = record->version;
      if (at > version) break;
      const auto event = render_order_event(*record);
      if (!event) return tl::unexpected<Error>(event.error());
      json.raw(*event);
    }
  }
  return {};
}

void answer_history(const ApiCallPtr& call, OrderId id, Position position, Version version) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("items");
  json.begin_array();
  if (auto written = write_events(call->api.log, id, version, json); !written) {
    call->refuse(position, written.error());
    return;
  }
  json.end_array();
  json.end_object();
  call->answer_entity(position, version, std::move(out));
}

void get_history(const ApiCallPtr& call, bool only_own) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Order>(*id, {}, [call, id = *id, only_own](const Judged<Order>& judged) {
    const auto& state = judged.state;
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (state.state == order::OrderState::kNone || (only_own && state.account != call->account())) {
      call->refuse(Position{}, no_such_order());
    } else {
      // The log is read once everything that the order has decided is durable, and on a thread that may wait.
      call->api.answers.hold(judged.position, [call, id, position = judged.position, version = judged.version] {
        call->api.queries.submit([call, id, position, version] { answer_history(call, id, position, version); });
      });
    }
  });
}

std::string list_schema(Schemas& schemas, const FieldLimits& limits) {
  return R"({"type":"object","required":["items"],"properties":{"items":{"type":"array","items":)" +
         order_event_schema().write(schemas, limits) + "}}}";
}

}  // namespace

void add_order_history_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "get_order_history";
  info.summary = "Lists everything that happened to one of the caller's orders, the oldest first";
  info.answers = {{200, {list_schema, {}, R"({"items":[)" + order_event_schema().example + "]}"}}};
  info.problems = {{404, "order.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders/{id}/history", info,
            [](const ApiCallPtr& call) { get_history(call, true); });
  info.role = kSupport;
  info.name = "get_order_history_as_administrator";
  info.summary = "Lists everything that happened to anybody's order, the oldest first";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/orders/{id}/history", info,
            [](const ApiCallPtr& call) { get_history(call, false); });
}

}  // namespace souk
