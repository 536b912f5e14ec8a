#include "gateway/http/cors.hpp"

#include <doctest/doctest.h>

#include "gateway/http/server.hpp"
#include "gateway/http/test_server.hpp"

using namespace souk::http;

namespace {

constexpr std::string_view kList = "https://shop.example, http://127.0.0.1:3000,https://[::1]:8443";

/// A server with a few routes for pages of these origins.
struct CorsServer {
  std::unique_ptr<Server> server;

  explicit CorsServer(std::string_view origins) {
    ServerOptions options;
    options.cors = Cors::parse(origins).value();
    Router router;
    const auto answer = [](const ExchangePtr& exchange) { exchange->respond(json_response(200, "{}")); };
    router.add(Method::kGet, "/things", {.name = "list"}, answer);
    router.add(Method::kPost, "/things", {.name = "add", .media_type = "application/json"}, answer);
    router.add(Method::kGet, "/secret", {.name = "secret", .holds_secret = true}, answer);
    auto started = Server::start(std::move(options), std::move(router));
    REQUIRE(started);
    server = std::move(*started);
  }
  RawAnswer ask(const std::string& text) const { return RawClient(server->port()).ask(text); }
};

std::string from(std::string_view origin) {
  return "Origin: " + std::string(origin) + "\r\n";
}

bool says_nothing_of_origins(const RawAnswer& answer) {
  return answer.head.find("Access-Control-") == std::string::npos;
}

}  // namespace

TEST_CASE("origins are given as browsers send them") {
  for (const char* list : {"", "*", "https://a", "http://a:8080", "https://a.b-c.example , http://127.0.0.1:3000",
                           "https://[::1]", "https://[fe80::1]:8443"}) {
    CAPTURE(list);
    CHECK(Cors::parse(list));
  }
  for (const char* list :
       {"null",        "a",           "https://",      "https://a/",    "https://a:",      "https://a:443",
        "http://a:80", "HTTPS://a",   "https://A",     "https://a:80a", "https://a:65536", "ftp://a",
        "https://a,",  ",https://a",  "*, https://a",  "https://a, *",  "https://*.a",     "https://[::1",
        "https://u@a", "https://a:0", "https://a:080", "https://a b"}) {
    CAPTURE(list);
    const auto parsed = Cors::parse(list);
    REQUIRE(!parsed);
    CHECK(parsed.error().reason == "cors.origin_invalid");
  }
}

TEST_CASE("a listed origin is told that it may read the answer, and which headers") {
  const CorsServer test(kList);
  for (const auto& request :
       {get("/things", from("https://shop.example")),
        post("/things", "{}", from("https://shop.example") + "Content-Type: application/json\r\n")}) {
    const auto answer = test.ask(request);
    CHECK(answer.status == 200);
    CHECK(answer.header("Access-Control-Allow-Origin") == "https://shop.example");
    CHECK(answer.header("Access-Control-Expose-Headers").find("Souk-Position") != std::string::npos);
    CHECK(answer.header("Access-Control-Allow-Credentials").empty());
    CHECK(answer.header("Vary") == "Accept-Encoding, Origin");
  }
  CHECK(test.ask(get("/secret", from("https://[::1]:8443"))).header("Vary") == "Origin");
}

