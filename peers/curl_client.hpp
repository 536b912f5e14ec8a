/// HTTP by libcurl on one thread of its own: connections are kept and used again, certificates are verified, redirects
/// are not followed, every call has a deadline and every answer a limit.
///
/// Thread-safety: every function from any thread. Answers and timers run on its thread and must not block.
#pragma once

#include <memory>

#include "peers/http_client.hpp"
#include "peers/scheduler.hpp"

namespace souk {

class CurlClient final : public HttpClient, public Scheduler {
 public:
  struct Options {
    std::string thread_name = "souk-peers";  ///< at most 15 characters
    std::string ca_file;                     ///< certificates that are trusted; empty: the system's
    std::size_t connections_max = 32;        ///< at a time, to one host
    std::size_t under_way_max = 1'000;       ///< calls; one more is refused with "http.busy"
  };

  explicit CurlClient(Options options);
  /// Stops first.
  ~CurlClient() override;

  void send(HttpRequest request, HttpThen then) override;
  [[nodiscard]] Time now() override;
  void after(Duration delay, std::function<void()> task) override;

  /// Calls under way are answered with "http.stopped", timers are dropped.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
