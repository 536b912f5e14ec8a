/// A blocking client for tests that says exactly what it is told to, right or wrong.
///
/// Errors: what takes longer than five seconds counts as closed, so a test fails instead of hanging.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/request.hpp"

namespace souk::http {

struct RawAnswer {
  int status = 0;  ///< 0: none came
  std::string head;
  std::string body;

  [[nodiscard]] std::string header(std::string_view name) const {
    std::string_view rest = head;
    for (auto end = rest.find("\r\n"); end != std::string_view::npos && end > 0; end = rest.find("\r\n")) {
      const auto line = rest.substr(0, end);
      rest.remove_prefix(end + 2);
      const auto colon = line.find(": ");
      if (colon != std::string_view::npos && equals_ignoring_case(line.substr(0, colon), name)) {
        return std::string(line.substr(colon + 2));
      }
    }
    return {};
  }
  [[nodiscard]] bool says(std::string_view text) const { return body.find(text) != std::string::npos; }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval five_seconds{5, 0};
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &five_seconds, sizeof five_seconds);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &five_seconds, sizeof five_seconds);
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer_bytes > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { hang_up(); }

  [[nodiscard]] bool is_connected() const { return is_connected_; }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  /// The next answer; `to_head`: one that has a length but no body.
  RawAnswer receive(bool to_head = false) {
    RawAnswer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return answer;
    }
    answer.head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    const auto length = to_head ? 0 : static_cast<std::size_t>(std::atoll(answer.header("Content-Length").c_str()));
    while (buffer_.size() < length) {
      if (!read_more()) break;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
  }
  /// The next chunk of an answer whose head was received; "" is the last one. Nothing: the connection broke.
  std::optional<std::string> chunk() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      if (!read_more()) return std::nullopt;
    }
    const auto size = static_cast<std::size_t>(std::strtoul(buffer_.c_str(), nullptr, 16));
    while (buffer_.size() < end + 2 + size + 2) {
      if (!read_more()) return std::nullopt;
    }
    std::string bytes = buffer_.substr(end + 2, size);
    buffer_.erase(0, end + 2 + size + 2);
    return bytes;
  }
  /// What has come and comes until the server hangs up.
  std::string rest() {
    while (read_more()) {
    }
    return std::exchange(buffer_, {});
  }
  RawAnswer ask(std::string_view text) {
    send(text);
    return receive();
  }

  /// True when the server hangs up and has sent nothing more before.
  bool is_closed_by_server() {
    while (read_more()) {
    }
    return has_ended_ && buffer_.empty();
  }

  void say_no_more() { ::shutdown(fd_, SHUT_WR); }
  void hang_up() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  /// As a client that crashes: the server gets a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    hang_up();
  }

 private:
  bool read_more() {
    char bytes[4096];
    const auto size = ::recv(fd_, bytes, sizeof bytes, 0);
    if (size <= 0) {
      has_ended_ = size == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
      return false;
    }
    buffer_.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  bool is_connected_ = false;
  bool has_ended_ = false;
  std::string buffer_;
};

}  // namespace souk::http
