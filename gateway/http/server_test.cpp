#include "gateway/http/server.hpp"

#include <doctest/doctest.h>

#include <future>
#include <set>
#include <thread>

#include "gateway/http/test_server.hpp"

using namespace souk::http;
using namespace std::chrono_literals;

TEST_CASE("a request is answered, with what every answer has") {
  TestServer test;
  auto client = test.client();
  const auto answer = client.ask(get("/fixed", "X-Request-Id: abc.1\r\n"));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"fixed":true})");
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(answer.header("X-Request-Id") == "abc.1");
  CHECK(answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.header("ETag") == "\"7\"");
  CHECK(answer.header("Date").size() == 29);
  CHECK(answer.header("Connection").empty());
}

TEST_CASE("a connection is kept for many requests, each with an id of its own") {
  TestServer test;
  auto client = test.client();
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.ask(get("/items/" + std::to_string(i)));
    CHECK(answer.body == std::to_string(i));
    ids.insert(answer.header("X-Request-Id"));
    CHECK(answer.header("X-Request-Id").size() == 26);
  }
  CHECK(ids.size() == 50);
  CHECK(test.server->connections() == 1);
}

TEST_CASE("requests sent ahead are answered in their order") {
  TestServer test;
  auto client = test.client();
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += i % 3 == 0 ? post("/echo", std::to_string(i)) : get("/items/" + std::to_string(i));
  client.send(text);
  for (int i = 0; i < 500; ++i) CHECK(client.receive().body == std::to_string(i));
}

TEST_CASE("a request sent ahead waits until the one before it is answered") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held") + get("/held") + get("/fixed"));
  auto first = test.held.take();
  REQUIRE(first);
  auto other = test.client();
  CHECK(other.ask(get("/fixed")).status == 200);  // the server is not stuck, and had time to go wrong
  CHECK(test.held.size() == 0);
  first->respond(json_response(200, "1"));
  auto second = test.held.take();
  REQUIRE(second);
  second->respond(json_response(200, "2"));
  CHECK(client.receive().body == "1");
  CHECK(client.receive().body == "2");
  CHECK(client.receive().status == 200);
}

TEST_CASE("a request is read however its bytes come") {
  TestServer test;
  auto client = test.client();
  const std::string text = "\r\n" + post("/echo", "hello") +
                           "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nT: t\r\n\r\n";
  for (int i = 0; i < 2; ++i) {
    for (const char c : text) client.send({&c, 1});
    CHECK(client.receive().body == "hello");
    CHECK(client.receive().body == "hello");
  }
}

TEST_CASE("HEAD is answered as GET, without the body") {
  TestServer test;
  auto client = test.client();
  client.send("HEAD /fixed HTTP/1.1\r\nHost: a\r\n\r\n" + get("/items/7"));
  const auto answer = client.receive(true);
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Length") == "14");
  CHECK(client.receive().body == "7");
  client.send("HEAD /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" + get("/items/8"));
  CHECK(client.receive(true).status == 404);
  CHECK(client.receive().body == "8");
}

