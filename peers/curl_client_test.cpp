#include "peers/curl_client.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

using namespace souk;

namespace {

/// A socket that listens and does not answer by itself.
struct Peer {
  Peer() {
    socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket, 8) == 0);
    REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  ~Peer() { ::close(socket); }

  /// Answers `times` requests on one connection; returns what the last one said.
  std::string answer(const std::string& text, int times = 1) const {
    const int connection = ::accept(socket, nullptr, nullptr);
    std::string said;
    for (int i = 0; i < times; ++i) {
      char request[4'096];
      const auto size = ::read(connection, request, sizeof request);
      if (size <= 0) break;
      said.assign(request, static_cast<std::size_t>(size));
      REQUIRE(::write(connection, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    ::close(connection);
    return said;
  }

  int socket = -1;
  std::string url;
};

Result<HttpAnswer> send(CurlClient& client, HttpRequest request) {
  std::promise<Result<HttpAnswer>> said;
  client.send(std::move(request), [&](Result<HttpAnswer> answer) { said.set_value(std::move(answer)); });
  return said.get_future().get();
}

}  // namespace

TEST_CASE("an answer is an answer, and the connection is used again") {
  CurlClient client({});
  Peer peer;
  std::thread server([&] { peer.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 2); });
  for (int i = 0; i < 2; ++i) {
    const auto answer = send(client, {peer.url, "a=1"});
    REQUIRE(answer);
    CHECK(answer->status == 404);
    CHECK(answer->body == "no");
  }
  server.join();
}

TEST_CASE("a body is sent by POST with the headers that come with it") {
  CurlClient client({});
  Peer peer;
  std::string said;
  std::thread server([&] { said = peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); });
  HttpRequest request{peer.url, {}};
  request.body = "{}\n{}\n";
  request.headers = {"Content-Type: application/jsonl", "Authorization: Bearer t"};
  CHECK(send(client, request)->status == 200);
  server.join();
  CHECK(said.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(said.find("\r\nContent-Type: application/jsonl\r\n") != std::string::npos);
  CHECK(said.find("\r\nAuthorization: Bearer t\r\n") != std::string::npos);
  CHECK(said.ends_with("\r\n\r\n{}\n{}\n"));
}

TEST_CASE("a method is said as it is asked for") {
  CurlClient client({});
  Peer peer;
  for (const std::string method : {"PUT", "DELETE", "POST"}) {
    std::string said;
    std::thread server(
        [&] { said = peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"); });
    HttpRequest request{peer.url, {}};
    request.method = method;
    if (method == "PUT") request.body = "{}";
    CHECK(send(client, request)->status == 200);
    server.join();
    CHECK(said.starts_with(method + " / HTTP/1.1\r\n"));
    CHECK(said.ends_with(method == "PUT" ? "\r\n\r\n{}" : "\r\n\r\n"));
  }
}

TEST_CASE("an answer that is too large is cut off") {
  CurlClient client({});
  Peer peer;
  std::thread server([&] { peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"); });
  HttpRequest request{peer.url, {}};
  request.answer_bytes_max = 4;
  CHECK(send(client, request).error().reason == "http.too_large");
  server.join();
}

TEST_CASE("a peer that says nothing is given up at the deadline") {
  CurlClient client({});
  Peer peer;
  HttpRequest request{peer.url, {}};
  request.deadline = Duration::milliseconds(50);
  CHECK(send(client, request).error().reason == "http.timeout");
}

TEST_CASE("nobody there, no such protocol") {
  CurlClient client({});
  std::string url;
  {
    Peer peer;
    url = peer.url;
  }
  CHECK(send(client, {url, {}}).error().reason == "http.unreachable");
  CHECK(send(client, {"file:///etc/hostname", {}}).error().reason == "http.unreachable");
}

TEST_CASE("what is under way at the end is answered, and nothing is taken afterwards") {
  CurlClient client({});
  Peer peer;
  std::promise<std::string> said;
  client.send({peer.url, {}}, [&](const Result<HttpAnswer>& answer) { said.set_value(answer.error().reason); });
  client.stop();
  CHECK(said.get_future().get() == "http.stopped");
  CHECK(send(client, {peer.url, {}}).error().reason == "http.stopped");
}

TEST_CASE("timers fire in their order") {
  CurlClient client({});
  std::promise<std::string> said;
  std::string order;
  client.after(Duration::milliseconds(20), [&] {
    order += "b";
    said.set_value(order);
  });
  client.after(Duration::milliseconds(5), [&] { order += "a"; });
  CHECK(said.get_future().get() == "ab");
}

TEST_CASE("a timer that is dropped at the end goes away under no lock") {
  CurlClient client({});
  struct Asks {
    CurlClient& client;
    bool& was_refused;
    ~Asks() {
      client.send({"http://127.0.0.1:1/", {}},
                  [this](const Result<HttpAnswer>& answer) { was_refused = answer.error().reason == "http.stopped"; });
    }
  };
  bool was_refused = false;
  client.after(Duration::seconds(60), [asks = std::make_shared<Asks>(client, was_refused)] { (void)asks; });
  client.stop();
  CHECK(was_refused);
}
