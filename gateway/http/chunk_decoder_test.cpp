#include "gateway/http/chunk_decoder.hpp"

#include <doctest/doctest.h>

using souk::http::ChunkDecoder;

namespace {

struct Decoded {
  ChunkDecoder::Status status = ChunkDecoder::Status::kNeedMore;
  std::string body;
  std::string rest;
};

/// In pieces of `piece` bytes.
Decoded decode(std::string_view text, std::size_t piece, std::size_t body_max = 1000, std::size_t overhead_max = 32) {
  ChunkDecoder decoder(body_max, overhead_max);
  Decoded out;
  while (!text.empty() && out.status == ChunkDecoder::Status::kNeedMore) {
    auto bytes = text.substr(0, piece);
    const auto size = bytes.size();
    out.status = decoder.feed(bytes, out.body);
    text.remove_prefix(size - bytes.size());
    if (out.status != ChunkDecoder::Status::kNeedMore) out.rest = text;
  }
  return out;
}

}  // namespace

TEST_CASE("chunks are put together however they are cut") {
  const std::string text = "5\r\nhello\r\n00A;x=\"y\"\r\n, world :)\r\n0\r\nTrailer: t\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    const auto decoded = decode(text, piece);
    CHECK((decoded.status == ChunkDecoder::Status::kDone));
    CHECK(decoded.body == "hello, world :)");
    CHECK(decoded.rest == "GET /");
  }
}

TEST_CASE("broken chunks are refused") {
  for (const char* text :
       {"\r\n", "g\r\n", "-1\r\nx", "+1\r\nx", "0x1\r\nx", " 1\r\nx", "1 \r\nx", "1\nx", "1\r\nxy", "1\r\nx\n",
        "1\r\nx\r0", "11111111111111111\r\n", "1;\n\r\nx", "0\r\nA: b\n\r\n", "0\r\n\r\r", "0\r\n\x01: b\r\n"}) {
    CAPTURE(text);
    CHECK((decode(text, 1).status == ChunkDecoder::Status::kMalformed));
    CHECK((decode(text, 100).status == ChunkDecoder::Status::kMalformed));
  }
}

TEST_CASE("a body is too large as soon as its size is known") {
  CHECK((decode("5\r\nhello\r\n6\r\n", 1, 10).status == ChunkDecoder::Status::kTooLarge));
  CHECK((decode("ffffffffffffffff\r\n", 1, 10).status == ChunkDecoder::Status::kTooLarge));
  CHECK((decode("5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", 1, 10).status == ChunkDecoder::Status::kDone));
}

TEST_CASE("extensions and trailers are bounded together") {
  CHECK((decode("1;" + std::string(40, 'x') + "\r\na", 7).status == ChunkDecoder::Status::kMalformed));
  CHECK((decode("0\r\nA: " + std::string(40, 'x') + "\r\n\r\n", 7).status == ChunkDecoder::Status::kMalformed));
  std::string many;
  for (int i = 0; i < 20; ++i) many += "1;x\r\na\r\n";
  CHECK((decode(many, 7).status == ChunkDecoder::Status::kMalformed));
}
