#include "gateway/http/problem.hpp"

#include <doctest/doctest.h>

#include "gateway/http/request_reader.hpp"

using namespace souk;
using namespace souk::http;

namespace {

int status_for_content_type(std::string_view headers, std::string_view wanted) {
  const ServerLimits limits;
  auto request = RequestReader(limits).read_whole("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n");
  REQUIRE(request);
  const auto fits = require_content_type(**request, wanted);
  return fits ? 200 : fits.error().status;
}

}  // namespace

TEST_CASE("every error code has its status, and says whether a retry helps") {
  CHECK(status_of(ErrorCode::kInvalid).status == 400);
  CHECK(status_of(ErrorCode::kUnauthenticated).status == 401);
  CHECK(status_of(ErrorCode::kForbidden).status == 403);
  CHECK(status_of(ErrorCode::kNotFound).status == 404);
  CHECK(status_of(ErrorCode::kConflict).status == 409);
  CHECK(status_of(ErrorCode::kPreconditionFailed).status == 412);
  CHECK(status_of(ErrorCode::kUnprocessable).status == 422);
  CHECK(status_of(ErrorCode::kTooMany).status == 429);
  CHECK(status_of(ErrorCode::kUnavailable).status == 503);
  CHECK(status_of(ErrorCode::kInternal).status == 500);
  CHECK(status_of(ErrorCode::kUnavailable).retry_after_s > 0);
  CHECK(status_of(ErrorCode::kTooMany).retry_after_s > 0);
  CHECK(status_of(ErrorCode::kConflict).retry_after_s < 0);
}

TEST_CASE("a problem document has the members of RFC 9457, ours, and what the caller adds") {
  Problem problem(Error{ErrorCode::kConflict, "stock.short", "only 2 are left"});
  problem.members.emplace_back("lines", R"([{"asked":3,"available":2}])");
  const auto response = problem_response(problem, "r-1");
  CHECK(response.status == 409);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body ==
        R"({"type":"/problems/stock.short","title":"Conflict","status":409,"detail":"only 2 are left",)"
        R"("reason":"stock.short","request_id":"r-1","lines":[{"asked":3,"available":2}]})");
}

TEST_CASE("what went wrong inside is not told to the client") {
  const auto response =
      problem_response(Problem(Error{ErrorCode::kInternal, "event.unknown_type", "at 0x7f, /var/x"}), "r");
  CHECK(response.status == 500);
  CHECK(response.body.find("/var/x") == std::string::npos);
}

TEST_CASE("text of a problem cannot break out of its JSON") {
  const auto response = problem_response(Problem(400, "a.b", "\"},\r\n\x1b"), "r");
  CHECK(response.body.find(R"("detail":"\"},\r\n\u001b")") != std::string::npos);
}

TEST_CASE("a 401 says how to authenticate") {
  const auto response = problem_response(Problem(Error{ErrorCode::kUnauthenticated, "token.expired", {}}), "r");
  REQUIRE(response.headers.size() == 1);
  CHECK(response.headers[0].first == "WWW-Authenticate");
}

TEST_CASE("the content type must be the wanted one, in utf-8 if it says") {
  const auto json = [](std::string_view headers) { return status_for_content_type(headers, "application/json"); };
  CHECK(json("Content-Type: application/json\r\n") == 200);
  CHECK(json("content-type: Application/JSON\r\n") == 200);
  CHECK(json("Content-Type: application/json; charset=utf-8\r\n") == 200);
  CHECK(json("Content-Type: application/json ;charset=\"UTF-8\";\r\n") == 200);
  CHECK(json("") == 415);
  CHECK(json("Content-Type: text/plain\r\n") == 415);
  CHECK(json("Content-Type: application/json; charset=utf-16\r\n") == 415);
  CHECK(json("Content-Type: application/jsonp\r\n") == 415);
  CHECK(json("Content-Type: application/json, text/plain\r\n") == 415);
  CHECK(json("Content-Type: application/merge-patch+json\r\n") == 415);
  CHECK(status_for_content_type("Content-Type: application/merge-patch+json\r\n", "application/merge-patch+json") ==
        200);
}
