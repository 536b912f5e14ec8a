#include <doctest/doctest.h>
#include <netinet/tcp.h>

#include <future>

#include "gateway/http/server.hpp"
#include "gateway/http/test_server.hpp"

using namespace souk::http;
using namespace std::chrono_literals;

namespace {

/// What became of a stream, whoever lives longer.
class Fate {
 public:
  StreamOptions options(StreamOptions base = {}) {
    base.on_closed = [promise = promise_] { promise->set_value(); };
    return base;
  }
  bool is_closed() { return closed_.wait_for(5s) == std::future_status::ready; }
  bool is_open() { return closed_.wait_for(0s) == std::future_status::timeout; }

 private:
  std::shared_ptr<std::promise<void>> promise_ = std::make_shared<std::promise<void>>();
  std::future<void> closed_ = promise_->get_future();
};

Response head() {
  Response response;
  response.content_type = "text/event-stream";
  return response;
}

/// Asks for a stream, and begins it.
StreamPtr begin(TestServer& test, RawClient& client, StreamOptions options, const std::string& request = get("/held")) {
  client.send(request);
  const auto exchange = test.held.take();
  return exchange ? exchange->begin_stream(head(), std::move(options)) : nullptr;
}

/// What the kernel may keep unsent for the server's only client; 0: as much as it likes.
int unsent_bytes_max(const TestServer& test) {
  for (int fd = 0; fd < 1'024; ++fd) {
    sockaddr_in own{};
    sockaddr_in other{};
    socklen_t size = sizeof own;
    const bool is_connected = ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                              ::getpeername(fd, reinterpret_cast<sockaddr*>(&other), &size) == 0;
    if (!is_connected || ntohs(own.sin_port) != test.server->port()) continue;
    int bytes = -1;
    size = sizeof bytes;
    ::getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, &size);
    return bytes;
  }
  return -1;
}

}  // namespace

TEST_CASE("a stream's head comes at once, and what is written to it as it is written") {
  Fate fate;
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, fate.options());
  REQUIRE(stream);
  const auto answer = client.receive();
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(answer.header("Transfer-Encoding") == "chunked");
  CHECK(answer.header("Content-Length").empty());
  for (const char* text : {"one", "two", "three"}) {
    CHECK(stream->write(text));
    CHECK(client.chunk() == text);
  }
  CHECK(test.server->in_flight() == 0);
  CHECK(fate.is_open());
  stream->end();
  CHECK(client.chunk() == "");
  CHECK(fate.is_closed());
  CHECK_FALSE(stream->write("more"));
  CHECK_FALSE(stream->is_open());
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("what is written before a stream ends comes before its end") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  const auto exchange = test.held.take();
  REQUIRE(exchange);
  const auto stream = exchange->begin_stream(head(), {});
  REQUIRE(stream);
  CHECK_FALSE(exchange->begin_stream(head(), {}));
  CHECK_FALSE(exchange->respond({}));
  std::string expected;
  for (int i = 0; i < 1'000; ++i) {
    stream->write(std::to_string(i) + " ");
    expected += std::to_string(i) + " ";
  }
  stream->end();
  client.receive();
  std::string got;
  for (auto chunk = client.chunk(); chunk && !chunk->empty(); chunk = client.chunk()) got += *chunk;
  CHECK(got == expected);
}

TEST_CASE("to HEAD a stream is over at once") {
  Fate fate;
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, fate.options(), "HEAD /held HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(stream);
  const auto answer = client.receive(true);
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type") == "text/event-stream");
  CHECK(fate.is_closed());
  CHECK_FALSE(stream->write("x"));
  CHECK(client.ask(get("/fixed")).body == R"({"fixed":true})");
}

TEST_CASE("a client of HTTP/1.0 gets a stream without chunks, and the end of the connection as its end") {
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, {}, "GET /held HTTP/1.0\r\n\r\n");
  REQUIRE(stream);
  const auto answer = client.receive();
  CHECK(answer.header("Transfer-Encoding").empty());
  CHECK(answer.header("Connection") == "close");
  stream->write("one");
  stream->write("two");
  stream->end();
  CHECK(client.rest() == "onetwo");
}

