/// Speaks with the nodes of a cluster: JSON over HTTP, to one node until it fails, then to the next.
///
/// Thread-safety: every function from any thread, save that `call` waits: not for a thread that must not block.
/// Errors: those of peers/http_client.hpp. Any status is an answer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peers/curl_client.hpp"
#include "peers/guarded_client.hpp"
#include "projections/elastic/options.hpp"

namespace souk::elastic {

/// What is asked of a node: the path with its query, and what is sent.
struct Request {
  std::string_view method;
  std::string path;
  std::string body = {};
  std::optional<Duration> deadline_max = std::nullopt;  ///< besides that of the options for writing
};

class Client {
 public:
  explicit Client(const Options& options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Waits for the answer; tries all nodes while none is reached.
  Result<HttpAnswer> call(const Request& request);
  /// For what readers ask: within the deadline for queries, with a breaker for a cluster that does not answer.
  void query(std::string path, std::string body, HttpThen then);
  /// Runs it on the thread for queries later.
  void after(Duration delay, std::function<void()> task) { queries_.after(delay, std::move(task)); }

  [[nodiscard]] GuardedClient::Figures figures() const { return guarded_.figures(); }
  /// Around queries, for an operator, who may force it.
  [[nodiscard]] CircuitBreaker& breaker() const { return guarded_.breaker(); }
  /// Each call of `call` is answered soon from now on.
  void hurry() { is_hurried_ = true; }
  /// Every query under way is answered with "http.stopped", and so is what comes later.
  void stop_queries() { queries_.stop(); }
  /// The same of all.
  void stop() {
    queries_.stop();
    writes_.stop();
  }

 private:
  /// Puts the node's address before the path, and who asks into the headers.
  class Nodes final : public HttpClient {
   public:
    Nodes(HttpClient& client, const Options& options);
    void send(HttpRequest request, HttpThen then) override;
    [[nodiscard]] std::size_t size() const { return urls_.size(); }

   private:
    HttpClient& client_;
    std::vector<std::string> urls_;
    std::string authorization_;
    std::shared_ptr<std::atomic<std::size_t>> current_ = std::make_shared<std::atomic<std::size_t>>(0);
  };

  const Duration query_timeout_;
  const Duration write_timeout_;
  std::atomic<bool> is_hurried_{false};
  // What readers ask and what is written do not take each other's places.
  CurlClient queries_;
  CurlClient writes_;
  Nodes query_nodes_;
  Nodes write_nodes_;
  GuardedClient guarded_;
};

/// A number in [0, 1).
double chance();

/// An answer of 200 to 299, or why it is none. Errors: kUnavailable "elasticsearch.refused" with what the server says.
Result<std::string> body_of(Result<HttpAnswer> answer);

}  // namespace souk::elastic
