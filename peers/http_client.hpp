/// Asking a peer outside over HTTP: the interface that is called, and that tests replace.
///
/// Errors, all kUnavailable: "http.unreachable" (nothing was sent), "http.timeout", "http.failed" (what became of the
/// request is unknown), "http.too_large", "http.busy", "http.stopped", "http.circuit_open".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace souk {

struct HttpRequest {
  std::string url;
  std::string form;                       ///< sent by POST as application/x-www-form-urlencoded; empty: GET
  std::string body = {};                  ///< sent by POST instead of a form; its type is among the headers
  std::vector<std::string> headers = {};  ///< "Name: value"
  Duration deadline = Duration::seconds(5);
  std::size_t answer_bytes_max = 1U << 20U;
  std::string method = {};  ///< empty: POST if something is sent, else GET
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

using HttpThen = std::function<void(Result<HttpAnswer>)>;

/// Thread-safety: called on any thread; answers on any thread, exactly once a call, perhaps before `send` returns.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Any status is an answer. Never blocks.
  virtual void send(HttpRequest request, HttpThen then) = 0;
};

}  // namespace souk
