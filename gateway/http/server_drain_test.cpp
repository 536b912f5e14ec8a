#include <doctest/doctest.h>

#include <future>

#include "gateway/http/server.hpp"
#include "gateway/http/test_server.hpp"

using namespace souk::http;
using namespace std::chrono_literals;

TEST_CASE("draining answers what is in flight, closes what is idle and accepts nothing more") {
  TestServer test;
  auto idle = test.client();
  CHECK(idle.ask(get("/fixed")).status == 200);
  auto busy = test.client();
  busy.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);

  auto drained = std::async(std::launch::async, [&] { return test.server->drain(5s); });
  CHECK(idle.is_closed_by_server());
  CHECK_FALSE(test.client().is_connected());
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  exchange->respond(json_response(200, "last"));
  const auto answer = busy.receive();
  CHECK(answer.body == "last");
  CHECK(answer.header("Connection") == "close");
  CHECK(busy.is_closed_by_server());
  CHECK(drained.get());
}

TEST_CASE("a large answer under way is delivered whole before draining is done") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  auto drained = std::async(std::launch::async, [&] {
    const bool in_time = test.server->drain(5s);
    test.server.reset();
    return in_time;
  });
  exchange->respond(json_response(200, std::string(8 * 1024 * 1024, 'x')));
  CHECK(client.receive().body.size() == 8 * 1024 * 1024);
  client.hang_up();
  CHECK(drained.get());
}

TEST_CASE("draining gives up at its deadline when an answer does not come") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  CHECK_FALSE(test.server->drain(100ms));
  exchange->respond(json_response(200, "x"));
  CHECK(client.receive().body == "x");
  CHECK(test.server->drain(5s));
}

TEST_CASE("a request read in part when draining begins is not waited for long") {
  TestServer test;
  auto client = test.client();
  client.send("GET /fixed HTTP/1.1\r\n");
  auto other = test.client();
  CHECK(other.ask(get("/fixed")).status == 200);  // by then the first has been read
  CHECK(test.server->drain(4s));
  CHECK(client.receive().status == 408);
}

TEST_CASE("a server without connections drains at once") {
  TestServer test;
  CHECK(test.server->drain(5s));
}

TEST_CASE("an exchange that outlives its server can be answered, in vain") {
  ExchangePtr exchange;
  ExchangePtr dropped;
  {
    TestServer test;
    auto client = test.client();
    client.send(get("/held"));
    exchange = test.held.take();
    auto other = test.client();
    other.send(get("/held"));
    dropped = test.held.take();
    REQUIRE(exchange);
    REQUIRE(dropped);
    test.server.reset();
    CHECK(client.is_closed_by_server());
  }
  CHECK(exchange->request().path() == "/held");
  CHECK(exchange->respond({}));
  dropped.reset();
}

TEST_CASE("a server ends with connections in every state") {
  for (int i = 0; i < 5; ++i) {
    TestServer test;
    auto idle = test.client();
    auto partial = test.client();
    partial.send("GET /fix");
    auto in_body = test.client();
    in_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    auto slow = test.client();
    slow.send(get("/big"));
    auto refused = test.client();
    refused.send("nonsense\r\n\r\n");
    auto held = test.client();
    held.send(get("/held"));
    auto exchange = test.held.take();
    REQUIRE(exchange);
    auto answering = std::async(std::launch::async, [&] { exchange->respond({}); });
    test.server.reset();
  }
}