TEST_CASE("a client that hangs up is noticed, though nothing is written") {
  TestServer test;
  Fate polite;
  Fate rude;
  auto first = test.client();
  auto second = test.client();
  const auto stream = begin(test, first, polite.options());
  const auto other = begin(test, second, rude.options());
  REQUIRE(stream);
  REQUIRE(other);
  first.receive();
  second.receive();
  first.hang_up();
  second.reset();
  CHECK(polite.is_closed());
  CHECK(rude.is_closed());
  CHECK_FALSE(stream->write("x"));
}

TEST_CASE("a stream outlives the time that a connection may be idle, and says so") {
  Fate fate;
  ServerLimits limits;
  limits.idle = 50ms;
  TestServer test(limits);
  auto client = test.client();
  StreamOptions options;
  options.idle_text = ":\n\n";
  options.idle_after = 50ms;
  const auto stream = begin(test, client, fate.options(options));
  REQUIRE(stream);
  client.receive();
  for (int i = 0; i < 5; ++i) CHECK(client.chunk() == ":\n\n");
  CHECK(stream->write("x"));
  CHECK(client.chunk() == "x");
  CHECK(fate.is_open());
}

TEST_CASE("a stream ends at its time") {
  Fate fate;
  TestServer test;
  auto client = test.client();
  StreamOptions options;
  options.ends_at = std::chrono::steady_clock::now() + 100ms;
  const auto stream = begin(test, client, fate.options(options));
  REQUIRE(stream);
  client.receive();
  CHECK(client.chunk() == "");
  CHECK(fate.is_closed());
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("a client that takes nothing loses its stream in time, and little waits for it meanwhile") {
  Fate fate;
  ServerLimits limits;
  limits.write = 200ms;
  TestServer test(limits);
  RawClient client(test.server->port(), 4'096);
  StreamOptions options;
  options.waiting_bytes_max = 64 * 1024 * 1024;
  const auto stream = begin(test, client, fate.options(options));
  REQUIRE(stream);
  CHECK(stream->write(std::string(32 * 1024 * 1024, 'x')));
  CHECK(fate.is_closed());
  CHECK_FALSE(stream->write("x"));
}

TEST_CASE("more than may wait for a client breaks its stream at once") {
  Fate fate;
  TestServer test;
  RawClient client(test.server->port(), 4'096);
  StreamOptions options;
  options.waiting_bytes_max = 1024 * 1024;
  const auto stream = begin(test, client, fate.options(options));
  REQUIRE(stream);
  std::size_t written = 0;
  while (written < 64 * 1024 * 1024 && stream->write(std::string(64 * 1024, 'x'))) written += 64 * 1024;
  CHECK(written < 64 * 1024 * 1024);
  CHECK(fate.is_closed());
}

TEST_CASE("a stream breaks at once although it was told to go on while a write was under way") {
  Fate fate;
  TestServer test;
  RawClient client(test.server->port(), 4'096);
  StreamOptions options;
  options.waiting_bytes_max = 16 * 1024 * 1024;
  const auto stream = begin(test, client, fate.options(options));
  REQUIRE(stream);
  REQUIRE(stream->write(std::string(8 * 1024 * 1024, 'x')));  // more than the kernel takes
  REQUIRE(stream->write("x"));
  // Behind this answer the server's thread has heard of both.
  auto other = test.client();
  other.send(get("/nowhere"));
  REQUIRE(other.receive().status == 404);
  REQUIRE(stream->write(std::string(16 * 1024 * 1024, 'x')));
  CHECK_FALSE(stream->write("x"));
  CHECK(fate.is_closed());
}

TEST_CASE("what is written at once may be longer than what may wait") {
  TestServer test;
  auto client = test.client();
  StreamOptions options;
  options.waiting_bytes_max = 1'000;
  const auto stream = begin(test, client, options);
  REQUIRE(stream);
  client.receive();
  const std::string text(5 * 1024 * 1024, 'x');
  CHECK(stream->write(text));
  CHECK(client.chunk() == text);
  CHECK(stream->is_open());
}

TEST_CASE("the kernel keeps little for a client that takes nothing, and after the stream as much as for others") {
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, {});
  REQUIRE(stream);
  client.receive();
  CHECK(unsent_bytes_max(test) == 64 * 1024);
  stream->end();
  CHECK(client.chunk() == "");
  CHECK(unsent_bytes_max(test) == 0);
}

TEST_CASE("whoever has much to say writes on when all before was taken") {
  TestServer test;
  auto client = test.client();
  std::promise<void> closed;
  auto stream = std::make_shared<StreamPtr>();
  auto left = std::make_shared<int>(200);
  const std::string block(50'000, 'x');
  StreamOptions options;
  options.waiting_bytes_max = 100'000;
  options.on_taken = [=] {
    if (!*stream) return;
    if (--*left == 0) {
      (*stream)->end();
    } else {
      CHECK((*stream)->write(block));
    }
  };
  options.on_closed = [&] { closed.set_value(); };
  client.send(get("/held"));
  const auto exchange = test.held.take();
  REQUIRE(exchange);
  // On the I/O thread, so that the first report finds the stream in its place.
  test.server->post([&] {
    *stream = exchange->begin_stream(head(), std::move(options));
    (*stream)->write(block);
  });
  client.receive();
  std::size_t size = 0;
  for (auto chunk = client.chunk(); chunk && !chunk->empty(); chunk = client.chunk()) size += chunk->size();
  CHECK(size == 200 * block.size());
  CHECK(closed.get_future().wait_for(5s) == std::future_status::ready);
  stream->reset();
}

TEST_CASE("a fault of ours breaks a stream without its end, and is reported") {
  Fate fate;
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, fate.options());
  REQUIRE(stream);
  client.receive();
  stream->write("x");
  CHECK(client.chunk() == "x");
  stream->fail("the disk is gone");
  CHECK(client.chunk() == std::nullopt);
  CHECK(fate.is_closed());
  CHECK(test.recorder.wait([&] { return test.recorder.errors == std::vector<std::string>{"the disk is gone"}; }));
}

TEST_CASE("what a client sends beside its stream waits for the end of it, if it is little") {
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, {}, get("/held") + get("/items/1"));
  REQUIRE(stream);
  client.receive();
  client.send(get("/items/2"));
  stream->write("x");
  CHECK(client.chunk() == "x");
  stream->end();
  CHECK(client.chunk() == "");
  CHECK(client.receive().body == "1");
  CHECK(client.receive().body == "2");

  auto chatty = test.client();
  Fate fate;
  REQUIRE(begin(test, chatty, fate.options()));
  chatty.send(std::string(100'000, 'x'));
  CHECK(fate.is_closed());
}

TEST_CASE("draining ends streams at once and properly") {
  Fate fate;
  TestServer test;
  auto client = test.client();
  const auto stream = begin(test, client, fate.options());
  REQUIRE(stream);
  client.receive();
  stream->write("last");
  CHECK(test.server->drain(5s));
  CHECK(client.chunk() == "last");
  CHECK(client.chunk() == "");
  CHECK(client.is_closed_by_server());
  CHECK(fate.is_closed());
}

TEST_CASE("draining does not wait for a client that takes nothing") {
  TestServer test;
  RawClient client(test.server->port(), 4'096);
  StreamOptions options;
  options.waiting_bytes_max = 64 * 1024 * 1024;
  const auto stream = begin(test, client, options);
  REQUIRE(stream);
  stream->write(std::string(32 * 1024 * 1024, 'x'));
  auto witness = test.client();
  CHECK(witness.ask(get("/fixed")).status == 200);  // by then the stream is being written
  CHECK(test.server->drain(4s));
}

TEST_CASE("a stream asked for before draining and begun after ends at once") {
  TestServer test;
  auto client = test.client();
  client.send(get("/held"));
  const auto exchange = test.held.take();
  REQUIRE(exchange);
  auto idle = test.client();
  CHECK(idle.ask(get("/fixed")).status == 200);
  auto drained = std::async(std::launch::async, [&] { return test.server->drain(5s); });
  CHECK(idle.is_closed_by_server());
  Fate fate;
  REQUIRE(exchange->begin_stream(head(), fate.options()));
  client.receive();
  CHECK(client.chunk() == "");
  CHECK(fate.is_closed());
  CHECK(drained.get());
}

TEST_CASE("streams end with their server, also those that were never opened") {
  Fate open;
  Fate unopened;
  StreamPtr stream;
  ExchangePtr late;
  {
    TestServer test;
    auto client = test.client();
    stream = begin(test, client, open.options());
    auto other = test.client();
    other.send(get("/held"));
    late = test.held.take();
    REQUIRE(stream);
    REQUIRE(late);
    test.server.reset();
  }
  CHECK(open.is_closed());
  CHECK_FALSE(stream->write("x"));
  const auto never = late->begin_stream(head(), unopened.options());
  REQUIRE(never);
  CHECK(unopened.is_closed());
  CHECK_FALSE(never->write("x"));
}
