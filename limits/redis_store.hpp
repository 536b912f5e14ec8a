/// Counters in a Redis server, shared by all nodes that use it. The time is the server's, so nodes need not agree.
///
/// A thread of its own keeps one connection and pipelines what it is asked; who asks never waits for it. What is not
/// answered within the deadline is given up, and with it the connection, since later answers could not be told from
/// earlier ones. While there is no connection every question is refused at once, and it is tried to have one again.
///
/// Thread-safety: any thread. Answers come on the store's thread, refusals also on the caller's.
/// Ownership: all questions are answered before the destructor returns.
/// Errors: kUnavailable "limits.store_away".
/// Limits: one server, or a proxy that looks like one: the keys of a question lie in any slots of a cluster.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "limits/counter_store.hpp"

namespace souk::limits {

class RedisConnection;
struct RedisReply;

struct RedisOptions {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
  std::string key_prefix = "souk:limits:";
  std::chrono::milliseconds deadline{10};
  std::chrono::milliseconds connect_deadline{1'000};
  std::chrono::milliseconds reconnect_after{200};
  std::size_t waiting_max = 10'000;
  /// Connected, or why not any more; on the store's thread, once for each change.
  std::function<void(const std::optional<std::string>& trouble)> on_change;
  /// For tests. None: the server's clock.
  std::function<Time()> clock;
};

class RedisStore final : public CounterStore {
 public:
  explicit RedisStore(RedisOptions options);
  ~RedisStore() override;

  void charge(std::vector<Charge> charges, StandingsThen then) override;
  /// Why it cannot be used now; none: it is connected.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::vector<Charge> charges;
    StandingsThen then;
    Clock::time_point deadline;
  };

  void run();
  Result<void> connect(std::unique_ptr<RedisConnection>& made);
  Result<void> serve(RedisConnection& connection);
  void send_queued(RedisConnection& connection);
  [[nodiscard]] std::vector<std::string> command(const std::vector<Charge>& charges) const;
  static void answer(const Waiting& question, const RedisReply& reply);
  void set_trouble(const std::optional<std::string>& trouble);
  void fail_all();
  /// Until there is something to do for the connection, if there is one, or for this thread, or it is that late.
  Result<bool> wait(const RedisConnection* connection, Clock::time_point until);
  void wake() const;

  const RedisOptions options_;
  std::string script_sha_;
  int wake_fd_;
  std::atomic<bool> is_stopping_{false};

  mutable std::mutex mutex_;
  bool is_connected_ = false;
  std::string trouble_ = "not connected yet";
  std::deque<Waiting> queued_;

  std::deque<Waiting> sent_;  ///< the thread's own, in the order in which answers come
  std::thread thread_;
};

}  // namespace souk::limits
