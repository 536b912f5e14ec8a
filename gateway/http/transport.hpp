/// The bytes of one connection, as they are or through TLS, on a non-blocking socket.
///
/// Thread-safety: one thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string_view>

#include "gateway/http/tls.hpp"

namespace souk::http {

class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// `tls`: null for bytes as they are.
  Transport(Socket socket, std::unique_ptr<TlsConnection> tls) : socket_(std::move(socket)), tls_(std::move(tls)) {}

  [[nodiscard]] Socket& socket() { return socket_; }
  [[nodiscard]] TlsConnection* tls() { return tls_.get(); }

  /// As those of a socket; with `would_block` it is to be waited for what `waits_for` says.
  std::size_t read_some(char* out, std::size_t size_max, boost::system::error_code& ec);
  std::size_t write_some(std::string_view bytes, boost::system::error_code& ec);
  [[nodiscard]] Socket::wait_type waits_for() const { return waits_for_; }
  /// Something can be read although the socket will not say so.
  [[nodiscard]] bool is_readable_now() const { return tls_ && may_hold_bytes_ && tls_->holds_bytes(); }

  /// Nothing more is written, and the other side is told so. From now on bytes are read as they are, to be thrown away.
  void end_writing();
  /// What follows is not TLS.
  void drop_tls() { tls_.reset(); }

 private:
  std::size_t outcome(const TlsConnection::Outcome& outcome, boost::system::error_code& ec);

  Socket socket_;
  std::unique_ptr<TlsConnection> tls_;
  Socket::wait_type waits_for_ = Socket::wait_read;
  bool may_hold_bytes_ = false;  ///< the last read gave something: part of a record says nothing until the rest comes
};

}  // namespace souk::http
