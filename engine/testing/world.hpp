/// All entities at once, without actors, log or disk: effects wait in one queue for each target, in the order of their
/// causes, and whoever drives the world says whose turn it is. Late duplicates are dropped as a host would drop them.
#pragma once

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "engine/entities.hpp"

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
        if (const auto command = E::on_timer(key.second, due)) {
          REQUIRE(execute<E>(typename E::Id{key.first.id()}, *command));
        }
      });
      timer = timers_.upper_bound(key);
    }
  }

  /// Calls to the outside that nobody has made yet.
  [[nodiscard]] std::deque<Call>& calls() { return calls_; }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  struct Waiting {
    std::uint64_t cause = 0;
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
    for (const auto& event : *decided) {
      state = E::evolve(std::move(state), event);
      ++position_;
      enqueue(stream_of<E>(id), E::react(id, event));
    }
    return true;
  }

  void enqueue(const StreamId& self, Effects effects) {
    for (auto& told : effects.tells) queues_[told.target].push_back({position_, std::move(told.command)});
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
  std::map<StreamId, std::deque<Waiting>> queues_;
  std::map<StreamId, std::uint64_t> obeyed_;
  std::map<std::pair<StreamId, std::string>, Time> timers_;
  std::deque<Call> calls_;
  std::uint64_t position_ = 0;
};

}  // namespace souk::testing
