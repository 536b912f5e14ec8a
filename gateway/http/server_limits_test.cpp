#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "gateway/http/server.hpp"
#include "gateway/http/test_server.hpp"

using namespace souk::http;
using namespace std::chrono_literals;

namespace {

/// What one connection that says `text` and then asks for /fixed gets: one refusal, and the end.
int refusal(const TestServer& test, const std::string& text) {
  auto client = test.client();
  const auto answer = client.ask(text + get("/fixed"));
  CHECK(answer.header("Content-Type") == "application/problem+json");
  CHECK(answer.header("Connection") == "close");
  CHECK(answer.header("X-Request-Id").size() == 26);
  CHECK(client.is_closed_by_server());
  return answer.status;
}

}  // namespace

TEST_CASE("a request that two readers might read differently is refused and nothing behind it is read") {
  TestServer test;
  const std::string start = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  CHECK(refusal(test, start + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n") == 400);
  CHECK(refusal(test, start + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n") == 400);
  CHECK(refusal(test, start + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n") == 501);
  CHECK(refusal(test, start + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n") == 400);
  CHECK(refusal(test, start + "Content-Length: 4, 4\r\n\r\nabcd") == 400);
  CHECK(refusal(test, start + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd") == 400);
  CHECK(refusal(test, start + "A: b\r\n c\r\n\r\n") == 400);
  CHECK(refusal(test, start + "Host: a\r\n\r\n") == 400);
  CHECK(refusal(test, "POST /echo HTTP/1.1\r\n\r\n") == 400);
  CHECK(refusal(test, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
  CHECK(refusal(test, "GET /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd") == 400);
  CHECK(refusal(test, start + "Transfer-Encoding: chunked\r\n\r\nx\r\n") == 400);
  CHECK(refusal(test, start + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x') +
                          "\r\na\r\n0\r\n\r\n") == 400);
  CHECK(refusal(test, "GET /fixed HTTP/1.1\nHost: a\n\n") == 400);
  CHECK(refusal(test, "TRACE /fixed HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refusal(test, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refusal(test, start + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd") == 415);
  CHECK(refusal(test, "\x16\x03\x01\x02\x00\x01\n") == 400);
}

TEST_CASE("the head is limited in bytes, headers and target") {
  TestServer test;
  auto client = test.client();
  const auto padding = [](std::size_t size) { return "A: " + std::string(size, 'x') + "\r\n"; };
  CHECK(client.ask(get("/fixed", padding(4'096) + padding(4'000))).status == 200);
  std::string headers;
  for (int i = 0; i < 63; ++i) headers += "a:\r\n";
  CHECK(client.ask(get("/fixed", headers)).status == 200);
  CHECK(client.ask(get("/items/" + std::string(4'000, 'x'))).status == 200);

  CHECK(refusal(test, get("/fixed", "A: " + std::string(9'000, 'x') + "\r\n")) == 431);
  CHECK(refusal(test, get("/fixed", headers + "a:\r\n")) == 431);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "a:\r\n";
  CHECK(refusal(test, get("/fixed", many)) == 431);
  CHECK(refusal(test, get("/items/" + std::string(4'100, 'x'))) == 414);
  CHECK(refusal(test, get("/items/" + std::string(100'000, 'x'))) == 414);
}

TEST_CASE("the body is limited, by the server or by the route") {
  TestServer test;
  auto client = test.client();
  const std::string full(1024 * 1024, 'x');
  CHECK(client.ask(post("/echo", full)).body == full);
  CHECK(refusal(test, post("/echo", full + "x")) == 413);
  CHECK(refusal(test, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n") == 413);
  CHECK(refusal(test, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n") == 413);
  const std::string json = "Content-Type: application/json\r\n";
  CHECK(client.ask(post("/json", std::string(50, ' '), json)).status == 201);
  CHECK(refusal(test, post("/json", std::string(51, ' '), json)) == 413);
  CHECK(refusal(test, "POST /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" +
                          std::string(32, ' ') + "\r\n20\r\n" + std::string(32, ' ') + "\r\n") == 413);
}

TEST_CASE("all bodies together are limited, and count until their requests are gone") {
  ServerLimits limits;
  limits.all_bodies_bytes_max = 1000;
  TestServer test(limits);
  auto first = test.client();
  first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 700\r\n\r\n" + std::string(600, 'x'));
  auto witness = test.client();
  CHECK(witness.ask(get("/fixed")).status == 200);  // by then the first has been read
  auto second = test.client();
  const auto answer = second.ask(post("/echo", std::string(500, 'x')));
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(first.ask(std::string(100, 'x')).status == 200);
  for (int i = 0; i < 5; ++i) CHECK(first.ask(post("/echo", std::string(900, 'x'))).status == 200);
}

TEST_CASE("a client that asks before it sends a large body is told to go on, or not") {
  TestServer test;
  auto client = test.client();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ";
  client.send(head + "5\r\n\r\n");
  CHECK(client.receive().status == 100);
  CHECK(client.ask("hello").body == "hello");
  client.send(head + "5\r\n\r\nhello");
  CHECK(client.receive().status == 200);  // its body was there already
  auto greedy = test.client();
  CHECK(greedy.ask(head + "9999999\r\n\r\n").status == 413);
  CHECK(greedy.is_closed_by_server());
  CHECK(refusal(test, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nContent-Length: 1\r\n\r\n") == 417);
}

TEST_CASE("a client that is slow with its headers or its body is refused in time") {
  ServerLimits limits;
  limits.head_read = 100ms;
  limits.body_read = 100ms;
  TestServer test(limits);
  auto slow_head = test.client();
  auto slow_body = test.client();
  slow_head.send("GET /fixed HTTP/1.1\r\nHost: a\r\nA: ");
  slow_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
  const auto head_answer = slow_head.receive();
  CHECK(head_answer.status == 408);
  CHECK(head_answer.header("Connection") == "close");
  CHECK(slow_body.receive().status == 408);
  CHECK(slow_head.is_closed_by_server());
  CHECK(slow_body.is_closed_by_server());
}

TEST_CASE("a client that sends a byte now and then does not stretch its time") {
  ServerLimits limits;
  limits.head_read = 200ms;
  limits.linger = 100ms;
  TestServer test(limits);
  auto client = test.client();
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET /fixed HTTP/1.1\r\n");
  while (client.send("A: b\r\n") && std::chrono::steady_clock::now() - begin < 4s &&
         !test.recorder.wait([&] { return !test.recorder.statuses.empty(); })) {
  }
  CHECK(client.receive().status == 408);
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

TEST_CASE("an idle connection is closed without a word") {
  ServerLimits limits;
  limits.idle = 50ms;
  TestServer test(limits);
  auto silent = test.client();
  CHECK(silent.is_closed_by_server());
  auto used = test.client();
  CHECK(used.ask(get("/fixed")).status == 200);
  CHECK(used.is_closed_by_server());
}

TEST_CASE("a client that does not take its answer loses its connection") {
  ServerLimits limits;
  limits.write = 100ms;
  TestServer test(limits);
  RawClient client(test.server->port(), 4'096);
  client.send(get("/big"));
  CHECK(test.recorder.wait([&] { return test.recorder.closed == 1; }));
}

TEST_CASE("requests beyond those in flight are refused, save probes, and the connection stays") {
  ServerLimits limits;
  limits.in_flight_max = 1;
  TestServer test(limits);
  auto busy = test.client();
  busy.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  auto client = test.client();
  const auto answer = client.ask(get("/fixed"));
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(answer.says("server.overloaded"));
  CHECK(client.ask(get("/probe")).status == 200);
  exchange->respond({});
  CHECK(busy.receive().status == 200);
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("connections beyond the limit are turned away, and have a place again later") {
  ServerLimits limits;
  limits.connections_max = 2;
  TestServer test(limits);
  auto first = test.client();
  auto second = test.client();
  CHECK(first.ask(get("/fixed")).status == 200);
  CHECK(second.ask(get("/fixed")).status == 200);
  auto third = test.client();
  const auto answer = third.receive();
  CHECK(answer.status == 503);
  CHECK(answer.says("server.too_many_connections"));
  CHECK(third.is_closed_by_server());
  first.hang_up();
  CHECK(test.recorder.wait([&] { return test.recorder.closed == 1; }));
  auto fourth = test.client();
  CHECK(fourth.ask(get("/fixed")).status == 200);
}

TEST_CASE("whatever bytes come, cut anywhere, the server answers others") {
  const char* given = std::getenv("SOUK_SEED");
  const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  MESSAGE("SOUK_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::vector<std::string> seeds{get("/items/a%20b?c=d+e", "X-Request-Id: a\r\nIf-None-Match: \"7\"\r\n"),
                                       post("/echo", "hello"),
                                       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                                       "chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n",
                                       "HEAD http://a/fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"};
  TestServer test;
  for (int round = 0; round < 400; ++round) {
    std::string text = seeds[below(seeds.size())] + seeds[below(seeds.size())];
    for (std::size_t i = below(4); i > 0; --i) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0: text[at] = static_cast<char>(below(256)); break;
        case 1: text.erase(at, below(8) + 1); break;
        case 2: text.insert(at, 1, "\r\n :;,%/0\t"[below(10)]); break;
        default: text.insert(at, text.substr(below(text.size()), below(20)));
      }
      if (text.empty()) text = "x";
    }
    auto client = test.client();
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = below(3) == 0 ? 1 : below(40) + 1;
      if (!client.send(std::string_view(text).substr(at, size))) break;
      at += size;
    }
    client.say_no_more();
    CHECK(client.is_connected());
    while (client.receive().status != 0) {
    }
  }
  auto client = test.client();
  CHECK(client.ask(get("/fixed")).status == 200);
  CHECK(test.recorder.wait([&] { return test.recorder.errors.empty(); }));
}
