#include <charconv>

#include "gateway/events/order_stream.hpp"
#include "gateway/orders.hpp"
#include "gateway/permissions/access_subject.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

constexpr std::string_view kLastId = "Last-Event-ID";
constexpr std::string_view kLastIdParameter = "last_event_id";

/// The version that the client has seen last. The header is what it says when it comes back, and so the later word.
Result<Version> last_seen(const http::Request& request) {
  auto text = request.single_header(kLastId);
  if (text && !*text) text = request.query(kLastIdParameter);
  if (!text) return tl::unexpected<Error>(text.error());
  Version version;
  if (!*text) return version;
  const auto [end, error] = std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), version.value);
  if (error != std::errc{} || end != (*text)->data() + (*text)->size() || version.value > std::uint64_t{kIntegerMax}) {
    return fail(ErrorCode::kInvalid, "events.last_id_invalid",
                "the last event's id must be a number that was sent as one");
  }
  return version;
}

/// Whether the permissions in force let the caller follow what the request asks for.
EventStreams::MayFollow may_follow(const ApiCall& call) {
  std::string room;
  return [&api = call.api, subject = AccessSubject(*call.caller), &route = call.exchange().route(),
          path = std::string(plain_path(call.request().target, room))] {
    return api.permissions.in_force()->ask(subject.question(route, path)).allowed;
  };
}

void open_stream(const ApiCallPtr& call, OrderId id, Version after) {
  const auto may = may_follow(*call);
  auto place = call->api.event_streams.take_place(*call->caller, may);
  if (!place) return call->refuse(place.error());
  // Either may have been taken back before the place was there to be found.
  if (auto valid = call->check_token(); !valid) return call->refuse(valid.error());
  if (!may()) return call->refuse(Position{}, http::Problem(403, "access.denied", "the permissions have changed"));
  OrderStream::open(call, id, after, std::move(*place));
}

void follow(const ApiCallPtr& call, bool only_own) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  if (!id) return call->refuse(id.error());
  const auto after = last_seen(call->request());
  if (!after) return call->refuse(after.error());
  call->api.host.read<Order>(*id, {}, [call, id = *id, after = *after, only_own](const Judged<Order>& judged) {
    const auto& state = judged.state;
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (state.state == order::OrderState::kNone || (only_own && state.account != call->account())) {
      call->refuse(Position{}, no_such_order());
    } else if (after > judged.version) {
      call->refuse(judged.position, Error{ErrorCode::kConflict, "events.last_id_unknown",
                                          "the order has no such event yet; follow it from the beginning"});
    } else {
      call->api.answers.hold(judged.position, [call, id, after] { open_stream(call, id, after); });
    }
  });
}

http::SchemaRef stream_schema() {
  return http::plain_text(
      R"("id: 4\ndata: {\"version\":4,\"position\":772,\"type\":\"order.paid\",)"
      R"(\"at\":\"2026-11-23T08:55:36.551548Z\",\"data\":{\"payment_id\":\"2z8rh12q7hwntdjcvz2a005xtj\"}}\n\n")",
      says("Server-sent events: id is the event's version, data one event as the history lists it"));
}

}  // namespace

void add_order_stream_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "follow_order";
  info.summary = "Follows one of the caller's orders: its events so far, then each as it happens, until hung up";
  info.query = {http::query<std::int64_t>(kLastIdParameter, "Only events behind this one", between(0, kIntegerMax))};
  info.headers = {http::query<std::int64_t>(kLastId, "The same, said by a client that comes back; it counts for more",
                                            between(0, kIntegerMax))};
  info.answers = {{200, stream_schema(), {}, "text/event-stream"}};
  info.problems = {{404, "order.not_found"},
                   {409, "events.last_id_unknown"},
                   {429, "events.too_many_streams_of_account"},
                   {503, "events.too_many_streams"}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders/{id}/events", info,
            [](const ApiCallPtr& call) { follow(call, true); });
  info.role = kSupport;
  info.name = "follow_order_as_administrator";
  info.summary = "Follows anybody's order: its events so far, then each as it happens, until hung up";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/orders/{id}/events", info,
            [](const ApiCallPtr& call) { follow(call, false); });
}

}  // namespace souk
