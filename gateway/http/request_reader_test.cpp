#include "gateway/http/request_reader.hpp"

#include <doctest/doctest.h>

using namespace souk::http;

namespace {

struct Head {
  ServerLimits limits;
  Request request;
  Framing framing;
  int status = 200;
  std::string reason;

  explicit Head(std::string_view text) {
    HeadScanner scanner;
    REQUIRE((scanner.scan(text, limits) == HeadScanner::Status::kFound));
    REQUIRE(scanner.size() == text.size());
    const auto read = RequestReader(limits).read_head(text, request);
    if (read) {
      framing = *read;
    } else {
      status = read.error().status;
      reason = read.error().reason;
    }
  }
};

int status_of_post(std::string_view headers) {
  return Head("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n").status;
}

HeadScanner::Status scan(std::string_view text, std::size_t piece, std::size_t& size) {
  const ServerLimits limits;
  HeadScanner scanner;
  for (std::size_t end = piece;; end += piece) {
    const auto status = scanner.scan(text.substr(0, end), limits);
    if (status != HeadScanner::Status::kNeedMore || end >= text.size()) {
      size = scanner.size();
      return status;
    }
  }
}

}  // namespace

TEST_CASE("the end of a head is found however it is cut") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    std::size_t size = 0;
    CHECK((scan(head + "rest", piece, size) == HeadScanner::Status::kFound));
    CHECK(size == head.size());
  }
}

TEST_CASE("lines must end in CRLF and heads must not be endless") {
  std::size_t size = 0;
  CHECK((scan("GET / HTTP/1.1\nHost: a\n\n", 1, size) == HeadScanner::Status::kMalformed));
  CHECK((scan("GET / HTTP/1.1\r\nHost: a\r\n\n", 3, size) == HeadScanner::Status::kMalformed));
  CHECK((scan("\n", 1, size) == HeadScanner::Status::kMalformed));
  CHECK((scan("\r\n\r\n", 1, size) == HeadScanner::Status::kMalformed));
  CHECK((scan(std::string(9000, 'a'), 100, size) == HeadScanner::Status::kLineTooLong));
  CHECK((scan("GET / HTTP/1.1\r\n" + std::string(9000, 'a'), 100, size) == HeadScanner::Status::kTooLarge));
}

TEST_CASE("a head is read: target, headers, framing, request id") {
  const Head head(
      "POST /a/b?c=d HTTP/1.1\r\nhOST: shop.example:8080\r\nX-Request-Id: abc-1.2_3\r\nAccept:  x \r\n"
      "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n");
  CHECK(head.status == 200);
  CHECK((head.request.method == Method::kPost));
  CHECK(head.request.path() == "/a/b");
  CHECK(head.request.header("accept").value() == "x");
  CHECK_FALSE(head.request.header("cookie").has_value());
  CHECK(head.request.request_id == "abc-1.2_3");
  CHECK(head.framing.content_length == 12);
  CHECK(head.framing.expects_continue);
  CHECK(head.framing.keep_alive);
}

TEST_CASE("a header that is there twice is refused by who needs it once") {
  const Head head("GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"1\"\r\nIdempotency-Key: a\r\nidempotency-key: b\r\n\r\n");
  CHECK(head.request.single_header("if-match")->value() == "\"1\"");
  REQUIRE_FALSE(head.request.single_header("Idempotency-Key"));
  CHECK(head.request.single_header("Idempotency-Key").error().reason == "request.duplicate_header");
}

