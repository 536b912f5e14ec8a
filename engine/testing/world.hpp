/// All entities at once, without actors, log or disk: effects wait in one queue for each target, in the order of their
/// causes, and whoever drives the world says whose turn it is. Late duplicates are dropped as a host would drop them.
///
/// A world can be copied to try out what else might happen. `fingerprint` says whether two of them are the same,
/// however they came to be.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "engine/entities.hpp"
#include "engine/payment/ledger.hpp"

namespace souk::testing {

class World {
 public:
  /// Obeys a command from outside; false when it was rejected.
  template <class E>
  bool ask(typename E::Id id, const typename E::Command& command) {
    return execute<E>(id, command);
  }

  template <class E>
  [[nodiscard]] const std::map<typename E::Id, typename E::State>& all() const {
    return std::get<States<E>>(states_).by_id;
  }

  [[nodiscard]] std::size_t waiting() const { return queues_.size(); }

  /// Delivers the first effect that waits for the n-th target; `twice` delivers it again at once.
  void deliver(std::size_t n, bool twice) {
    auto queue = std::next(queues_.begin(), static_cast<std::ptrdiff_t>(n % queues_.size()));
    const StreamId target = queue->first;
    const Waiting waiting = std::move(queue->second.front());
    queue->second.pop_front();
    if (queue->second.empty()) queues_.erase(queue);
    obey(target, waiting);
    if (twice) obey(target, waiting);
  }

  /// Fires every timer that is due.
  void advance(Time now) {
    for (auto timer = timers_.begin(); timer != timers_.end();) {
      const auto [key, due] = *timer;
      if (due > now) {
        ++timer;
        continue;
      }
      // What it brings about may set it again.
      timers_.erase(timer);
      for_each_entity([&]<class E>() {
        if (key.first.kind() != E::kKind) return;
        if (const auto command = E::on_timer(key.second, due, now)) {
          REQUIRE(execute<E>(typename E::Id{key.first.id()}, *command));
        }
      });
      timer = timers_.upper_bound(key);
    }
  }

  /// Calls to the outside that nobody has made yet.
  [[nodiscard]] std::deque<Call>& calls() { return calls_; }
  [[nodiscard]] const std::deque<Call>& calls() const { return calls_; }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }
  /// When the next timer is due; there must be one.
  [[nodiscard]] Time next_due() const {
    Time next = timers_.begin()->second;
    for (const auto& [key, due] : timers_) next = std::min(next, due);
    return next;
  }

  /// What the double entry of all payments has come to, by account.
  [[nodiscard]] const std::map<payment::LedgerAccount, std::int64_t>& balances() const { return balances_; }

  /// Equal for worlds in which the same happened to each entity and the same waits to happen, in whatever order the
  /// entities had their turns. Calls are left out.
  [[nodiscard]] std::string fingerprint() const {
    std::string out;
    const auto add = [&](const auto&... parts) { ((out.append(parts), out.push_back('|')), ...); };
    for (const auto& [stream, history] : histories_) add(stream.text(), std::to_string(history));
    for (const auto& [target, queue] : queues_) {
      add(target.text());
      for (const auto& waiting : queue) add(std::to_string(waiting.identity));
    }
    for (const auto& [key, due] : timers_) add(key.first.text(), key.second, std::to_string(due.us));
    return out;
  }

 private:
  struct Waiting {
    std::uint64_t cause = 0;
    std::uint64_t identity = 0;  ///< what the history of its cause was, and which of its effects it is
    AnyCommand command;
  };
  template <class E>
  struct States {
    std::map<typename E::Id, typename E::State> by_id;
  };
  template <class List>
  struct StatesOf;
  template <class... Es>
  struct StatesOf<TypeList<Es...>> {
    using type = std::tuple<States<Es>...>;
  };

  void obey(const StreamId& target, const Waiting& waiting) {
    auto& obeyed = obeyed_[target];
    if (waiting.cause <= obeyed) return;
    obeyed = waiting.cause;
    for_each_entity([&]<class E>() {
      if (const auto* command = std::get_if<typename E::Command>(&waiting.command)) {
        REQUIRE(target.kind() == E::kKind);
        REQUIRE_MESSAGE(execute<E>(typename E::Id{target.id()}, *command), "an effect was rejected by ",
                        std::string(target.text()));
      }
    });
  }

  template <class E>
  bool execute(typename E::Id id, const typename E::Command& command) {
    auto& state = std::get<States<E>>(states_).by_id[id];
    const auto decided = E::decide(state, command);
    if (!decided) return false;
    const StreamId self = stream_of<E>(id);
    auto& history = histories_[self];
    for (const auto& event : *decided) {
      if constexpr (std::is_same_v<E, Payment>) book(state, event);
      state = E::evolve(std::move(state), event);
      ++position_;
      const auto stored = encode_event(event);
      history = std::hash<std::string>{}(std::to_string(history) + std::string(stored.type) + stored.payload);
      enqueue(self, history, E::react(id, event));
    }
    return true;
  }

  void book(const payment::State& before, const Payment::Event& event) {
    std::int64_t sum = 0;
    for (const auto& entry : payment::entries_of(before, event)) {
      balances_[entry.account] += entry.amount;
      sum += entry.amount;
    }
    REQUIRE(sum == 0);
  }

  void enqueue(const StreamId& self, std::uint64_t history, Effects effects) {
    std::uint64_t identity = history;
    for (auto& told : effects.tells) {
      queues_[told.target].push_back({position_, ++identity, std::move(told.command)});
    }
    for (const auto& timer : effects.timers) {
      if (const auto* set = std::get_if<SetTimer>(&timer)) {
        timers_[{self, set->name}] = set->due;
      } else {
        timers_.erase({self, std::get<ClearTimer>(timer).name});
      }
    }
    for (auto& call : effects.calls) {
      if (!std::holds_alternative<SendMessage>(call)) calls_.push_back(std::move(call));
    }
  }

  StatesOf<Entities>::type states_;
  std::map<StreamId, std::uint64_t> histories_;  ///< a hash over each entity's events
  std::map<payment::LedgerAccount, std::int64_t> balances_;
  std::map<StreamId, std::deque<Waiting>> queues_;
  std::map<StreamId, std::uint64_t> obeyed_;
  std::map<std::pair<StreamId, std::string>, Time> timers_;
  std::deque<Call> calls_;
  std::uint64_t position_ = 0;
};

}  // namespace souk::testing
