/// An HTTP/1.1 server: reads requests, routes them, writes answers; knows nothing of what they mean.
///
/// Every limit is explicit and every refusal a problem document. A request that may be read in two ways is refused and
/// its connection closed. One request of a connection is handled at a time; what a client sends ahead stays with it.
/// Source: RFC 9110, RFC 9112.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/observer.hpp"
#include "gateway/http/router.hpp"
#include "gateway/http/tls.hpp"

namespace souk::http {

struct ServerLimits {
  std::size_t head_bytes_max = 8 * 1024;                 ///< request line and headers: 431
  std::size_t header_bytes_max = 4 * 1024;               ///< the value of one header: 431
  std::size_t header_count_max = 64;                     ///< 431
  std::size_t target_bytes_max = 4 * 1024;               ///< 414
  std::size_t body_bytes_max = 1024 * 1024;              ///< 413, unless the route says otherwise
  std::size_t all_bodies_bytes_max = 256 * 1024 * 1024;  ///< of all requests being read or handled, together: 503
  std::size_t chunk_overhead_bytes_max = 4 * 1024;       ///< extensions and trailers of a chunked body, together: 400
  std::size_t read_ahead_bytes_max = 16 * 1024;          ///< kept of what a client sends before it is asked
  std::size_t connections_max = 16'384;                  ///< 503 and closed
  std::size_t in_flight_max = 4'096;                     ///< requests given to handlers and not answered: 503
  /// Timeouts are checked every 50 ms, or four times in the shortest of them if that is less.
  std::chrono::milliseconds idle{75'000};       ///< between requests: closed without a word
  std::chrono::milliseconds handshake{10'000};  ///< of TLS: closed without a word
  std::chrono::milliseconds head_read{10'000};  ///< from the first byte to the last header: 408
  std::chrono::milliseconds body_read{30'000};  ///< from the last header to the end: 408
  std::chrono::milliseconds write{30'000};      ///< for a client to take its answer: closed
  std::chrono::milliseconds linger{2'000};      ///< how long bytes are still taken after a refusal that closes
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
  std::size_t io_threads = 1;
  ServerLimits limits;
  Cors cors = {};                                   ///< which web pages may use the interface
  std::shared_ptr<const TlsContext> tls = nullptr;  ///< null: HTTP without TLS
  std::size_t compressed_bytes_min = 1024;          ///< answers this long are compressed for who reads that; 0: none
  std::string hsts = {};             ///< the value of Strict-Transport-Security, sent through TLS only; empty: none
  std::vector<Observer*> observers;  ///< must outlive the server
};

class Server {
 public:
  /// Listens and serves from then on, on threads of its own.
  /// Errors: kUnavailable "server.cannot_listen", kInvalid "server.bad_address".
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Router router);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Closes what is open; call `drain` before.
  ~Server();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const Router& router() const;

  /// New connections show this certificate from now on. Only for a server that was started with one.
  void use_tls(std::shared_ptr<const TlsContext> tls);

  /// Runs `task`, or all of `tasks` in order, on the (first) I/O thread, at the cost of one wake-up: whoever has many
  /// answers at once gives them in one call.
  void post(std::function<void()> task);
  void post(std::vector<std::function<void()>> tasks);

  /// Stops accepting, closes idle connections, lets requests in flight be answered with `Connection: close`, and
  /// returns when the last answer was written. False when that did not happen within `deadline`.
  bool drain(std::chrono::milliseconds deadline);

  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::size_t in_flight() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk::http