TEST_CASE("an unsafe or long request id is not taken") {
  for (const std::string& id : {std::string("a b"), std::string("a\"b"), std::string(65, 'a'), std::string()}) {
    CHECK(Head("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + id + "\r\n\r\n").request.request_id.empty());
  }
  CHECK(Head("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + std::string(64, 'a') + "\r\n\r\n")
            .request.request_id.size() == 64);
}

TEST_CASE("transfer codings other than chunked, exactly and alone, are refused") {
  CHECK(status_of_post("Transfer-Encoding: chunked\r\n") == 200);
  CHECK(status_of_post("Transfer-Encoding: Chunked\r\n") == 200);
  CHECK(status_of_post("Transfer-Encoding: xchunked\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding: chunked, identity\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding: chunked;q=1\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding: identity\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding:\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding: gzip, chunked\r\n") == 501);
  CHECK(status_of_post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") == 400);
  CHECK(status_of_post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(status_of_post("Content-Length: 3\r\nTransfer-Encoding: identity\r\n") == 400);
  CHECK(status_of_post("Transfer-Encoding : chunked\r\n") == 400);
  CHECK(status_of_post(" Transfer-Encoding: chunked\r\n") == 400);
  CHECK(Head("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").status == 400);
}

TEST_CASE("a content length that is not one plain number is refused") {
  CHECK(status_of_post("Content-Length: 0\r\n") == 200);
  for (const char* value :
       {"", "4, 4", "+4", "-1", "4 4", "0x4", "4.0", "18446744073709551616", "99999999999999999999999"}) {
    CAPTURE(value);
    CHECK(status_of_post("Content-Length: " + std::string(value) + "\r\n") == 400);
  }
  CHECK(status_of_post("Content-Length: 4\r\nContent-Length: 4\r\n") == 400);
  CHECK(status_of_post("Content-Length: 4\r\nContent-Length: 5\r\n") == 400);
}

TEST_CASE("folded lines, broken names and control characters are refused") {
  for (const char* headers : {"A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A : b\r\n", "A\r\n", ": b\r\n", "A(: b\r\n",
                              "A: b\x01\r\n", "A: b\rc\r\n"}) {
    CAPTURE(headers);
    CHECK(status_of_post(headers) == 400);
  }
  CHECK(Head("GET / HTTP/1.1\r\nHost: a\r\nA: b" + std::string(1, '\0') + "c\r\n\r\n").status == 400);
}

TEST_CASE("exactly one sane Host is needed") {
  CHECK(Head("GET / HTTP/1.1\r\n\r\n").reason == "request.no_host");
  CHECK(Head("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n").status == 400);
  CHECK(Head("GET / HTTP/1.1\r\nHost:\r\n\r\n").status == 400);
  CHECK(Head("GET / HTTP/1.1\r\nHost: a b\r\n\r\n").status == 400);
  CHECK(Head("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n").status == 400);
  CHECK(Head("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").status == 200);
  CHECK(Head("GET / HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("the absolute form is the same as the path") {
  const Head head("GET http://shop.example/a/b?c=d HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.status == 200);
  CHECK(head.request.path() == "/a/b");
  CHECK(head.request.query("c")->value() == "d");
  CHECK(Head("GET HTTP://shop.example HTTP/1.1\r\nHost: a\r\n\r\n").request.path() == "/");
  CHECK(Head("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(Head("GET http://u@h/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(Head("GET ftp://h/a HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(Head("GET * HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
  CHECK(Head("GET http://h/../a HTTP/1.1\r\nHost: a\r\n\r\n").status == 400);
}

TEST_CASE("methods without a body refuse one") {
  for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    CHECK(Head(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n").status == 400);
    CHECK(Head(method + " / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").status == 400);
    CHECK(Head(method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").status == 200);
  }
}

TEST_CASE("unknown methods, versions, expectations and content codings are refused as such") {
  for (const std::string method : {"TRACE", "CONNECT", "get", "BREW"}) {
    CHECK(Head(method + " / HTTP/1.1\r\nHost: a\r\n\r\n").status == 501);
  }
  CHECK(Head("GET / HTTP/2.0\r\nHost: a\r\n\r\n").status == 505);
  CHECK(Head("GET / HTTP/0.9\r\nHost: a\r\n\r\n").status == 505);
  CHECK(status_of_post("Expect: x\r\nContent-Length: 1\r\n") == 417);
  CHECK(status_of_post("Content-Encoding: gzip\r\n") == 415);
  CHECK(status_of_post("Content-Encoding: identity\r\n") == 200);
}

TEST_CASE("at most 64 headers are read") {
  std::string headers;
  for (int i = 0; i < 63; ++i) headers += "a: b\r\n";
  CHECK(status_of_post(headers) == 200);
  CHECK(status_of_post(headers + "a: b\r\n") == 431);
}

TEST_CASE("a credential or a type given twice is refused") {
  CHECK(status_of_post("Authorization: a\r\nAuthorization: a\r\n") == 400);
  CHECK(status_of_post("Content-Type: a/b\r\nContent-Type: a/b\r\n") == 400);
}

TEST_CASE("who closes is known: HTTP/1.0 and Connection: close") {
  CHECK_FALSE(Head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").framing.keep_alive);
  CHECK_FALSE(Head("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").framing.keep_alive);
  CHECK(Head("GET / HTTP/1.1\r\nHost: a\r\n\r\n").framing.keep_alive);
}
