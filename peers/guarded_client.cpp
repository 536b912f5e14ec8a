#include "peers/guarded_client.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace souk {

Duration retry_delay(const RetryPolicy& policy, int attempt, double chance) {
  std::int64_t us = policy.first_delay.us;
  for (int i = 1; i < attempt && us < policy.delay_max.us; ++i) us *= 2;
  us = std::min(us, policy.delay_max.us);
  return Duration{us / 2 + static_cast<std::int64_t>(static_cast<double>(us / 2) * chance)};
}

/// Outlives the client for as long as a call is under way.
struct GuardedClient::Shared {
  Shared(HttpClient& http, Scheduler& time, const Options& wanted, std::function<double()> dice)
      : client(http),
        scheduler(time),
        options(wanted),
        chance(std::move(dice)),
        breaker(wanted.breaker),
        budget(wanted.retry_budget) {}

  HttpClient& client;
  Scheduler& scheduler;
  const Options options;
  std::function<double()> chance;
  CircuitBreaker breaker;
  RetryBudget budget;
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> retries_spared{0};
};

/// One call with all its attempts. It is answered also if the scheduler drops it between two of them.
struct GuardedClient::Call : std::enable_shared_from_this<Call> {
  Call(std::shared_ptr<Shared> all, HttpRequest wanted, HttpThen tell)
      : shared(std::move(all)), request(std::move(wanted)), then(std::move(tell)), began(shared->scheduler.now()) {}

  ~Call() {
    if (then) then(fail(ErrorCode::kUnavailable, "http.stopped", "no further attempt is made"));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void attempt() {
    // The timer was late: a peer that is given no time cannot be at fault.
    if (last && left().us <= 0) return end(std::move(*last));
    const auto ticket = shared->breaker.admit(shared->scheduler.now());
    if (!ticket) {
      end(fail(ErrorCode::kUnavailable, "http.circuit_open", "the peer did not answer lately and is left alone"));
      return;
    }
    ++attempts;
    HttpRequest one = request;
    one.deadline = std::min(request.deadline, left());
    shared->client.send(std::move(one), [self = shared_from_this(), ticket = *ticket](Result<HttpAnswer> answer) {
      self->answered(ticket, std::move(answer));
    });
  }

  void answered(CircuitBreaker::Ticket ticket, Result<HttpAnswer> answer) {
    const bool is_stopped = !answer && answer.error().reason == "http.stopped";
    const bool was_made = !is_stopped && (answer || answer.error().reason != "http.busy");
    const bool succeeded = answer && !shared->options.is_failure(answer->status);
    if (was_made) {
      shared->breaker.report(ticket, succeeded, shared->scheduler.now());
      if (!succeeded) ++shared->failures;
    } else {
      shared->breaker.give_back(ticket);
    }
    const bool may_help = !is_stopped && (!answer || answer->status >= 500);
    const Duration delay = retry_delay(shared->options.retry, attempts, shared->chance());
    if (succeeded || !may_help || attempts >= shared->options.retry.attempts_max || delay >= left()) {
      end(std::move(answer));
      return;
    }
    if (!shared->budget.take(shared->scheduler.now())) {
      ++shared->retries_spared;
      end(std::move(answer));
      return;
    }
    ++shared->retries;
    last = std::move(answer);
    shared->scheduler.after(delay, [self = shared_from_this()] { self->attempt(); });
  }

  void end(Result<HttpAnswer> answer) { std::exchange(then, nullptr)(std::move(answer)); }

  [[nodiscard]] Duration left() const {
    return {shared->options.retry.budget.us - (shared->scheduler.now() - began).us};
  }

  std::shared_ptr<Shared> shared;
  HttpRequest request;
  HttpThen then;
  Time began;
  int attempts = 0;
  std::optional<Result<HttpAnswer>> last;  ///< of the attempt before
};

GuardedClient::GuardedClient(HttpClient& client, Scheduler& scheduler, Options options, std::function<double()> chance)
    : shared_(std::make_shared<Shared>(client, scheduler, options, std::move(chance))) {}

void GuardedClient::send(HttpRequest request, HttpThen then) {
  ++shared_->calls;
  shared_->budget.requested();
  std::make_shared<Call>(shared_, std::move(request), std::move(then))->attempt();
}

CircuitBreaker& GuardedClient::breaker() const {
  return shared_->breaker;
}

GuardedClient::Figures GuardedClient::figures() const {
  const auto& breaker = shared_->breaker;
  return {
      shared_->calls,        shared_->failures,      shared_->retries,       breaker.state(shared_->scheduler.now()),
      breaker.opened_ever(), breaker.refused_ever(), shared_->retries_spared};
}

}  // namespace souk
