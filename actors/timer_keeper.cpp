#include "actors/timer_keeper.hpp"

#include <caf/all.hpp>
#include <utility>

#include "actors/messages.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 4'096;

}  // namespace

TimerKeeper::TimerKeeper(caf::actor_config& config, TimerServices services)
    : caf::event_based_actor(config), services_(std::move(services)) {}

caf::behavior TimerKeeper::make_behavior() {
  send(this, LookForTimers{});
  return {
      [this](LookForTimers& message) {
        if (message.scheduled) {
          delayed_send(this, std::chrono::microseconds(services_.period.us), LookForTimers{});
          services_.directory.sweep();
        }
        look();
      },
      [this](TimersFound& message) {
        looking_ = false;
        fire(*message.timers);
      },
  };
}

void TimerKeeper::look() {
  if (looking_) return;
  looking_ = true;
  services_.pool.submit([&log = services_.log, now = services_.clock.now(), state = services_.state,
                         self = caf::actor_cast<caf::actor_addr>(this)] {
    std::size_t under_way = 0;
    {
      // Not when they finish: a look that began before that has found them still.
      const std::scoped_lock lock(state->mutex);
      for (const auto& key : std::exchange(state->finished, {})) state->under_way.erase(key);
      under_way = state->under_way.size();
    }
    // Those under way are found again until what came of them is durable; look behind them.
    auto timers = std::make_shared<std::vector<PendingTimer>>(log.due_timers(now, kBatchMax + under_way));
    if (auto actor = caf::actor_cast<caf::actor>(self)) caf::anon_send(actor, TimersFound{std::move(timers)});
  });
}

void TimerKeeper::fire(const std::vector<PendingTimer>& timers) {
  std::size_t begun = 0;
  for (const auto& timer : timers) {
    const auto key = std::tuple(timer.stream, timer.name, timer.due);
    {
      const std::scoped_lock lock(services_.state->mutex);
      if (!services_.state->under_way.insert(key).second) continue;
    }
    ++begun;
    auto fired = [state = services_.state, &gate = services_.gate, key](Position outcome) {
      ++state->fired;
      gate.hold(outcome, [state, key] {
        const std::scoped_lock lock(state->mutex);
        state->finished.push_back(key);
      });
    };
    services_.directory.post(timer.stream, std::make_shared<TimerTask>(timer, services_.clock, std::move(fired)));
  }
  if (begun < kBatchMax) {
    services_.state->looked = true;
  } else {
    send(this, LookForTimers{false});
  }
}

}  // namespace souk
