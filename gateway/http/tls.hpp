/// TLS on non-blocking sockets: a certificate with its key, and connections that show it.
///
/// TLS 1.2 and 1.3; ciphers with forward secrecy and authenticated encryption only; session tickets, so that a client
/// that comes back is quick; no compression, no renegotiation, no early data.
/// Thread-safety: a context is shared by all; a connection belongs to one thread.
/// Source: RFC 8446, RFC 7301 (ALPN), RFC 9325 (recommendations).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace souk::http {

class TlsConnection {
 public:
  enum class Status : std::uint8_t {
    kDone,
    kWantsRead,   ///< to be tried again when the socket is readable
    kWantsWrite,  ///< to be tried again when it is writable
    kEnded,       ///< the other side said goodbye, or hung up
    kPlain,       ///< of a handshake: what came is HTTP without TLS
    kFailed
  };
  struct Outcome {
    Status status = Status::kFailed;
    std::size_t size = 0;  ///< bytes read or written when done
  };

  explicit TlsConnection(ssl_st* ssl) : ssl_(ssl) {}
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  ~TlsConnection();

  Status handshake();
  Outcome read(char* out, std::size_t size_max);
  /// At most one record. What was refused must be given again.
  Outcome write(std::string_view bytes);
  /// Bytes were taken from the socket that `read` has not given yet; the socket will not tell of them.
  [[nodiscard]] bool holds_bytes() const;
  /// Tells the other side that nothing more comes; if it cannot be told at once, it is not.
  void say_goodbye();

 private:
  Status status_of(int result);

  ssl_st* ssl_;
};

class TlsContext {
 public:
  /// Both files are PEM; the certificate is followed by those that lead to its root.
  /// Errors: kInvalid "tls.certificate_unusable", "tls.key_unusable", "tls.key_mismatched".
  static Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate_file,
                                                        const std::string& key_file);

  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  /// The server's side of a connection on a socket that stays the caller's. Null when memory is short.
  [[nodiscard]] std::unique_ptr<TlsConnection> accept(int descriptor) const;
  [[nodiscard]] std::chrono::system_clock::time_point certificate_expires_at() const { return expires_at_; }

 private:
  ssl_ctx_st* context_;
  std::chrono::system_clock::time_point expires_at_;
};

}  // namespace souk::http
