// Souk's HTTP server with a handler that does nothing, to be compared with bare_beast_server.
//
// usage: bare_souk_server PORT [FILE]     with metrics and, if FILE is given, with an access log

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "gateway/access_log.hpp"
#include "gateway/http/server.hpp"
#include "gateway/metrics.hpp"

int main(int argc, char** argv) {
  using namespace souk;
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s PORT [FILE]\n", argv[0]);
    return 2;
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  http::Router router;
  const auto answer = [](const http::ExchangePtr& exchange) {
    exchange->respond(http::json_response(
        200,
        R"({"id":"01j9zqv7k3m5x8r2t4w6y0a1b2","quantity":1,"price":{"amount":1999,"currency":"CNY"},"state":"open"})"));
  };
  router.add(http::Method::kGet, "/api/v1/cart", {.name = "get"}, answer);
  router.add(http::Method::kPost, "/api/v1/cart/items", {.name = "post", .media_type = "application/json"}, answer);

  Metrics metrics;
  metrics.declare_routes(router);
  http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.observers = {&metrics};
  std::unique_ptr<AccessLog> log;
  if (argc > 2) {
    auto opened = AccessLog::open({true, argv[2]});
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
      return 1;
    }
    log = std::move(*opened);
    options.observers.push_back(log.get());
  }
  auto server = http::Server::start(std::move(options), std::move(router));
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    return 1;
  }
  int signal = 0;
  sigwait(&stop, &signal);
  return (*server)->drain(std::chrono::seconds(5)) ? 0 : 1;
}
