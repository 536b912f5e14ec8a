/// One request and the right to answer it, once, from any thread.
///
/// Ownership: the handler's until the last shared_ptr goes. Dropped without an answer it answers 500 and reports it,
/// for that is our bug: a client never waits for ever.
/// Thread-safety: `respond` may be called by any thread and by several at once: the first one counts. On an I/O
/// thread (in a handler, in a deadline, in Server::post) it writes at once, elsewhere it costs a wake-up.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "gateway/http/stream.hpp"

namespace souk::http {

struct Route;
class Exchange;
using ExchangePtr = std::shared_ptr<Exchange>;

/// The connection's side of an exchange.
class ExchangeSink {
 public:
  ExchangeSink() = default;
  ExchangeSink(const ExchangeSink&) = delete;
  ExchangeSink& operator=(const ExchangeSink&) = delete;
  virtual ~ExchangeSink() = default;

  virtual void answer(ExchangePtr exchange, Response response) = 0;
  /// Sends the head of an answer and what `stream` has to say behind it.
  virtual void begin_stream(ExchangePtr exchange, Response head, StreamPtr stream) = 0;
  /// The stream has something to say.
  virtual void go_on(StreamPtr stream) = 0;
  /// Calls `fn` at `when` unless the exchange is answered by then.
  virtual void set_deadline(ExchangePtr exchange, std::chrono::steady_clock::time_point when,
                            std::function<void(Exchange&)> fn) = 0;
  virtual void report(const Exchange& exchange, std::string_view what) noexcept = 0;
};

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(std::shared_ptr<ExchangeSink> sink, std::unique_ptr<Request> request, const Route* route)
      : sink_(std::move(sink)), request_(std::move(request)), route_(route) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  [[nodiscard]] const Request& request() const { return *request_; }
  [[nodiscard]] const Route& route() const { return *route_; }

  /// Who asked, as an opaque id, for the access log. To be called before `respond`, by whoever calls it.
  void set_account(std::string account) { account_ = std::move(account); }
  [[nodiscard]] const std::string& account() const { return account_; }

  /// Whom a proxy of ours says that it is from, for the access log. To be called before a handler has it.
  void set_client(std::string address) { client_ = std::move(address); }
  [[nodiscard]] const std::string& client() const { return client_; }

  /// That it came from within this process, and who is behind it: "kafka". Such a one needs no token. To be called
  /// before a handler has it.
  void set_insider(std::string name) { insider_ = std::move(name); }
  [[nodiscard]] const std::string& insider() const { return insider_; }

  /// False if it was answered before; then nothing happens.
  bool respond(Response response);
  bool refuse(const Problem& problem);
  /// Reports the detail of kInternal to the server's observer, since the client does not get it.
  bool refuse(const Error& error);
  /// Answers with the head of `head` (it has no body), and goes on with what is written to the stream. Null if it was
  /// answered before; then nothing happens. To HEAD the stream is over at once.
  StreamPtr begin_stream(Response head, StreamOptions options);
  [[nodiscard]] bool answered() const { return answered_.load(std::memory_order_acquire); }

  /// Runs `fn` on the I/O thread unless the exchange is answered within `delay`; late by 100 ms at most.
  /// Any thread may call; a second call replaces the first.
  void on_deadline(std::chrono::milliseconds delay, std::function<void(Exchange&)> fn);

 private:
  friend class Session;

  std::shared_ptr<ExchangeSink> sink_;
  std::unique_ptr<Request> request_;
  const Route* route_;
  std::string account_;
  std::string client_;
  std::string insider_;
  std::atomic<bool> answered_{false};
  /// The I/O thread's.
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::function<void(Exchange&)> at_deadline_;
};

}  // namespace souk::http
