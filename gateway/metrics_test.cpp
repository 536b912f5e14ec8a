#include "gateway/metrics.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

http::Finished answered(const http::Route* route, int status, std::chrono::microseconds took) {
  http::Finished finished;
  finished.route = route;
  finished.status = status;
  finished.took = took;
  return finished;
}

}  // namespace

TEST_CASE("requests are counted and timed by route, method and class of status") {
  http::Router router;
  router.add(http::Method::kGet, "/a", {.name = "get_a"}, [](const http::ExchangePtr&) {});
  router.add(http::Method::kPost, "/a", {.name = "post_a"}, [](const http::ExchangePtr&) {});
  Metrics metrics;
  metrics.declare_routes(router);
  metrics.started();
  metrics.finished(answered(&router.routes()[1], 201, std::chrono::microseconds(700)), true);
  metrics.finished(answered(&router.routes()[1], 409, std::chrono::microseconds(100)), false);
  metrics.finished(answered(nullptr, 404, std::chrono::microseconds(5)), false);
  const auto text = metrics.render();
  CHECK(has(text, R"(souk_http_requests_total{method="POST",route="post_a",status="2xx"} 1)"));
  CHECK(has(text, R"(souk_http_requests_total{method="POST",route="post_a",status="4xx"} 1)"));
  CHECK(has(text, R"(souk_http_requests_total{method="none",route="none",status="4xx"} 1)"));
  CHECK(has(text, R"(souk_http_request_seconds_bucket{method="POST",route="post_a",status="2xx",le="0.0005"} 0)"));
  CHECK(has(text, R"(souk_http_request_seconds_bucket{method="POST",route="post_a",status="2xx",le="0.001"} 1)"));
  CHECK(has(text, "# TYPE souk_http_request_seconds histogram"));
  CHECK_FALSE(has(text, "get_a"));
}

TEST_CASE("what is open and in flight goes up and down") {
  Metrics metrics;
  metrics.connection_opened();
  metrics.connection_opened();
  metrics.connection_closed();
  metrics.started();
  auto text = metrics.render();
  CHECK(has(text, "souk_http_connections 1\n"));
  CHECK(has(text, "souk_http_requests_in_flight 1\n"));
  metrics.finished(answered(nullptr, 200, {}), true);
  CHECK(has(metrics.render(), "souk_http_requests_in_flight 0\n"));
}

TEST_CASE("others bring gauges, counters and histograms of their own") {
  Metrics metrics;
  double lag = 3;
  metrics.gauge("souk_follower_lag_events", "Behind the log", [&] { return lag; }, {{"follower", "orders"}});
  metrics.gauge("souk_follower_lag_events", "Behind the log", [] { return 7.0; }, {{"follower", "products"}});
  metrics.counter_of("souk_events_total", "Events written", [] { return 12.0; });
  const auto sizes = metrics.histogram("souk_batch_events", "Events in a commit", Metrics::size_bounds());
  const auto parked = metrics.counter("souk_parked_total", "Events parked", {{"follower", "orders"}});
  sizes.observe(3);
  parked.increment();
  metrics.internal_error("r", "x");
  auto text = metrics.render();
  CHECK(has(text, "souk_follower_lag_events{follower=\"orders\"} 3\n"));
  CHECK(has(text, "souk_follower_lag_events{follower=\"products\"} 7\n"));
  CHECK(has(text, "# TYPE souk_events_total counter\nsouk_events_total 12\n"));
  CHECK(has(text, "souk_batch_events_bucket{le=\"4\"} 1\n"));
  CHECK(has(text, "souk_parked_total{follower=\"orders\"} 1\n"));
  CHECK(has(text, "souk_internal_errors_total 1\n"));
  lag = 0;
  CHECK(has(metrics.render(), "souk_follower_lag_events{follower=\"orders\"} 0\n"));
}
