#include "gateway/access_log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/base/json_reader.hpp"
#include "gateway/http/router.hpp"

using namespace souk;

namespace {

/// A log in a file of its own, removed at the end.
struct LogFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("souk_access_log_test." + std::to_string(::getpid()));
  std::unique_ptr<AccessLog> log;

  explicit LogFile(bool requests = true) {
    auto opened = AccessLog::open({requests, path.string()});
    REQUIRE(opened);
    log = std::move(*opened);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() {
    log.reset();
    std::filesystem::remove(path);
  }
  std::string text() {
    log->flush();
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
};

http::Finished request() {
  http::Finished finished;
  finished.method = "POST";
  finished.path = "/api/v1/orders";
  finished.status = 201;
  finished.took = std::chrono::microseconds(740);
  finished.bytes_in = 310;
  finished.bytes_out = 420;
  finished.request_id = "r-1";
  finished.peer = "127.0.0.1";
  finished.account = "01h";
  return finished;
}

}  // namespace

TEST_CASE("a request is one line of JSON") {
  LogFile file;
  http::Router router;
  router.add(http::Method::kPost, "/api/v1/orders", {.name = "place_order"}, [](const http::ExchangePtr&) {});
  auto finished = request();
  finished.route = &router.routes()[0];
  file.log->finished(finished, true);
  const auto text = file.text();
  CHECK(text.rfind(R"({"time":"2)", 0) == 0);
  CHECK(text.substr(text.find(R"("level")")) ==
        R"("level":"info","msg":"request","request_id":"r-1","method":"POST","route":"place_order",)"
        R"("path":"/api/v1/orders","status":201,"duration_us":740,"bytes_in":310,"bytes_out":420,)"
        R"("peer":"127.0.0.1","account":"01h"})"
        "\n");
}

TEST_CASE("no data can begin a line of its own or hide behind control characters") {
  LogFile file;
  auto finished = request();
  finished.account = "a\r\n{\"forged\":1}\x1b[2J";
  file.log->finished(finished, true);
  file.log->internal_error("r-2", "a\nb");
  const auto text = file.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(
      std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    CHECK(read_json(line, [](JsonValue) -> Result<void> { return {}; }));
  }
}

TEST_CASE("with requests off only faults are logged") {
  LogFile file(false);
  file.log->finished(request(), true);
  file.log->internal_error("r-2", "broken");
  file.log->notice(AccessLog::Level::kInfo, "orders", "generation 2 serves");
  file.log->notice(AccessLog::Level::kWarning, "kafka", "away");
  const auto text = file.text();
  CHECK(text.find("\"request\"") == std::string::npos);
  CHECK(text.find(R"("level":"info","msg":"generation 2 serves","request_id":"","about":"orders"})") !=
        std::string::npos);
  CHECK(text.find(R"("level":"warn","msg":"away","request_id":"","about":"kafka"})") != std::string::npos);
  CHECK(text.find(R"("level":"error","msg":"internal error","request_id":"r-2","error":"broken")") !=
        std::string::npos);
}

TEST_CASE("many lines all arrive, in order, also those that wait when the log is closed") {
  LogFile file;
  for (int i = 0; i < 20'000; ++i) {
    auto finished = request();
    const auto id = "r-" + std::to_string(i);
    finished.request_id = id;
    file.log->finished(finished, true);
    if (i % 5'000 == 0) file.log->flush();
  }
  file.log.reset();
  std::ifstream in(file.path);
  int count = 0;
  for (std::string line; std::getline(in, line); ++count) {
    CHECK(line.find("\"r-" + std::to_string(count) + "\"") != std::string::npos);
  }
  CHECK(count == 20'000);
}

TEST_CASE("a log that cannot be opened is told") {
  const auto opened = AccessLog::open({true, "/dev/null/x.log"});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().reason == "log.cannot_open");
}
