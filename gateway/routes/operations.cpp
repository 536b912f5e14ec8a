#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "projections/supervisor.hpp"

namespace souk {
namespace {

struct StatusView {
  std::string status;
  static constexpr auto fields() { return field_list(field("status", &StatusView::status)); }
  static constexpr std::string_view kExample = R"({"status":"ok"})";
};

}  // namespace

void add_operation_routes(http::Router& router, Api& api) {
  const auto probe = [](std::string_view name, std::string_view summary) {
    http::RouteInfo info;
    info.answers = {{200, http::schema<StatusView>()}};
    info.name = name;
    info.is_public = true;
    info.summary = summary;
    info.always_admitted = true;
    return info;
  };
  router.add(
      http::Method::kGet, "/healthz", probe("healthz", "Whether the process works"),
      [](const http::ExchangePtr& exchange) { exchange->respond(http::json_response(200, R"({"status":"ok"})")); });
  router.add(http::Method::kGet, "/readyz", probe("readyz", "Whether requests should be sent here"),
             [&api](const http::ExchangePtr& exchange) {
               const auto stuck = api.projections.supervisor().stuck();
               if (!stuck.empty()) {
                 exchange->refuse(Error{ErrorCode::kUnavailable, "server.follower_stuck",
                                        "the follower " + stuck.front() + " does not go on"});
               } else if (api.ready()) {
                 exchange->respond(http::json_response(200, R"({"status":"ready"})"));
               } else {
                 exchange->refuse(Error{ErrorCode::kUnavailable, "server.not_ready", "it is starting or stopping"});
               }
             });
  auto metrics = probe("metrics", "Figures in the text format of Prometheus");
  metrics.answers = {
      {200, http::plain_text(R"("# TYPE souk_log_position gauge\nsouk_log_position 762\n")"), {}, "text/plain"}};
  router.add(http::Method::kGet, "/metrics", metrics, [&api](const http::ExchangePtr& exchange) {
    auto response = http::json_response(200, api.render_metrics());
    response.content_type = "text/plain; version=0.0.4";
    exchange->respond(std::move(response));
  });
}

}  // namespace souk
