/// Counters in a Redis server, shared by all nodes that use it. The time is the server's, so nodes need not agree.
///
/// A thread of its own keeps one connection and pipelines what it is asked; who asks never waits for it. What is not
/// answered within the deadline is given up, alone: its answer is awaited all the same, since answers come in the order
/// of questions, and then passed over. A server that says nothing for ten times as long has lost the connection, and so
/// has one that answers with an error. What is in the socket is not late, however late this thread is. While there is
/// no connection every question is refused at once, and it is tried to have one again. A server that has forgotten the
/// script is told it once more.
///
/// Of what fails of one cause (a connection that is lost, a deadline's time without an answer) one question says so:
/// hundreds that were under way together are no hundred failures. Once an attempt to connect has failed each says so.
///
/// Thread-safety: any thread. Answers come on the store's thread, refusals also on the caller's.
/// Ownership: all questions are answered before the destructor returns.
/// Errors: as counter_store.hpp.
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
  /// Best an address: a name is looked up by the store's thread, for which the end of the store waits.
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
  [[nodiscard]] bool is_away() const override { return trouble().has_value(); }
  /// Why it cannot be used now; none: it is connected.
  [[nodiscard]] std::optional<std::string> trouble() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::vector<Charge> charges;
    StandingsThen then;  ///< none: it was given up, and its answer is still to come
    Clock::time_point deadline;
    bool is_again = false;  ///< asked with the script itself
  };

  void run();
  Result<void> connect(std::unique_ptr<RedisConnection>& made);
  Result<void> serve(RedisConnection& connection);
  void send_queued(RedisConnection& connection);
  void ask_again(RedisConnection& connection, Waiting question);
  /// Those that are sent, and should have been answered by then.
  void give_up(Clock::time_point late, Clock::time_point now);
  [[nodiscard]] Clock::time_point next_deadline(Clock::time_point now) const;
  /// How long after its deadline an answer may come before the connection counts as lost.
  [[nodiscard]] std::chrono::milliseconds patience() const { return options_.deadline * 9; }
  [[nodiscard]] std::vector<std::string> command(const Waiting& question) const;
  /// For a question that fails of a cause that others may fail of, too.
  tl::unexpected<Error> failure(std::string detail);
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

  std::atomic<bool> is_gone_{false};  ///< whether the last attempt to connect has failed
  std::atomic<bool> has_news_{true};  ///< whether the next question that fails says something of the store

  // The thread's own.
  std::deque<Waiting> sent_;     ///< in the order in which answers come, and of their deadlines
  std::size_t given_up_ = 0;     ///< of those so many, the first
  Clock::time_point told_late_;  ///< when a late answer was news
  std::thread thread_;
};

}  // namespace souk::limits