TEST_CASE("refusals tell it too") {
  const CorsServer test(kList);
  for (const auto& request :
       {get("/nowhere", from("https://shop.example")), post("/secret", "x", from("https://shop.example")),
        post("/things", "x", from("https://shop.example")),
        get("/things", from("https://shop.example") + "Host: b\r\n"),
        get("/things", from("https://shop.example") + "A: " + std::string(7'000, 'x') + "\r\n" + std::string(5, ' ') +
                           "B: c\r\n")}) {
    const auto answer = test.ask(request);
    CHECK(answer.status >= 400);
    CHECK(answer.header("Access-Control-Allow-Origin") == "https://shop.example");
    CHECK(answer.header("Vary").find("Origin") != std::string::npos);
  }
}

TEST_CASE("other origins, null among them, are told nothing, but that it depends on the origin") {
  const CorsServer test(kList);
  for (const char* origin :
       {"https://evil.example", "null", "https://shop.example.evil.example", "https://shop.example:444",
        "http://shop.example", "https://shop.example/", "https://SHOP.example", "https://sub.shop.example"}) {
    CAPTURE(origin);
    const auto answer = test.ask(get("/things", from(origin)));
    CHECK(answer.status == 200);
    CHECK(says_nothing_of_origins(answer));
    CHECK(answer.header("Vary") == "Accept-Encoding, Origin");
    const auto preflight = test.ask("OPTIONS /things HTTP/1.1\r\nHost: a\r\n" + from(origin) +
                                    "Access-Control-Request-Method: POST\r\n\r\n");
    CHECK(preflight.status == 204);
    CHECK(says_nothing_of_origins(preflight));
  }
  CHECK(says_nothing_of_origins(test.ask(get("/things"))));
  CHECK(test.ask(get("/things")).header("Vary") == "Accept-Encoding, Origin");
  CHECK(says_nothing_of_origins(test.ask(get("/things", from("https://shop.example") + from("https://shop.example")))));
}

TEST_CASE("a browser that asks beforehand is told what it may send, and for how long that holds") {
  const CorsServer test(kList);
  const auto answer = test.ask("OPTIONS /things HTTP/1.1\r\nHost: a\r\n" + from("http://127.0.0.1:3000") +
                               "Access-Control-Request-Method: DELETE\r\n"
                               "Access-Control-Request-Headers: authorization, x-evil\r\n\r\n");
  CHECK(answer.status == 204);
  CHECK(answer.header("Access-Control-Allow-Origin") == "http://127.0.0.1:3000");
  CHECK(answer.header("Access-Control-Allow-Methods") == "GET, HEAD, POST, OPTIONS");
  CHECK(answer.header("Access-Control-Allow-Headers").find("Authorization, Content-Type, Idempotency-Key") == 0);
  CHECK(answer.header("Access-Control-Allow-Headers").find("evil") == std::string::npos);
  CHECK(answer.header("Access-Control-Max-Age") == "7200");
  CHECK(answer.header("Vary").find("Origin") != std::string::npos);
  CHECK(answer.header("Allow") == "GET, HEAD, POST, OPTIONS");
  const auto plain = test.ask("OPTIONS /things HTTP/1.1\r\nHost: a\r\n" + from("http://127.0.0.1:3000") + "\r\n");
  CHECK(plain.header("Access-Control-Allow-Methods").empty());
}

TEST_CASE("any origin may be let in") {
  const CorsServer test("*");
  for (const char* origin : {"https://a.example", "null"}) {
    const auto answer = test.ask(get("/things", from(origin)));
    CHECK(answer.header("Access-Control-Allow-Origin") == "*");
    CHECK(answer.header("Access-Control-Allow-Credentials").empty());
    CHECK(answer.header("Vary") == "Accept-Encoding");
  }
}

TEST_CASE(
    "where any origin is let in, an answer that no page asked for says so too, for it may be kept and shown to one") {
  const CorsServer test("*");
  CHECK(test.ask(get("/things")).header("Access-Control-Allow-Origin") == "*");
  CHECK(test.ask(get("/nowhere")).header("Access-Control-Allow-Origin") == "*");
}

TEST_CASE("unless it is configured nothing is said of origins") {
  const CorsServer test("");
  const auto answer = test.ask(get("/things", from("https://shop.example")));
  CHECK(says_nothing_of_origins(answer));
  CHECK(answer.header("Vary") == "Accept-Encoding");
  const auto preflight = test.ask("OPTIONS /things HTTP/1.1\r\nHost: a\r\n" + from("https://shop.example") +
                                  "Access-Control-Request-Method: POST\r\n\r\n");
  CHECK(preflight.status == 204);
  CHECK(says_nothing_of_origins(preflight));
}
