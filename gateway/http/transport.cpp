#include "gateway/http/transport.hpp"

namespace souk::http {

namespace net = boost::asio;

std::size_t Transport::read_some(char* out, std::size_t size_max, boost::system::error_code& ec) {
  if (!tls_) {
    waits_for_ = Socket::wait_read;
    return socket_.read_some(net::buffer(out, size_max), ec);
  }
  const std::size_t size = outcome(tls_->read(out, size_max), ec);
  may_hold_bytes_ = size > 0;
  return size;
}

std::size_t Transport::write_some(std::string_view bytes, boost::system::error_code& ec) {
  if (!tls_) {
    waits_for_ = Socket::wait_write;
    return socket_.write_some(net::buffer(bytes.data(), bytes.size()), ec);
  }
  ec = {};
  std::size_t written = 0;
  while (written < bytes.size() && !ec) written += outcome(tls_->write(bytes.substr(written)), ec);
  return written;
}

std::size_t Transport::outcome(const TlsConnection::Outcome& outcome, boost::system::error_code& ec) {
  using Status = TlsConnection::Status;
  switch (outcome.status) {
    case Status::kDone: ec = {}; return outcome.size;
    case Status::kWantsRead:
      ec = net::error::would_block;
      waits_for_ = Socket::wait_read;
      return 0;
    case Status::kWantsWrite:
      ec = net::error::would_block;
      waits_for_ = Socket::wait_write;
      return 0;
    case Status::kEnded: ec = net::error::eof; return 0;
    default: ec = net::error::connection_aborted; return 0;
  }
}

void Transport::end_writing() {
  if (tls_) tls_->say_goodbye();
  tls_.reset();
  boost::system::error_code ignored;
  socket_.shutdown(net::socket_base::shutdown_send, ignored);
}

}  // namespace souk::http
