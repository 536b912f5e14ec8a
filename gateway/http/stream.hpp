/// An answer that goes on: its head is sent at once, bytes follow as they come, until somebody ends it.
///
/// Made by Exchange::begin_stream. It ends by `end`, by `fail`, at `StreamOptions::ends_at`, when the client hangs up
/// or takes nothing for the server's write timeout, when more waits than may, and when the server drains.
/// Thread-safety: any thread. Callbacks run on the I/O thread, one at a time, and must be quick.
/// Limits: who writes while the client has not taken `waiting_bytes_max` loses the connection. What is written at once
/// may be longer.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace souk::http {

class ExchangeSink;

struct StreamOptions {
  std::size_t waiting_bytes_max = 256 * 1024;
  /// Written when nothing else was for `idle_after`, so that nobody on the way takes the connection for dead. A
  /// literal.
  std::string_view idle_text = {};
  std::chrono::milliseconds idle_after{15'000};
  std::chrono::steady_clock::time_point ends_at = std::chrono::steady_clock::time_point::max();
  /// Everything written so far was taken: the time to write more, for those who have much to say.
  std::function<void()> on_taken = {};
  /// The stream is over, whoever ended it. Called once.
  std::function<void()> on_closed = {};
};

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(std::shared_ptr<ExchangeSink> sink, StreamOptions options)
      : sink_(std::move(sink)), options_(std::move(options)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// False when the stream is over or about to be; then nothing was written.
  bool write(std::string_view bytes);
  /// Sends what waits, then the end; the connection can be used again.
  void end();
  /// A fault of ours: it is reported, and the connection breaks, so that the client does not take the end for one.
  void fail(std::string what);
  [[nodiscard]] bool is_open() const;

 private:
  friend class Session;

  /// What the connection is to do next.
  struct Turn {
    std::string bytes;
    bool is_last = false;
    bool breaks = false;  ///< the connection is to be closed at once
    std::string fault;
  };
  /// Takes what waits; what was taken before has been sent.
  Turn take();
  [[nodiscard]] bool is_breaking() const;
  void close();
  void tell(std::unique_lock<std::mutex> lock);

  mutable std::mutex mutex_;
  std::shared_ptr<ExchangeSink> sink_;  ///< null: it is over
  StreamOptions options_;               ///< its callbacks are the I/O thread's
  std::string waiting_;
  std::size_t under_way_bytes_ = 0;
  bool is_told_ = false;  ///< the connection knows that something waits
  bool is_ending_ = false;
  bool breaks_ = false;
  std::string fault_;
};

using StreamPtr = std::shared_ptr<Stream>;

}  // namespace souk::http
