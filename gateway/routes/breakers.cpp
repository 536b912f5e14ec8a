#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "peers/steady_time.hpp"

namespace souk {
namespace {

constexpr std::size_t kNameSizeMax = 64;

struct BreakerView {
  std::string name;
  CircuitBreaker::State state = CircuitBreaker::State::kClosed;
  bool forced = false;
  std::int64_t opened = 0;
  std::int64_t refused = 0;
  static constexpr auto fields() {
    using V = BreakerView;
    return field_list(field("name", &V::name), field("state", &V::state), field("forced", &V::forced),
                      field("opened", &V::opened), field("refused", &V::refused));
  }
  static constexpr auto limits() {
    return limit_list(limit("state", says("Calls are made, are not made, or a few are tried")),
                      limit("forced", says("By an administrator, until it is taken back or this process ends")),
                      limit("opened", says("How often, since this process began")),
                      limit("refused", says("Calls that were not made, since this process began")));
  }
  static constexpr std::string_view kExample =
      R"({"name":"payments","state":"open","forced":true,"opened":1,"refused":12})";
};

struct ForceBody {
  BreakerForce force = BreakerForce::kNone;
  static constexpr auto fields() { return field_list(field("force", &ForceBody::force)); }
  static constexpr auto limits() {
    return limit_list(limit("force", says("open: no call is made; closed: every one is; none: as the peer answers")));
  }
  static constexpr std::string_view kExample = R"({"force":"open"})";
};

BreakerView view_of(BreakerStatus&& status) {
  return {std::move(status.name), status.state, status.is_forced, static_cast<std::int64_t>(status.opened),
          static_cast<std::int64_t>(status.refused)};
}

Error no_such_breaker() {
  return {ErrorCode::kNotFound, "breaker.not_found", "nothing of this name is asked by this process"};
}

void list_breakers(const ApiCallPtr& call) {
  std::string items;
  for (auto& one : call->api.breakers.all(steady_now())) {
    items += (items.empty() ? "" : ",") + encode(view_of(std::move(one)));
  }
  call->answer(Position{}, http::json_response(200, "{\"items\":[" + items + "]}"));
}

void show(const ApiCallPtr& call) {
  auto found = call->api.breakers.find(call->request().path_parameter("name"), steady_now());
  if (!found) return call->refuse(no_such_breaker());
  call->answer(Position{}, http::json_response(200, encode(view_of(std::move(*found)))));
}

void force_breaker(const ApiCallPtr& call) {
  const auto body = call->body<ForceBody>();
  if (!body) return call->refuse(body.error());
  if (!call->api.breakers.force(call->request().path_parameter("name"), body->force, steady_now())) {
    return call->refuse(no_such_breaker());
  }
  show(call);
}

}  // namespace

void add_breaker_routes(http::Router& router, Api& api) {
  const std::string_view one = "/api/v1/admin/breakers/{name}";
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_breakers";
  info.summary = "Lists the circuit breakers around what is asked outside of this process";
  info.answers = {{200, http::list_of<BreakerView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/breakers", info, list_breakers);
  info.name = "get_breaker";
  info.summary = "Shows a circuit breaker";
  info.path = {{"name", http::schema<std::string>(length(1, kNameSizeMax))}};
  info.answers = {{200, http::schema<BreakerView>()}};
  info.problems = {{404, "breaker.not_found"}};
  add_route(router, api, http::Method::kGet, one, info, show);
  info.key_without_effect = "said again it changes nothing";
  info.name = "force_breaker";
  info.summary = "Forces a circuit breaker open or closed, or takes the force back";
  info.media_type = "application/json";
  info.body = http::schema<ForceBody>();
  add_route(router, api, http::Method::kPut, one, info, force_breaker);
}

}  // namespace souk
