/// What the server tells about its work: for metrics, the access log and the error log.
///
/// Thread-safety: called by the I/O threads, in the middle of requests: must be quick and must not throw.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "gateway/http/method.hpp"

namespace souk::http {

struct Route;

/// One answered request. Views are valid during the call only.
struct Finished {
  const Route* route = nullptr;  ///< null: no route matched, or the request could not be read
  std::string_view method;       ///< empty when it could not be read
  std::string_view path;         ///< as sent, without the query; empty when it could not be read
  int status = 0;
  std::chrono::steady_clock::duration took{};
  std::size_t bytes_in = 0;
  std::size_t bytes_out = 0;
  std::string_view request_id;
  std::string_view peer;
  std::string_view account;
  std::string_view client;  ///< if it is another than the peer, which is a proxy then
  std::string_view reason;  ///< of a refusal by the server itself, such as "request.header_too_large"
};

class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  virtual void connection_opened() noexcept {}
  virtual void connection_closed() noexcept {}
  /// A connection did not become one of TLS.
  virtual void handshake_failed() noexcept {}
  /// A request was read and is given to its handler.
  virtual void started() noexcept {}
  /// Follows `started` when `handled`; alone for what the server refused by itself.
  virtual void finished(const Finished& /*request*/, bool /*handled*/) noexcept {}
  /// A fault of ours: an exception, a dropped exchange, an Error of kInternal.
  virtual void internal_error(std::string_view /*request_id*/, std::string_view /*what*/) noexcept {}
};

}  // namespace souk::http
