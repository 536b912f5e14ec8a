#include <doctest/doctest.h>
#include <zlib.h>

#include <future>

#include "gateway/http/server.hpp"
#include "gateway/http/test_server.hpp"

using namespace souk::http;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kGzip = "Accept-Encoding: gzip\r\n";

std::string unpacked(std::string bytes) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out;
  std::string part(64 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(part, 0, part.size() - stream.avail_out);
  }
  CHECK(result == Z_STREAM_END);
  inflateEnd(&stream);
  return out;
}

const std::string kLong(3'000, 'x');

}  // namespace

TEST_CASE("a long answer is compressed for a client that reads gzip, and says that it depends on that") {
  TestServer test;
  auto client = test.client();
  const auto packed = client.ask(post("/echo", kLong, kGzip));
  CHECK(packed.header("Content-Encoding") == "gzip");
  CHECK(packed.header("Vary") == "Accept-Encoding");
  CHECK(packed.header("Content-Type") == "application/json");
  CHECK(packed.body.size() < 200);
  CHECK((unpacked(packed.body) == kLong));
  const auto plain = client.ask(post("/echo", kLong));
  CHECK(plain.header("Content-Encoding").empty());
  CHECK(plain.header("Vary") == "Accept-Encoding");
  CHECK((plain.body == kLong));
}

TEST_CASE("a short answer stays as it is, unless the client cannot read that") {
  TestServer test;
  auto client = test.client();
  CHECK(client.ask(get("/fixed", kGzip)).header("Content-Encoding").empty());
  const auto forced = client.ask(get("/fixed", "Accept-Encoding: gzip, identity;q=0\r\n"));
  CHECK(forced.header("Content-Encoding") == "gzip");
  CHECK(unpacked(forced.body) == R"({"fixed":true})");
}

TEST_CASE("HEAD tells of the compressed answer what GET does") {
  TestServer test;
  auto client = test.client();
  const auto answer = client.ask(get("/items/" + kLong, kGzip));
  client.send("HEAD /items/" + kLong + " HTTP/1.1\r\nHost: a\r\n" + std::string(kGzip) + "\r\n");
  const auto head = client.receive(true);
  for (const char* name : {"Content-Encoding", "Content-Length", "Vary", "Content-Type"}) {
    CHECK(head.header(name) == answer.header(name));
  }
  CHECK(head.header("Content-Encoding") == "gzip");
  CHECK(client.ask(get("/fixed")).status == 200);
}

TEST_CASE("each coding has its own strong tag, and either is known again") {
  TestServer test;
  auto client = test.client();
  const auto packed = client.ask(get("/tagged", kGzip));
  CHECK(packed.header("ETag") == "\"7-gzip\"");
  CHECK(unpacked(packed.body).size() == 5'000);
  CHECK(client.ask(get("/tagged")).header("ETag") == "\"7\"");
  for (const char* tag : {"\"7\"", "\"7-gzip\""}) {
    for (const auto& coding : {std::string(kGzip), std::string()}) {
      const auto known = client.ask(get("/tagged", "If-None-Match: \"6\", " + std::string(tag) + "\r\n" + coding));
      CHECK(known.status == 304);
      CHECK(known.header("ETag") == tag);
      CHECK(known.header("Vary") == "Accept-Encoding");
      CHECK(known.header("Content-Encoding").empty());
    }
  }
  CHECK(client.ask(get("/tagged", "If-None-Match: \"7-br\"\r\n")).status == 200);
  CHECK(client.ask(get("/tagged", "If-None-Match: *\r\n")).status == 304);
}

TEST_CASE("an answer with a secret is never compressed") {
  TestServer test;
  auto client = test.client();
  const auto answer = client.ask(get("/secret", "Accept-Encoding: gzip, identity;q=0\r\n"));
  CHECK(answer.header("Content-Encoding").empty());
  CHECK(answer.header("Vary").empty());
  CHECK((answer.body == kLong));
}

TEST_CASE("a server that is told so compresses nothing") {
  ServerOptions options;
  options.compressed_bytes_min = 0;
  Router router;
  router.add(Method::kPost, "/echo", {.name = "echo"}, [](const ExchangePtr& exchange) {
    exchange->respond(json_response(200, std::string(exchange->request().body)));
  });
  const auto server = Server::start(std::move(options), std::move(router));
  REQUIRE(server);
  RawClient client((*server)->port());
  const auto answer = client.ask(post("/echo", kLong, kGzip));
  CHECK((answer.body == kLong));
  CHECK(answer.header("Vary").empty());
}

TEST_CASE("answers keep their order, compressed or not") {
  TestServer test;
  auto client = test.client();
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += i % 2 == 0 ? get("/items/" + std::to_string(i)) : post("/echo", kLong + std::to_string(i), kGzip);
  }
  client.send(text);
  for (int i = 0; i < 60; ++i) {
    const auto answer = client.receive();
    const auto body = i % 2 == 0 ? answer.body : unpacked(answer.body);
    CHECK((body == (i % 2 == 0 ? "" : kLong) + std::to_string(i)));
  }
}

TEST_CASE("an answer that takes long to compress holds up nobody else, and is waited for when draining") {
  TestServer test;
  auto client = test.client();
  client.send(get("/big", kGzip));
  auto other = test.client();
  CHECK(other.ask(get("/fixed")).status == 200);
  const auto short_one_is_first = [&] {
    const auto& sizes = test.recorder.bytes_in;
    return !sizes.empty() && sizes.front() == get("/fixed").size();
  };
  CHECK(test.recorder.wait(short_one_is_first));
  CHECK(test.server->drain(5s));
  CHECK(unpacked(client.receive().body).size() == 32 * 1024 * 1024);
}

TEST_CASE("a server ends while answers are being compressed") {
  for (int i = 0; i < 5; ++i) {
    TestServer test;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int k = 0; k < 5; ++k) {
      clients.push_back(std::make_unique<RawClient>(test.server->port()));
      clients.back()->send(get("/big", kGzip));
    }
    auto other = test.client();
    CHECK(other.ask(get("/fixed")).status == 200);
    test.server.reset();
  }
}
