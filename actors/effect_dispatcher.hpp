/// The CAF actor that follows the log and delivers what events ask for: `react(event)` → tasks of other entities,
/// calls to the outside.
///
/// Tells run ahead of durability, in the order of positions; calls wait until their event is durable. After a restart
/// it begins behind its checkpoint and may deliver again: targets know what they obeyed, peers know the attempt. A call
/// that nobody answers holds up the checkpoint for some minutes only: whoever asked has a timer of its own.
#pragma once

#include <atomic>
#include <caf/event_based_actor.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "actors/durability_gate.hpp"
#include "actors/effect_ledger.hpp"
#include "actors/entity_directory.hpp"
#include "actors/job_runner.hpp"
#include "actors/message_sender.hpp"
#include "actors/payment_provider.hpp"
#include "actors/worker_pool.hpp"

namespace souk {

/// Messages of the dispatcher.
struct LogGrew {};
struct PauseOver {};
struct LogRead {
  std::shared_ptr<Result<std::vector<RecordPtr>>> records;
};

/// What the dispatcher shares with the threads that tell it of progress and with operators.
struct DispatchState {
  explicit DispatchState(Position checkpoint) : ledger(checkpoint), cursor(checkpoint.value) {}

  EffectLedger ledger;
  std::atomic<std::uint64_t> cursor;  ///< the last position it has looked at
  std::atomic<bool> told{false};      ///< a LogGrew is in its mailbox already
  std::atomic<std::uint64_t> tells{0};
  std::atomic<std::uint64_t> tells_obeyed{0};

  /// A peer outside may answer when the host is gone already: answers go in under this lock, and only while open.
  std::mutex answers_mutex;
  bool answers_open = true;
};

struct DispatcherServices {
  EntityDirectory& directory;
  EventLog& log;
  Clock& clock;
  DurabilityGate& gate;
  WorkerPool& pool;
  PaymentProviders& providers;
  MessageSender& messages;
  JobRunner& jobs;
  FaultReport report_fault;
  std::shared_ptr<DispatchState> state;
};

/// One call that leaves the process, until the first answer or until nobody waits for one any more.
struct OpenCall {
  Position position;
  bool ended = false;  ///< under DispatchState::answers_mutex
};

class EffectDispatcher final : public caf::event_based_actor {
 public:
  static constexpr std::string_view kConsumer = "effects";

  EffectDispatcher(caf::actor_config& config, DispatcherServices services);

  caf::behavior make_behavior() override;
  [[nodiscard]] const char* name() const override { return "souk.dispatcher"; }

 private:
  void advance();
  /// Whether the entities have many effects to obey and are getting on with them.
  bool is_too_far_ahead();
  void read_from_disk();
  void dispatch(const std::vector<RecordPtr>& records);
  bool dispatch(const EventRecord& record);
  void call(const EventRecord& record, const Call& call, std::size_t index);
  void give_up_overdue_calls();

  DispatcherServices services_;
  bool reading_ = false;  ///< a read of the disk is under way
  bool pausing_ = false;  ///< to let the entities catch up
  bool stuck_ = false;    ///< met an event it cannot read
  Position checkpoint_;   ///< the last one written
  std::uint64_t under_way_max_ = 0;
  std::optional<std::uint64_t> obeyed_at_pause_;
  std::multimap<Time, std::shared_ptr<OpenCall>> calls_;  ///< by when they are overdue
};

}  // namespace souk
