#include "gateway/http/router.hpp"

#include <doctest/doctest.h>

#include "gateway/http/request_reader.hpp"

using namespace souk::http;

namespace {

struct Paths {
  Router router;
  ServerLimits limits;
  std::unique_ptr<Request> request;

  Paths() {
    add(Method::kGet, "/api/v1/orders", "list");
    add(Method::kPost, "/api/v1/orders", "place");
    add(Method::kGet, "/api/v1/orders/{id}", "get");
    add(Method::kGet, "/api/v1/orders/export", "export");
    add(Method::kPost, "/api/v1/orders/{id}/cancel", "cancel");
    add(Method::kPut, "/api/v1/shelves/{shelf}/items/{item}", "put");
    add(Method::kGet, "/", "root");
  }
  void add(Method method, std::string_view pattern, std::string_view name) {
    router.add(method, pattern, {.name = name}, [](const ExchangePtr&) {});
  }
  /// The name of the route, else what is allowed there, else nothing.
  std::string answer(std::string_view method, std::string_view path) {
    auto read = RequestReader(limits).read_whole(std::string(method) + " " + std::string(path) +
                                                 " HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!read) return read.error().reason;
    request = std::move(*read);
    const auto match = router.match(*request);
    return match.route != nullptr ? std::string(match.route->info.name) : match.allow;
  }
};

}  // namespace

TEST_CASE("a route is found by method and path, and its parameters are known") {
  Paths paths;
  CHECK(paths.answer("GET", "/") == "root");
  CHECK(paths.answer("GET", "/api/v1/orders?limit=3") == "list");
  CHECK(paths.answer("POST", "/api/v1/orders") == "place");
  CHECK(paths.answer("GET", "/api/v1/orders/01h") == "get");
  CHECK(paths.request->path_parameter("id") == "01h");
  CHECK(paths.answer("PUT", "/api/v1/shelves/a%20b/items/7") == "put");
  CHECK(paths.request->path_parameter("shelf") == "a b");
  CHECK(paths.request->path_parameter("item") == "7");
}

TEST_CASE("a literal segment is preferred to a parameter, but does not hide it") {
  Paths paths;
  CHECK(paths.answer("GET", "/api/v1/orders/export") == "export");
  CHECK(paths.answer("POST", "/api/v1/orders/export/cancel") == "cancel");
  CHECK(paths.request->path_parameter("id") == "export");
}

TEST_CASE("paths match exactly: case, slashes and length count") {
  Paths paths;
  for (const char* path : {"/API/v1/orders", "/api/v1/orders/", "//api/v1/orders", "/api//v1/orders", "/api/v1",
                           "/api/v1/orders//cancel", "/api/v1/orders/1/2", "/api/v1/orders/1/cancel/"}) {
    CAPTURE(path);
    CHECK(paths.answer("GET", path).empty());
  }
  CHECK(paths.answer("GET", "/api/v1/orders/%2e%2e") == "request.bad_target");
  CHECK(paths.answer("GET", "/api/v1/orders%2f1") == "request.bad_target");
}

TEST_CASE("an encoded letter is the letter, so the route and its rules are the same") {
  Paths paths;
  CHECK(paths.answer("GET", "/api/v1/%6frders") == "list");
  CHECK(paths.answer("GET", "/api/v1/%256frders").empty());
}

TEST_CASE("a path known by other methods tells them") {
  Paths paths;
  CHECK(paths.answer("DELETE", "/api/v1/orders") == "GET, HEAD, POST, OPTIONS");
  CHECK(paths.answer("GET", "/api/v1/orders/1/cancel") == "POST, OPTIONS");
  CHECK(paths.answer("OPTIONS", "/api/v1/orders/1") == "GET, HEAD, OPTIONS");
}

TEST_CASE("HEAD reaches the route of GET") {
  Paths paths;
  CHECK(paths.answer("HEAD", "/api/v1/orders") == "list");
  CHECK(paths.answer("HEAD", "/api/v1/orders/1/cancel") == "POST, OPTIONS");
}

TEST_CASE("routes are listed in the order added, each with its index") {
  Paths paths;
  const auto& routes = paths.router.routes();
  REQUIRE(routes.size() == 7);
  CHECK(routes[4].pattern == "/api/v1/orders/{id}/cancel");
  CHECK(routes[4].index == 4);
  CHECK((routes[4].method == Method::kPost));
}

TEST_CASE("a router that was moved still answers") {
  Paths paths;
  Router moved = std::move(paths.router);
  paths.router = std::move(moved);
  CHECK(paths.answer("GET", "/api/v1/orders/9") == "get");
}
