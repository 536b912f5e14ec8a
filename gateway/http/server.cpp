#include "gateway/http/server.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <optional>
#include <thread>

#include "eventstore/thread_name.hpp"
#include "gateway/http/loop.hpp"

namespace souk::http {
namespace {

using net::ip::tcp;

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options, Router router) : options_(std::move(options)) {
    shared_ = std::make_shared<Shared>();
    shared_->limits = options_.limits;
    shared_->router = std::move(router);
    shared_->observers = options_.observers;
    shared_->hsts = options_.hsts;
    shared_->cors = options_.cors;
    shared_->compressed_bytes_min = options_.compressed_bytes_min;
    shared_->compressors = &compressors_;
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.io_threads, 1); ++i) {
      loops_.push_back(std::make_shared<Loop>(shared_));
    }
    acceptor_.emplace(loops_.front()->context());
    retry_.emplace(loops_.front()->context());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl();

  Result<void> listen();
  void run();
  bool drain(std::chrono::milliseconds deadline);
  void use_tls(std::shared_ptr<const TlsContext> tls) {
    first().post([this, tls = std::move(tls)]() mutable { options_.tls = std::move(tls); });
  }

  [[nodiscard]] Loop& first() { return *loops_.front(); }
  [[nodiscard]] Shared& shared() { return *shared_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept();
  void accepted(tcp::socket socket, std::size_t loop);
  /// Answers without having read anything and closes.
  void turn_away(tcp::socket socket);

  ServerOptions options_;
  WorkerPool compressors_{1, "souk:compress"};
  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
  std::optional<tcp::acceptor> acceptor_;
  std::optional<net::steady_timer> retry_;
  std::uint16_t port_ = 0;
  std::size_t next_loop_ = 0;
};

Result<void> Server::Impl::listen() {
  boost::system::error_code ec;
  const auto address = net::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, ec);
  if (ec) return fail(ErrorCode::kInvalid, "server.bad_address", options_.host + " is no address");
  if (options_.limits.read_ahead_bytes_max < options_.limits.head_bytes_max) {
    return fail(ErrorCode::kInvalid, "server.bad_limits", "read_ahead_bytes_max is below head_bytes_max");
  }
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_->open(endpoint.protocol(), ec);
  if (!ec) acceptor_->set_option(net::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_->bind(endpoint, ec);
  if (!ec) acceptor_->listen(net::socket_base::max_listen_connections, ec);
  if (!ec) port_ = acceptor_->local_endpoint(ec).port();
  if (ec) {
    return fail(ErrorCode::kUnavailable, "server.cannot_listen",
                options_.host + ":" + std::to_string(options_.port) + ": " + ec.message());
  }
  return {};
}

void Server::Impl::run() {
  accept();
  for (const auto& loop : loops_) {
    threads_.emplace_back([loop] {
      name_this_thread("souk:io");
      // OpenSSL writes to sockets by plain writes: a client that hung up must not end the process.
      sigset_t broken_pipe;
      sigemptyset(&broken_pipe);
      sigaddset(&broken_pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
      loop->run();
    });
  }
}

void Server::Impl::accept() {
  const std::size_t loop = next_loop_++ % loops_.size();
  acceptor_->async_accept(loops_[loop]->context(),
                          [this, loop](const boost::system::error_code& ec, tcp::socket socket) {
                            if (ec == net::error::operation_aborted || !acceptor_->is_open()) return;
                            if (!ec) {
                              accepted(std::move(socket), loop);
                              return accept();
                            }
                            // Out of descriptors, most likely: waiting lets some come back, trying at once would spin.
                            retry_->expires_after(std::chrono::milliseconds(50));
                            retry_->async_wait([this](const boost::system::error_code& stopped) {
                              if (!stopped && acceptor_->is_open()) accept();
                            });
                          });
}

void Server::Impl::accepted(tcp::socket socket, std::size_t loop) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (!ec) socket.non_blocking(true, ec);
  if (!ec) socket.set_option(tcp::no_delay(true), ec);
  if (ec) return;  // it hung up already
  if (shared_->connections.load(std::memory_order_relaxed) >= shared_->limits.connections_max) {
    return turn_away(std::move(socket));
  }
  std::unique_ptr<TlsConnection> tls;
  if (options_.tls && !(tls = options_.tls->accept(socket.native_handle()))) return;
  shared_->connections.fetch_add(1, std::memory_order_relaxed);
  auto text = peer.address().to_string();
  Transport transport(std::move(socket), std::move(tls));
  if (loop == 0) return loops_[0]->adopt(std::move(transport), std::move(text));
  loops_[loop]->post([target = loops_[loop].get(), transport = std::move(transport), text = std::move(text)]() mutable {
    target->adopt(std::move(transport), std::move(text));
  });
}

void Server::Impl::turn_away(tcp::socket socket) {
  if (options_.tls) return;  // a handshake for a refusal would be too much
  Problem problem(503, "server.too_many_connections", "every connection there may be is taken");
  problem.retry_after_s = 1;
  const auto id = first().make_request_id();
  std::string out;
  append_wire(out, problem_response(problem, id), {id, first().date(), "no-store", false, true});
  boost::system::error_code ignored;
  socket.write_some(net::buffer(out), ignored);
}

bool Server::Impl::drain(std::chrono::milliseconds deadline) {
  first().post([this] {
    boost::system::error_code ignored;
    acceptor_->close(ignored);
    retry_->cancel();
    shared_->draining = true;
    for (const auto& loop : loops_) {
      loop->post([target = loop.get()] { target->begin_drain(); });
    }
  });
  std::unique_lock lock(shared_->drained_mutex);
  return shared_->drained_changed.wait_for(lock, deadline, [&] { return shared_->drained_loops == loops_.size(); });
}

Server::Impl::~Impl() {
  if (!threads_.empty()) {
    first().post([this] {
      boost::system::error_code ignored;
      acceptor_->close(ignored);
      retry_->cancel();
      for (const auto& loop : loops_) loop->post([target = loop.get()] { target->stop(); });
    });
  }
  for (auto& thread : threads_) thread.join();
  compressors_.stop();
  retry_.reset();
  acceptor_.reset();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Router router) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(router));
  if (auto listening = impl->listen(); !listening) return tl::unexpected<Error>(listening.error());
  impl->run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
  return impl_->port();
}
const Router& Server::router() const {
  return impl_->shared().router;
}
void Server::use_tls(std::shared_ptr<const TlsContext> tls) {
  impl_->use_tls(std::move(tls));
}
void Server::post(std::function<void()> task) {
  impl_->first().post(std::move(task));
}
void Server::post(std::vector<std::function<void()>> tasks) {
  impl_->first().post([tasks = std::move(tasks)] {
    for (const auto& task : tasks) task();
  });
}
bool Server::drain(std::chrono::milliseconds deadline) {
  return impl_->drain(deadline);
}
std::size_t Server::connections() const {
  return impl_->shared().connections.load(std::memory_order_relaxed);
}
std::size_t Server::in_flight() const {
  return impl_->shared().in_flight.load(std::memory_order_relaxed);
}

}  // namespace souk::http
