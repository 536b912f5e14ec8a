/// One I/O thread: its io_context, its connections and the tick that ends what takes too long. Internal to the server.
///
/// Thread-safety: everything but `post` and `is_here` on the loop's own thread only.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/worker_pool.hpp"
#include "engine/base/id.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/transport.hpp"

namespace souk::http {

namespace net = boost::asio;
class Session;

/// What all loops of a server share. Outlives the server while an exchange does.
struct Shared {
  ServerLimits limits;
  Router router;
  std::vector<Observer*> observers;
  std::string hsts;
  Cors cors;
  std::size_t compressed_bytes_min = 0;
  WorkerPool* compressors = nullptr;  ///< as long as loops run
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> in_flight{0};
  /// Bytes of bodies in memory, of requests being read or handled. A pointer, for exchanges may be the last to go.
  std::shared_ptr<std::atomic<std::size_t>> body_bytes = std::make_shared<std::atomic<std::size_t>>(0);
  std::atomic<bool> draining{false};

  std::mutex drained_mutex;
  std::condition_variable drained_changed;
  std::size_t drained_loops = 0;  ///< under the mutex

  template <class Fn>
  void observe(const Fn& fn) {
    for (auto* observer : observers) fn(*observer);
  }
};

class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::shared_ptr<Shared> shared);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  /// Serves until `stop`. Called by the thread that becomes the loop's own.
  void run();
  /// Closes every connection and makes `run` return.
  void stop();

  [[nodiscard]] bool is_here() { return ioc_.get_executor().running_in_this_thread(); }
  template <class Fn>
  void post(Fn fn) {
    net::post(ioc_, std::move(fn));
  }
  net::io_context& context() { return ioc_; }

  void adopt(Transport transport, std::string peer);
  void forget(Session& session);

  void begin_drain();
  /// A session has begun, or ended, to wait only for its client to hang up.
  void lingering(int change);

  [[nodiscard]] Shared& shared() { return *shared_; }
  /// An IMF-fixdate, renewed by the tick.
  [[nodiscard]] std::string_view date() const { return date_; }
  [[nodiscard]] std::string make_request_id();
  /// Where bytes are read to; what is to stay must be copied before the handler of the read returns.
  [[nodiscard]] std::array<char, 64 * 1024>& scratch() { return scratch_; }

 private:
  void tick();
  void renew_date();
  void note_if_drained();

  std::shared_ptr<Shared> shared_;
  net::io_context ioc_{1};
  net::steady_timer tick_timer_{ioc_};
  std::chrono::milliseconds tick_interval_;
  std::vector<std::shared_ptr<Session>> sessions_;
  std::size_t lingering_ = 0;
  bool drain_noted_ = false;
  std::string date_;
  std::chrono::seconds date_second_{-1};
  std::array<std::uint64_t, 2> random_state_;
  std::array<char, 64 * 1024> scratch_;
};

}  // namespace souk::http
