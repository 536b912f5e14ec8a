#include "gateway/http/coding.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include "gateway/http/request_reader.hpp"

using namespace souk::http;

namespace {

CodingWish wish(const std::string& headers) {
  const ServerLimits limits;
  const auto request = RequestReader(limits).read_whole("GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
  REQUIRE(request);
  return coding_wish(**request);
}

std::string unpacked(const std::string& bytes, std::size_t size_max) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string in = bytes;
  std::string out(size_max, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("gzip is chosen when the client says that it reads it, and prefers it no less than plain bytes") {
  for (const char* value :
       {"gzip", "GZIP", "x-gzip", "deflate, gzip", "gzip;q=0.5", "gzip; q=1.000", "*", "br, *;q=0.1", "gzip, identity",
        "gzip;q=0.5, identity;q=0.5", "\tgzip\t;\tq=1 ,", "deflate;q=x, gzip"}) {
    CAPTURE(value);
    CHECK(wish("Accept-Encoding: " + std::string(value) + "\r\n") == CodingWish::kGzip);
  }
  CHECK(wish("Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n") == CodingWish::kGzip);
}

TEST_CASE("plain bytes are sent to who does not say so, or says otherwise") {
  CHECK(wish("") == CodingWish::kIdentity);
  for (const char* value : {"", "identity", "br", "deflate, br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
                            "identity;q=0", "gzip;q=0.5, identity", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234",
                            "gzip;q=-1", "gzip;q", "gzip;x=1", "gzipped", "g zip"}) {
    CAPTURE(value);
    CHECK(wish("Accept-Encoding: " + std::string(value) + "\r\n") == CodingWish::kIdentity);
  }
}

TEST_CASE("a client may rule plain bytes out") {
  for (const char* value : {"gzip, identity;q=0", "gzip, *;q=0", "gzip;q=0.1, identity;q=0.0", "*, identity;q=0"}) {
    CAPTURE(value);
    CHECK(wish("Accept-Encoding: " + std::string(value) + "\r\n") == CodingWish::kGzipOnly);
  }
  CHECK(wish("Accept-Encoding: gzip, *;q=0, identity;q=0.1\r\n") == CodingWish::kGzip);
}

TEST_CASE("what was packed is what is unpacked, one body after the other") {
  for (const std::size_t size : {0, 1, 100, 5'000, 300'000}) {
    std::string bytes;
    for (std::size_t i = 0; bytes.size() < size; ++i) bytes += std::to_string(i * 2'654'435'761U);
    bytes.resize(size);
    const auto packed = gzip(bytes);
    CHECK((unpacked(packed, size + 1) == bytes));
    if (size >= 5'000) CHECK(packed.size() < size);
  }
}

TEST_CASE("the two codings of a representation have strong tags that differ, and are known for the same") {
  CHECK(gzip_etag("\"1.1.7\"") == "\"1.1.7-gzip\"");
  CHECK(plain_etag("\"1.1.7-gzip\"") == "\"1.1.7\"");
  CHECK(plain_etag("\"1.1.7\"") == "\"1.1.7\"");
  CHECK(gzip_etag("W/\"7\"") == "W/\"7\"");
  CHECK(gzip_etag("").empty());
  CHECK(plain_etag("*") == "*");
}

TEST_CASE("text is compressed, pictures are not") {
  for (const char* type : {"application/json", "application/problem+json", "text/plain; version=0.0.4", "text/html"}) {
    CHECK(is_compressible(type));
  }
  for (const char* type : {"image/png", "application/octet-stream", ""}) CHECK(!is_compressible(type));
}
