#include "bench/load/load_run.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include "bench/load/response_reader.hpp"

namespace souk::load {
namespace {

using Nanoseconds = std::uint64_t;

constexpr double kNsPerS = 1e9;
constexpr Nanoseconds kGiveUpAfter = 10'000'000'000;

Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanoseconds>(time.tv_sec) * 1'000'000'000 + static_cast<Nanoseconds>(time.tv_nsec);
}

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

struct Connection {
  int socket = -1;
  bool busy = false;
  Nanoseconds asked_at = 0;  ///< or fell due
  std::string request;
  ResponseReader reader;
};

class Run {
 public:
  Run(const Scenario& scenario, const LoadOptions& options)
      : scenario_(scenario), options_(options), connections_(options.connections) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    for (const auto& connection : connections_) {
      if (connection.socket >= 0) ::close(connection.socket);
    }
    if (epoll_ >= 0) ::close(epoll_);
  }

  LoadReport run() {
    // The kernel may otherwise be 50 µs late with each request of an open loop.
    ::prctl(PR_SET_TIMERSLACK, 1);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < connections_.size() && report_.failure.empty(); ++i) open(i);
    const Nanoseconds begin = now();
    measure_from_ = begin + static_cast<Nanoseconds>(options_.warm_up_s * kNsPerS);
    measure_until_ = measure_from_ + static_cast<Nanoseconds>(options_.measure_s * kNsPerS);
    due_ = static_cast<double>(begin);
    for (std::size_t i = 0; i < connections_.size() && report_.failure.empty(); ++i) free_.push_back(i);
    ask_what_is_due(begin);
    while (report_.failure.empty() && step()) {
    }
    for (const auto& connection : connections_) {
      if (connection.busy && is_measured(connection.asked_at)) ++report_.unanswered;
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool is_open_loop() const { return options_.rate_per_s > 0; }
  [[nodiscard]] bool is_measured(Nanoseconds time) const { return time >= measure_from_ && time < measure_until_; }
  /// Whether more requests fall due, ever.
  [[nodiscard]] bool is_asking(Nanoseconds time) const {
    return (is_open_loop() ? static_cast<Nanoseconds>(due_) : time) < measure_until_;
  }

  void open(std::size_t index) {
    auto& connection = connections_[index];
    connection.socket = connect_to(options_.port);
    if (connection.socket < 0) {
      report_.failure = std::string("cannot connect: ") + std::strerror(errno);
      return;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  }

  void lost(std::size_t index) {
    auto& connection = connections_[index];
    ++report_.connections_lost;
    ::close(connection.socket);
    connection.busy = false;
    connection.reader.reset();
    open(index);
    free_.push_back(index);
  }

  /// False when the run is over.
  bool step() {
    Nanoseconds time = now();
    pass_boundaries(time);
    if (!is_asking(time) && (free_.size() == connections_.size() || time > measure_until_ + kGiveUpAfter)) return false;
    const int ready = wait(time);
    if (ready < 0 && errno != EINTR) report_.failure = std::string("epoll: ") + std::strerror(errno);
    for (int i = 0; i < ready; ++i) receive(events_[static_cast<std::size_t>(i)].data.u64);
    ask_what_is_due(now());
    return true;
  }

  int wait(Nanoseconds time) {
    Nanoseconds until = time < measure_from_ ? measure_from_ : measure_until_;
    if (time >= measure_until_) until = measure_until_ + kGiveUpAfter;
    if (is_open_loop() && !free_.empty() && is_asking(time)) until = std::min(until, static_cast<Nanoseconds>(due_));
    const Nanoseconds left = until > time ? until - time : 0;
    timespec timeout{};
    timeout.tv_sec = static_cast<std::time_t>(left / 1'000'000'000);
    timeout.tv_nsec = static_cast<long>(left % 1'000'000'000);
    return ::epoll_pwait2(epoll_, events_.data(), static_cast<int>(events_.size()), &timeout, nullptr);
  }

  void pass_boundaries(Nanoseconds time) {
    if (began_at_ == 0 && time >= measure_from_) {
      if (options_.server != 0) server_before_ = read_process_figures(options_.server);
      own_before_s_ = own_cpu_s();
      began_at_ = now();
    } else if (began_at_ != 0 && report_.seconds == 0 && time >= measure_until_) {
      report_.seconds = static_cast<double>(time - began_at_) / kNsPerS;
      report_.own_cpu_s = own_cpu_s() - own_before_s_;
      if (options_.server != 0) {
        report_.server = difference(server_before_, read_process_figures(options_.server));
      }
    }
  }

  void ask_what_is_due(Nanoseconds time) {
    while (!free_.empty() && is_asking(time) && report_.failure.empty()) {
      if (is_open_loop() && due_ > static_cast<double>(time)) return;
      const std::size_t index = free_.back();
      free_.pop_back();
      auto& connection = connections_[index];
      connection.busy = true;
      connection.asked_at = is_open_loop() ? static_cast<Nanoseconds>(due_) : time;
      due_ += is_open_loop() ? kNsPerS / options_.rate_per_s : 0;
      scenario_.render(asked_ever_++, connection.request);
      // Far smaller than the socket's buffer, which is empty: it is taken whole.
      const auto sent = ::send(connection.socket, connection.request.data(), connection.request.size(), MSG_NOSIGNAL);
      if (sent != static_cast<ssize_t>(connection.request.size())) lost(index);
    }
  }

  void receive(std::size_t index) {
    auto& connection = connections_[index];
    const auto size = ::recv(connection.socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0 || !connection.busy) return drop(index);
    switch (connection.reader.feed({scratch_.data(), static_cast<std::size_t>(size)})) {
      case ResponseReader::Progress::kNeedMore: return;
      case ResponseReader::Progress::kMalformed: return drop(index);
      case ResponseReader::Progress::kDone: break;
    }
    answered(connection);
    connection.busy = false;
    free_.push_back(index);
  }

  void drop(std::size_t index) {
    if (!connections_[index].busy) std::erase(free_, index);
    lost(index);
  }

  void answered(const Connection& connection) {
    const Nanoseconds time = now();
    const int status = connection.reader.status();
    const bool in_time = began_at_ != 0 && report_.seconds == 0;
    if (in_time) ++report_.answered;
    // An open loop counts what fell due in the measured time, a closed one what was answered in it.
    if (is_open_loop() ? !is_measured(connection.asked_at) : !in_time) return;
    ++report_.statuses[status];
    if (status == scenario_.expected_status()) {
      report_.latencies.record(time - connection.asked_at);
    } else {
      ++report_.unexpected;
    }
  }

  const Scenario& scenario_;
  const LoadOptions& options_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> free_;
  std::array<epoll_event, 256> events_{};
  std::array<char, 65'536> scratch_{};
  int epoll_ = -1;
  std::uint64_t asked_ever_ = 0;
  double due_ = 0;  ///< of the next request of an open loop
  Nanoseconds measure_from_ = 0;
  Nanoseconds measure_until_ = 0;
  Nanoseconds began_at_ = 0;
  ProcessFigures server_before_;
  double own_before_s_ = 0;
  LoadReport report_;
};

}  // namespace

LoadReport run_load(const Scenario& scenario, const LoadOptions& options) {
  const auto run = std::make_unique<Run>(scenario, options);
  return run->run();
}

}  // namespace souk::load