TEST_CASE("what is not served is refused, and the connection stays") {
  TestServer test;
  auto client = test.client();
  const auto missing = client.ask(get("/nowhere"));
  CHECK(missing.status == 404);
  CHECK(missing.header("Content-Type") == "application/problem+json");
  CHECK(missing.says("/problems/request.no_such_route"));
  CHECK(missing.says(missing.header("X-Request-Id")));
  const auto wrong = client.ask(post("/fixed", "x"));
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, HEAD, OPTIONS");
  const auto options = client.ask("OPTIONS /fixed HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.header("Allow") == "GET, HEAD, OPTIONS");
  CHECK(client.ask(get("/fixed/")).status == 404);
  CHECK(client.ask(get("/Fixed")).status == 404);
  CHECK(client.ask(post("/json", "{}")).status == 415);
  CHECK(client.ask(post("/json", "{}", "Content-Type: application/json\r\n")).status == 201);
}

TEST_CASE("a route that goes says since when it should not be used, and when it goes") {
  TestServer test;
  auto client = test.client();
  for (const auto& answer : {client.ask(post("/old", "{}", "Content-Type: application/json\r\n")),
                             client.ask(post("/old", "{}", "Content-Type: text/plain\r\n"))}) {
    CHECK(answer.header("Deprecation") == "@1767225600");
    CHECK(answer.header("Sunset") == "Thu, 31 Dec 2026 23:59:59 GMT");
  }
  const auto other = client.ask(get("/fixed"));
  CHECK(other.header("Deprecation").empty());
  CHECK(other.header("Sunset").empty());
}

TEST_CASE("a representation the client knows is not sent again") {
  TestServer test;
  auto client = test.client();
  const auto same = client.ask(get("/fixed", "If-None-Match: \"6\", W/\"7\"\r\n"));
  CHECK(same.status == 304);
  CHECK(same.header("ETag") == "\"7\"");
  CHECK(same.body.empty());
  CHECK(client.ask(get("/fixed", "If-None-Match: \"8\"\r\n")).status == 200);
}

TEST_CASE("HTTP/1.0 and Connection: close end the connection behind the answer") {
  TestServer test;
  for (const std::string& text : {std::string("GET /fixed HTTP/1.0\r\n\r\n"), get("/fixed", "Connection: close\r\n")}) {
    auto client = test.client();
    const auto answer = client.ask(text + get("/fixed"));
    CHECK(answer.status == 200);
    CHECK(answer.header("Connection") == "close");
    CHECK(client.is_closed_by_server());
  }
}

TEST_CASE("an answer may come from any thread, and only the first one counts") {
  TestServer test;
  auto client = test.client();
  for (int i = 0; i < 20; ++i) {
    client.send(get("/held"));
    auto exchange = test.held.take();
    REQUIRE(exchange);
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int k = 0; k < 4; ++k) {
      threads.emplace_back([&] { taken += exchange->respond(json_response(200, "x")) ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    CHECK(taken == 1);
    CHECK(client.receive().body == "x");
  }
  CHECK(client.ask(get("/items/7")).body == "7");
}

TEST_CASE("many answers posted at once are all given") {
  TestServer test;
  std::vector<std::unique_ptr<RawClient>> clients;
  std::vector<std::function<void()>> answers;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(test.server->port()));
    clients.back()->send(get("/held"));
    auto exchange = test.held.take();
    REQUIRE(exchange);
    answers.emplace_back([exchange, i] { exchange->respond(json_response(200, std::to_string(i))); });
  }
  CHECK(test.server->in_flight() == 20);
  test.server->post(std::move(answers));
  for (int i = 0; i < 20; ++i) CHECK(clients[static_cast<std::size_t>(i)]->receive().body == std::to_string(i));
  CHECK(test.server->in_flight() == 0);
}

TEST_CASE("an exchange dropped without an answer is answered 500 and reported") {
  TestServer test;
  auto client = test.client();
  CHECK(client.ask(get("/dropped")).status == 500);
  client.send(get("/held"));
  test.held.take().reset();
  CHECK(client.receive().says("server.no_answer"));
  CHECK(test.recorder.wait([&] { return test.recorder.errors.size() == 2; }));
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("an exception of a handler is answered 500 and reported, and its text stays here") {
  TestServer test;
  auto client = test.client();
  const auto answer = client.ask(get("/throws"));
  CHECK(answer.status == 500);
  CHECK_FALSE(answer.says("secret"));
  CHECK(test.recorder.wait([&] { return test.recorder.errors == std::vector<std::string>{"secret of ours"}; }));
}

TEST_CASE("a refusal by Error is a problem, and the detail of ours is reported only") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  test.held.take()->refuse(souk::Error{souk::ErrorCode::kConflict, "cart.empty", "nothing in it"});
  CHECK(client.receive().says("nothing in it"));
  client.send(get("/held"));
  test.held.take()->refuse(souk::Error{souk::ErrorCode::kInternal, "log.broken", "at byte 7"});
  const auto answer = client.receive();
  CHECK(answer.status == 500);
  CHECK(answer.says("log.broken"));
  CHECK_FALSE(answer.says("byte 7"));
  CHECK(test.recorder.wait([&] { return test.recorder.errors == std::vector<std::string>{"log.broken: at byte 7"}; }));
}

TEST_CASE("a deadline runs unless the answer comes first") {
  TestServer test;
  std::atomic<int> fired{0};
  const auto hold_with_deadline = [&](std::chrono::milliseconds delay) {
    auto exchange = test.held.take();
    REQUIRE(exchange);
    test.server->post([exchange, delay, &fired] {
      exchange->on_deadline(delay, [&fired](Exchange& late) {
        ++fired;
        late.respond(json_response(202, "late"));
      });
    });
    return exchange;
  };
  auto client = test.client();
  client.send(get("/held"));
  auto late = hold_with_deadline(10ms);
  CHECK(client.receive().status == 202);
  CHECK_FALSE(late->respond({}));

  client.send(get("/held"));
  auto early = hold_with_deadline(60ms);
  CHECK(early->respond(json_response(200, "early")));
  CHECK(client.receive().body == "early");
  client.send(get("/held"));
  auto next = hold_with_deadline(120ms);  // by then the one before would have fired as well
  CHECK(client.receive().status == 202);
  CHECK(fired == 2);
}

TEST_CASE("a deadline that another thread sets runs on the I/O thread") {
  TestServer test;
  auto client = test.client();
  std::promise<std::thread::id> io_thread;
  test.server->post([&] { io_thread.set_value(std::this_thread::get_id()); });
  client.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  std::promise<std::thread::id> fired_on;
  exchange->on_deadline(10ms, [&](Exchange& late) {
    fired_on.set_value(std::this_thread::get_id());
    late.respond(json_response(202, "late"));
  });
  CHECK(client.receive().status == 202);
  CHECK((fired_on.get_future().get() == io_thread.get_future().get()));

  // One that comes after the answer is forgotten, with what it holds.
  const auto held = std::make_shared<int>(0);
  exchange->on_deadline(10ms, [held](Exchange&) {});
  std::promise<void> passed;
  test.server->post([&] { passed.set_value(); });
  passed.get_future().wait();
  CHECK(held.use_count() == 1);
}

TEST_CASE("a client that says no more is still answered") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  client.say_no_more();
  exchange->respond(json_response(200, "x"));
  CHECK(client.receive().body == "x");
  CHECK(client.is_closed_by_server());
}

