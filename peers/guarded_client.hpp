/// An HttpClient with patience and sense: it tries again what may help, with jitter, within a budget of time and one of
/// retries, and leaves a peer alone that does not answer.
///
/// Only for calls that may be made twice: they all carry ids.
/// Thread-safety: every function from any thread. The client and the scheduler must outlive the last answer.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>

#include "peers/circuit_breaker.hpp"
#include "peers/http_client.hpp"
#include "peers/retry_budget.hpp"
#include "peers/scheduler.hpp"

namespace souk {

struct RetryPolicy {
  int attempts_max = 4;
  Duration first_delay = Duration::milliseconds(200);  ///< doubles with each attempt
  Duration delay_max = Duration::seconds(4);
  Duration budget = Duration::seconds(15);  ///< from the first attempt to the last answer
};

/// How long to wait before attempt `attempt` + 1, anything from half to all of the back-off by `chance` in [0, 1).
Duration retry_delay(const RetryPolicy& policy, int attempt, double chance);

class GuardedClient final : public HttpClient {
 public:
  struct Options {
    RetryPolicy retry;
    CircuitBreaker::Options breaker;
    /// What the peer says if it is at fault. Only what is 500 or more is tried again.
    std::function<bool(int status)> is_failure = [](int status) { return status >= 500; };
    RetryBudget::Options retry_budget = {};  ///< of all calls together
  };

  struct Figures {
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;  ///< of attempts
    std::uint64_t retries = 0;
    CircuitBreaker::State state = CircuitBreaker::State::kClosed;
    std::uint64_t opened = 0;
    std::uint64_t refused = 0;
    std::uint64_t retries_spared = 0;  ///< that the budget had nothing left for
  };

  /// `chance` gives numbers in [0, 1).
  GuardedClient(HttpClient& client, Scheduler& scheduler, Options options, std::function<double()> chance);

  /// The request's deadline is that of one attempt. An answer that is a failure is given back if it is the last one.
  /// What the client itself refuses ("http.busy", "http.stopped") says nothing of the peer.
  void send(HttpRequest request, HttpThen then) override;

  [[nodiscard]] Figures figures() const;
  /// For an operator, who may force it.
  [[nodiscard]] CircuitBreaker& breaker() const;

 private:
  struct Shared;
  struct Call;
  std::shared_ptr<Shared> shared_;
};

}  // namespace souk
