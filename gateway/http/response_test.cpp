#include "gateway/http/response.hpp"

#include <doctest/doctest.h>

#include "gateway/http/conditional.hpp"

using namespace souk::http;

namespace {

std::string wire(const Response& response, WireContext context = {}) {
  context.request_id = "r-1";
  context.date = "Mon, 23 Nov 2026 08:00:00 GMT";
  if (context.cache_control.empty()) context.cache_control = "no-store";
  std::string out;
  append_wire(out, response, context);
  return out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an answer is written whole") {
  auto response = json_response(201, R"({"a":1})");
  response.location = "/api/v1/orders/1";
  response.etag = "\"1-1-7\"";
  response.retry_after_s = 2;
  response.headers.emplace_back("Souk-Position", "17");
  CHECK(wire(response) ==
        "HTTP/1.1 201 Created\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\nX-Request-Id: r-1\r\n"
        "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Type: application/json\r\n"
        "Content-Length: 7\r\nETag: \"1-1-7\"\r\nLocation: /api/v1/orders/1\r\nRetry-After: 2\r\n"
        "Souk-Position: 17\r\n\r\n{\"a\":1}");
}

TEST_CASE("an answer to HEAD has the length but not the body") {
  const auto text = wire(json_response(200, "12345"), {.head = true});
  CHECK(has(text, "Content-Length: 5\r\n"));
  CHECK(text.substr(text.size() - 4) == "\r\n\r\n");
}

TEST_CASE("answers that never have a body have neither body nor length") {
  for (const int status : {204, 304}) {
    const auto text = wire(json_response(status, "12345"));
    CHECK_FALSE(has(text, "Content-Length"));
    CHECK_FALSE(has(text, "12345"));
  }
}

TEST_CASE("an empty body has a length of zero and no type") {
  Response response;
  const auto text = wire(response);
  CHECK(has(text, "Content-Length: 0\r\n"));
  CHECK_FALSE(has(text, "Content-Type:"));
}

TEST_CASE("data in a header cannot begin a line of its own") {
  Response response;
  response.location = "/a\r\nSet-Cookie: x=1";
  response.headers.emplace_back("X-Data", std::string("a\nb\0c\x1b", 6));
  const auto text = wire(response);
  CHECK(has(text, "Location: /a??Set-Cookie: x=1\r\n"));
  CHECK(has(text, "X-Data: a?b?c?\r\n"));
}

TEST_CASE("a shared body is sent instead of the own one, and an answer's caching instead of the route's") {
  Response response;
  response.shared_body = std::make_shared<const std::string>("cached");
  response.cache_control = "max-age=60";
  const auto text = wire(response);
  CHECK(has(text, "Content-Length: 6\r\n"));
  CHECK(has(text, "\r\n\r\ncached"));
  CHECK(has(text, "Cache-Control: max-age=60\r\n"));
  CHECK_FALSE(has(text, "no-store"));
}

TEST_CASE("entity tags are compared strongly and weakly") {
  CHECK(find_etag_weakly("\"1\", W/\"2\"", "\"2\"") == "W/\"2\"");
  CHECK(find_etag_weakly("\"2-gzip\"", "\"2\"") == "\"2-gzip\"");
  CHECK(find_etag_weakly("W/\"2-gzip\"", "\"2\""));
  CHECK(find_etag_weakly("W/\"2\"", "W/\"2\""));
  CHECK(find_etag_weakly("*", "\"2\""));
  CHECK_FALSE(find_etag_weakly("\"1\"", "\"2\""));
  CHECK(etag_matches_strongly("\"1\" , \"2\"", "\"2\""));
  CHECK(etag_matches_strongly("*", "\"2\""));
  CHECK(etag_matches_strongly("\"2-gzip\"", "\"2\""));
  CHECK_FALSE(etag_matches_strongly("W/\"2\"", "W/\"2\""));
  CHECK_FALSE(etag_matches_strongly("W/\"2\"", "\"2\""));
}

TEST_CASE("a header that is no list of entity tags matches nothing") {
  for (const char* text : {"", "2", "\"2", "\"2\",", "\"2\" \"3\"", "w/\"2\"", ",", "*, \"2\""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_etags(text).has_value());
    CHECK_FALSE(find_etag_weakly(text, "\"2\""));
  }
}