TEST_CASE("a client that is gone before its answer harms nobody") {
  TestServer test;
  for (const bool by_reset : {false, true}) {
    auto client = test.client();
    client.send(get("/held"));
    auto exchange = test.held.take();
    REQUIRE(exchange);
    by_reset ? client.reset() : client.hang_up();
    exchange->respond(json_response(200, std::string(100'000, 'x')));
  }
  CHECK(test.recorder.wait([&] { return test.recorder.closed == 2; }));
  CHECK(test.server->in_flight() == 0);
  auto client = test.client();
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("the observer learns of each request: status, account, size") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  auto exchange = test.held.take();
  REQUIRE(exchange);
  exchange->set_account("01h");
  exchange->respond({});
  client.receive();
  const auto text = post("/echo", "12345");
  client.ask(text);
  client.ask(get("/nowhere"));
  CHECK(test.recorder.wait([&] { return test.recorder.statuses == std::vector<int>{200, 200, 404}; }));
  CHECK(test.recorder.accounts[0] == "01h");
  CHECK(test.recorder.bytes_in[1] == text.size());
  CHECK(test.recorder.reasons[2] == "request.no_such_route");
}

TEST_CASE("two I/O threads answer as one does") {
  TestServer test({}, 2);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(std::make_unique<RawClient>(test.server->port()));
  for (int round = 0; round < 20; ++round) {
    for (auto& client : clients) client->send(get("/held"));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      auto exchange = test.held.take();
      REQUIRE(exchange);
      exchange->respond(json_response(200, "x"));
    }
    for (auto& client : clients) CHECK(client->receive().body == "x");
  }
  CHECK(test.server->drain(5s));
}

TEST_CASE("a wrong address and a port in use are told") {
  TestServer test;
  ServerOptions options;
  options.port = test.server->port();
  auto taken = Server::start(options, Router{});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().reason == "server.cannot_listen");
  options.host = "nowhere.example";
  auto wrong = Server::start(options, Router{});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().reason == "server.bad_address");
}
