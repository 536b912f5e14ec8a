/// A server that looks like Redis to one client at a time, and does wrong what a test tells it to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

namespace souk::limits::testing {

class FakeRedis {
 public:
  FakeRedis() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~FakeRedis() {
    is_stopping_ = true;
    thread_.join();
    close(listener_);
  }
  FakeRedis(const FakeRedis&) = delete;
  FakeRedis& operator=(const FakeRedis&) = delete;

  [[nodiscard]] int port() const { return port_; }
  /// What is said to the script's loading; empty: nothing.
  void greet_with(std::string text) { set(greeting_, std::move(text)); }
  /// What is said to a question; empty: nothing.
  void answer_with(std::string text) { set(answer_, std::move(text)); }
  /// What is said to a question that brings the script.
  void answer_script_with(std::string text) { set(answer_to_script_, std::move(text)); }
  /// Says it now, whether asked or not, and returns when it is sent.
  void say(std::string text) {
    set(said_, std::move(text));
    while (!get(said_).empty()) std::this_thread::yield();
  }
  void await_questions(int count) const {
    while (questions_ < count) std::this_thread::yield();
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void set(std::string& to, std::string text) {
    const std::scoped_lock lock(mutex_);
    to = std::move(text);
  }
  std::string get(const std::string& from) {
    const std::scoped_lock lock(mutex_);
    return from;
  }

  void run() {
    int client = -1;
    while (!is_stopping_) {
      if (const std::string said = get(said_); client >= 0 && !said.empty()) {
        send(client, said.data(), said.size(), MSG_NOSIGNAL);
        set(said_, "");
      }
      std::array<pollfd, 2> watched{pollfd{listener_, POLLIN, 0}, pollfd{client, POLLIN, 0}};
      poll(watched.data(), 2, 5);
      if ((watched[0].revents & POLLIN) != 0) {
        if (client >= 0) close(client);
        client = accept(listener_, nullptr, nullptr);
        ++connections_;
      } else if (client >= 0 && watched[1].revents != 0 && !serve(client)) {
        close(client);
        client = -1;
      }
    }
    if (client >= 0) close(client);
  }

  /// False: the client is gone, or is to be left ("close").
  bool serve(int client) {
    std::array<char, 65'536> bytes{};
    const auto count = recv(client, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    const std::string text(bytes.data(), static_cast<std::size_t>(count));
    for (auto at = text.find("EVALSHA"); at != std::string::npos; at = text.find("EVALSHA", at + 1)) ++questions_;
    const std::string said = get(text.find("EVALSHA") != std::string::npos  ? answer_
                                 : text.find("EVAL\r") != std::string::npos ? answer_to_script_
                                                                            : greeting_);
    if (said == "close") return false;
    return said.empty() || send(client, said.data(), said.size(), MSG_NOSIGNAL) > 0;
  }

  int listener_;
  int port_ = 0;
  std::mutex mutex_;
  std::string greeting_ = "$40\r\n0123456789012345678901234567890123456789\r\n";
  std::string answer_;
  std::string answer_to_script_ = "-ERR this is not expected\r\n";
  std::string said_;
  std::atomic<int> questions_{0};
  std::atomic<int> connections_{0};
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace souk::limits::testing
