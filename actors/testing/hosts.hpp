/// Hosts for tests: one with real threads, one that is moved step by step, and ways to ask them and to wait.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "actors/testing/simulation.hpp"

namespace souk::testing {

/// What an asker was told, kept beyond the callback.
template <Entity E>
struct Answer {
  Verdict verdict = Verdict::kRead;
  std::string reason;  ///< of the refusal
  typename E::State state;
  Version version;
  Position position;
};

template <Entity E>
Answer<E> answer_of(const Judged<E>& judged) {
  return {judged.verdict, judged.refusal == nullptr ? "" : judged.refusal->reason, judged.state, judged.version,
          judged.position};
}

inline CommandMeta keyed(std::uint64_t key, std::uint8_t body = 0) {
  CommandMeta meta;
  meta.command_id = CommandId{{77, key}};
  meta.has_key = true;
  meta.fingerprint[0] = body;
  return meta;
}

inline order::Place place_order(ProductId product, std::int64_t quantity, Time now) {
  order::Line line;
  line.product = product;
  line.product_version = Version{1};
  line.name = "tea";
  line.unit_price = Money{500, {}};
  line.quantity = quantity;
  order::Place out;
  out.account = AccountId{{1, 1}};
  out.lines = {line};
  out.address.sealed = "personal:v1:address";
  out.placed_at = now;
  out.payment_due_at = now + Duration::minutes(10);
  return out;
}

inline bool order_is_settled(const order::State& state) {
  return state.state != order::OrderState::kNone && state.state != order::OrderState::kPlaced;
}

template <Entity E>
AskOptions<E> until(Until<E> what) {
  AskOptions<E> options;
  options.until = std::move(what);
  return options;
}

template <Entity E>
AskOptions<E> not_after(Time deadline) {
  AskOptions<E> options;
  options.deadline = deadline;
  return options;
}

/// Waits, yielding, for what other threads bring about; gives up after a time no healthy run needs.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

/// Faults reported, from any thread.
class Faults {
 public:
  FaultReport report() {
    return [this](const StreamId& stream, const std::string& what) {
      const std::scoped_lock lock(mutex_);
      all_.push_back(std::string(stream.text()) + ": " + what);
    };
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return all_.size();
  }
  bool has(std::string_view part) const {
    const std::scoped_lock lock(mutex_);
    return std::ranges::any_of(all_, [&](const auto& one) { return one.find(part) != std::string::npos; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

/// A started host with real threads on a log of the caller's.
class ThreadedHost {
 public:
  ThreadedHost(EventLog& log, Clock& clock, HostOptions options = {}, PaymentProvider* provider = nullptr)
      : host(log, clock, providers_, with_short_period(options), faults.report()) {
    providers_.add(StandInProvider::kName, provider == nullptr ? sandbox_ : *provider);
    host.start();
  }

  template <Entity E>
  Answer<E> ask(typename E::Id id, typename E::Command command, CommandMeta meta = {}, AskOptions<E> options = {}) {
    auto told = std::make_shared<std::promise<Answer<E>>>();
    auto answer = told->get_future();
    host.ask<E>(id, std::move(command), std::move(meta), std::move(options),
                [told](const Judged<E>& judged) { told->set_value(answer_of(judged)); });
    return wait_for(answer);
  }
  template <Entity E>
  Answer<E> read(typename E::Id id) {
    auto told = std::make_shared<std::promise<Answer<E>>>();
    auto answer = told->get_future();
    host.read<E>(id, {}, [told](const Judged<E>& judged) { told->set_value(answer_of(judged)); });
    return wait_for(answer);
  }

 private:
  template <class Answered>
  static Answered wait_for(std::future<Answered>& answer) {
    if (answer.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
      throw std::runtime_error("nobody answered");
    }
    return answer.get();
  }
  static HostOptions with_short_period(HostOptions options) {
    options.timer_period = Duration::milliseconds(20);
    return options;
  }

  StandInProvider sandbox_;
  PaymentProviders providers_;

 public:
  Faults faults;
  EntityHost host;
};

/// A host on one thread and a log whose commits are the test's.
class SteppedHost {
 public:
  explicit SteppedHost(EventLog& log, ManualClock& clock, HostOptions options = {}, PaymentProvider* provider = nullptr)
      : clock_(clock), host(log, clock, providers_, deterministic(options), faults.report()) {
    providers_.add(StandInProvider::kName, provider == nullptr ? sandbox_ : *provider);
    host.start();
  }

  /// Lets actors run, and the disk if wanted, until they have nothing to do.
  void run(bool with_disk = true) {
    do {
      while (host.stepper()->ready_actors() > 0) host.stepper()->run_actor(0);
    } while (with_disk && host.stepper()->run_disk_work());
  }
  void advance(Duration duration) {
    clock_.advance(duration);
    host.stepper()->advance(duration);
  }

  /// The answer, once there is one.
  template <Entity E>
  std::shared_ptr<std::vector<Answer<E>>> ask(typename E::Id id, typename E::Command command, CommandMeta meta = {},
                                              AskOptions<E> options = {}) {
    auto answers = std::make_shared<std::vector<Answer<E>>>();
    host.ask<E>(id, std::move(command), std::move(meta), std::move(options),
                [answers](const Judged<E>& judged) { answers->push_back(answer_of(judged)); });
    return answers;
  }
  template <Entity E>
  std::shared_ptr<std::vector<Answer<E>>> read(typename E::Id id) {
    auto answers = std::make_shared<std::vector<Answer<E>>>();
    host.read<E>(id, {}, [answers](const Judged<E>& judged) { answers->push_back(answer_of(judged)); });
    return answers;
  }

 private:
  static HostOptions deterministic(HostOptions options) {
    options.deterministic = true;
    return options;
  }

  ManualClock& clock_;
  StandInProvider sandbox_;
  PaymentProviders providers_;

 public:
  Faults faults;
  EntityHost host;
};

}  // namespace souk::testing
