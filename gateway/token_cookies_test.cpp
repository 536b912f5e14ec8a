#include "gateway/token_cookies.hpp"

#include <doctest/doctest.h>

#include "gateway/http/request_reader.hpp"

using namespace souk;

namespace {

/// What a request with these headers says of the cookie "a"; "twice": that it cannot be told.
std::string read(const std::string& headers) {
  const http::ServerLimits limits;
  http::Request request;
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
  REQUIRE(http::RequestReader(limits).read_head(head, request));
  const auto found = read_cookie(request, "a");
  if (!found) return "twice";
  return *found ? std::string(**found) : "none";
}

}  // namespace

TEST_CASE("a cookie is found by its whole name, wherever it stands") {
  CHECK(read("") == "none");
  CHECK(read("Cookie: a=1\r\n") == "1");
  CHECK(read("cookie: b=2; a=1; ab=3\r\n") == "1");
  CHECK(read("Cookie: b=2\r\nCookie: a=1\r\n") == "1");
  CHECK(read("Cookie: b=a=1; ba=2; A=3; a\r\n") == "none");
  CHECK(read("Cookie: ;;a= ;\r\n").empty());
  CHECK(read("Cookie: a=b=c\r\n") == "b=c");
}

TEST_CASE("a cookie that is there twice can be read in two ways, and is not") {
  CHECK(read("Cookie: a=1; a=1\r\n") == "twice");
  CHECK(read("Cookie: a=1\r\nCookie: a=2\r\n") == "twice");
}

TEST_CASE("a token against other sites is of one session") {
  const KeyedHash hash{Key256{}};
  CHECK((csrf_token(hash, SessionId{{1, 2}}) == csrf_token(hash, SessionId{{1, 2}})));
  CHECK((csrf_token(hash, SessionId{{1, 2}}) != csrf_token(hash, SessionId{{1, 3}})));
  CHECK((csrf_token(hash, SessionId{{1, 2}}) != csrf_token(KeyedHash{Key256::random()}, SessionId{{1, 2}})));
}

TEST_CASE("cookies with tokens are for no script and no other site, and for HTTPS unless it is said otherwise") {
  for (const bool secure : {true, false}) {
    http::Response response;
    add_token_cookies(response, secure, {"AAA", 60, "BBB", 70, "CCC"});
    const std::string prefix = secure ? "__Host-" : "";
    const std::string more = std::string("; SameSite=Strict") + (secure ? "; Secure" : "");
    REQUIRE(response.headers.size() == 3);
    CHECK(response.headers[0].second == prefix + "souk_access=AAA; Path=/; Max-Age=60; HttpOnly" + more);
    CHECK(response.headers[1].second == prefix + "souk_refresh=BBB; Path=/; Max-Age=70; HttpOnly" + more);
    CHECK(response.headers[2].second == prefix + "souk_csrf=CCC; Path=/; Max-Age=70" + more);
  }
}
