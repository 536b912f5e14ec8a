/// The CAF actor that fires durable timers: it looks for those due, again and again, and tells their entities.
///
/// Timers fire at most one period late (and once each, save after a crash: an entity knows which of its timers are
/// set). Those that came due while the process was down are fired by the first look.
#pragma once

#include <atomic>
#include <caf/event_based_actor.hpp>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "actors/durability_gate.hpp"
#include "actors/entity_directory.hpp"
#include "actors/worker_pool.hpp"

namespace souk {

/// Messages of the keeper.
struct LookForTimers {
  bool scheduled = true;  ///< comes back after a period; else an extra look
};
struct TimersFound {
  std::shared_ptr<std::vector<PendingTimer>> timers;
};

/// What the keeper shares with the entities' callbacks and with operators.
struct TimerState {
  using Key = std::tuple<StreamId, std::string, Time>;
  std::mutex mutex;
  std::set<Key> under_way;    ///< until a look begins that cannot find it any more
  std::vector<Key> finished;  ///< those under way whose outcome is durable
  std::atomic<std::uint64_t> fired{0};
  std::atomic<bool> looked{false};  ///< the first look has found everything that was due and it was fired
};

struct TimerServices {
  EntityDirectory& directory;
  EventLog& log;
  Clock& clock;
  DurabilityGate& gate;
  WorkerPool& pool;
  Duration period;
  std::shared_ptr<TimerState> state;
};

class TimerKeeper final : public caf::event_based_actor {
 public:
  TimerKeeper(caf::actor_config& config, TimerServices services);

  caf::behavior make_behavior() override;
  [[nodiscard]] const char* name() const override { return "souk.timers"; }

 private:
  void look();
  void fire(const std::vector<PendingTimer>& timers);

  TimerServices services_;
  bool looking_ = false;
};

}  // namespace souk
