#include "bench/load/response_reader.hpp"

#include <doctest/doctest.h>

namespace souk::load {
namespace {

using Progress = ResponseReader::Progress;
constexpr std::string_view kAnswer = "HTTP/1.1 201 Created\r\nServer: x\r\ncontent-length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a whole answer is done at once") {
  ResponseReader reader;
  CHECK((reader.feed(kAnswer) == Progress::kDone));
  CHECK(reader.status() == 201);
}

TEST_CASE("an answer may come in any pieces, and another one after it") {
  for (std::size_t cut = 1; cut < kAnswer.size(); ++cut) {
    ResponseReader reader;
    CHECK((reader.feed(kAnswer.substr(0, cut)) == Progress::kNeedMore));
    CHECK((reader.feed(kAnswer.substr(cut)) == Progress::kDone));
    CHECK((reader.feed("HTTP/1.1 204 No Content\r\n\r\n") == Progress::kDone));
    CHECK(reader.status() == 204);
  }
}

TEST_CASE("what is no answer, or more than one, is malformed") {
  ResponseReader reader;
  CHECK((reader.feed("SSH-2.0\r\n\r\n") == Progress::kMalformed));
  reader.reset();
  CHECK((reader.feed("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n") == Progress::kMalformed));
  reader.reset();
  CHECK((reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab") == Progress::kMalformed));
}

}  // namespace souk::load
