/// A whole shop on one thread, one step at a time, from a seed: entities on CAF's test coordinator, the log in memory,
/// a clock that is moved by hand. It can be killed between any two steps and started again from what was durable.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "actors/durability_gate.hpp"
#include "actors/entity_host.hpp"
#include "actors/stand_in_provider.hpp"
#include "eventstore/memory_event_log.hpp"

namespace souk::testing {

class ManualClock final : public Clock {
 public:
  Time now() override { return Time{now_us_}; }
  void advance(Duration duration) { now_us_ += duration.us; }

 private:
  std::atomic<std::int64_t> now_us_ = 1'780'000'000'000'000;
};

/// A client that repeats its request, by the same command id, until it hears an answer.
struct ClientCall {
  std::function<void(EntityHost&, DurabilityGate&, std::function<void()> answered)> send;
  bool answered = false;
};

struct SimulationOptions {
  std::uint64_t seed = 1;
  Mutations mutations;
  /// After a crash the dispatcher's checkpoint is lost as well, so that everything is delivered again. A stale
  /// checkpoint is always legal.
  bool lose_checkpoint = false;
  std::uint64_t snapshot_every = 3;  ///< small, so that snapshots take part
  JobRunner* jobs = nullptr;         ///< outlives the simulation; lives on through a crash
};

class Simulation {
 public:
  explicit Simulation(SimulationOptions options);
  ~Simulation();

  /// Sends the calls at once and steps until all are answered.
  void run_phase(std::vector<ClientCall> calls);
  /// Steps until nothing is left to do.
  void settle();
  void advance(Duration duration);
  /// The process is killed now and started again so much later.
  void be_down_for(Duration duration);

  /// The process is killed after that many further steps; whoever was not answered asks again.
  void crash_after(std::uint64_t steps) { crash_at_ = steps_ + steps; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  [[nodiscard]] std::uint64_t crashes() const { return crashes_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

  /// Every stream's state, folded from the log alone, as text.
  [[nodiscard]] std::map<std::string, std::string> folded_states();
  /// The same asked of the live entities. A crash still to come is called off.
  [[nodiscard]] std::map<std::string, std::string> live_states();
  /// The durable log.
  [[nodiscard]] std::vector<RecordPtr> records();

  template <Entity E>
  typename E::State state(typename E::Id id) {
    typename E::State out;
    for (const auto& record : stream(stream_of<E>(id))) {
      out = E::evolve(std::move(out),
                      decode_event<typename E::Event>(record->type, record->schema, record->payload).value());
    }
    return out;
  }

 private:
  void boot(MemoryDisk disk);
  void kill(Duration down_for = {});
  bool step();
  bool send_open_calls();
  std::vector<RecordPtr> stream(const StreamId& id);
  std::size_t below(std::size_t bound);

  SimulationOptions options_;
  std::mt19937_64 random_;
  ManualClock clock_;
  StandInProvider sandbox_;
  PaymentProviders providers_;
  std::unique_ptr<MemoryEventLog> log_;
  std::unique_ptr<EntityHost> host_;
  std::unique_ptr<DurabilityGate> gate_;
  std::vector<ClientCall> calls_;
  std::uint64_t steps_ = 0;
  static constexpr std::uint64_t kNoCrash = ~std::uint64_t{0};
  std::uint64_t crash_at_ = kNoCrash;
  std::uint64_t crashes_ = 0;
  std::uint64_t life_ = 0;  ///< answers of an earlier life are heard by nobody
  std::vector<std::string> faults_;
};

}  // namespace souk::testing
