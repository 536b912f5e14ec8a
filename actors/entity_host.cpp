#include "actors/entity_host.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/effect_dispatcher.hpp"
#include "actors/entity_actor.hpp"
#include "actors/messages.hpp"
#include "actors/timer_keeper.hpp"

namespace souk {
namespace {

caf::actor_system_config configure(const HostOptions& options) {
  caf::actor_system_config config;
  if (options.deterministic) {
    config.set("scheduler.policy", caf::atom("testing"));
  } else {
    // One queue for all workers was measured faster here than stealing.
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", options.worker_threads);
  }
  return config;
}

class Stepper final : public HostStepper {
 public:
  Stepper(caf::actor_system& system, WorkerPool& pool)
      : coordinator_(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())), pool_(pool) {}

  [[nodiscard]] std::size_t ready_actors() const override { return coordinator_.jobs.size(); }
  void run_actor(std::size_t index) override {
    auto& jobs = coordinator_.jobs;
    const auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(index);
    std::rotate(jobs.begin(), chosen, chosen + 1);
    coordinator_.run_once();
  }
  bool run_disk_work() override { return pool_.run_one(); }
  void advance(Duration duration) override { coordinator_.advance_time(std::chrono::microseconds(duration.us)); }

 private:
  caf::scheduler::test_coordinator& coordinator_;
  WorkerPool& pool_;
};

}  // namespace

/// Tells the dispatcher that the log grew, at most once until it has looked.
class DispatcherBell final : public LogListener {
 public:
  DispatcherBell(EventLog& log, caf::actor dispatcher, std::shared_ptr<DispatchState> state)
      : log_(log), dispatcher_(std::move(dispatcher)), state_(std::move(state)) {
    log_.add_listener(this);
  }
  ~DispatcherBell() override { log_.remove_listener(this); }

  void ordered() override {
    if (!state_->told.exchange(true)) caf::anon_send(dispatcher_, LogGrew{});
  }

 private:
  EventLog& log_;
  caf::actor dispatcher_;
  std::shared_ptr<DispatchState> state_;
};

struct EntityHost::Impl {
  Impl(EventLog& event_log, Clock& host_clock, PaymentProviders& payment_providers, const HostOptions& host_options,
       FaultReport report)
      : log(event_log),
        clock(host_clock),
        providers(payment_providers),
        options(host_options),
        report_fault(std::move(report)),
        config(configure(options)),
        system(config),
        gate(log),
        pool(options.deterministic ? 0 : options.load_threads),
        directory(system, log, clock, gate, pool, options.directory, report_fault) {
    if (options.deterministic) stepper = std::make_unique<Stepper>(system, pool);
    // Made here and not by start: an operator may ask for figures before.
    dispatch_state = std::make_shared<DispatchState>(log.checkpoint(EffectDispatcher::kConsumer));
    timer_state = std::make_shared<TimerState>();
  }

  void start() {
    head_at_start = log.head(Visibility::kOrdered);
    dispatcher = system.spawn<EffectDispatcher>(DispatcherServices{directory, log, clock, gate, pool, providers,
                                                                   messages(), jobs(), report_fault, dispatch_state});
    bell = std::make_unique<DispatcherBell>(log, dispatcher, dispatch_state);
    bell->ordered();
    timers =
        system.spawn<TimerKeeper>(TimerServices{directory, log, clock, gate, pool, options.timer_period, timer_state});
  }

  void stop() {
    bell.reset();
    if (dispatcher) caf::anon_send_exit(dispatcher, caf::exit_reason::user_shutdown);
    if (timers) caf::anon_send_exit(timers, caf::exit_reason::user_shutdown);
    dispatcher = nullptr;
    timers = nullptr;
    pool.stop();
    directory.stop();
    // What the actors use is torn down before their system, so they must be gone by then.
    if (stepper) {
      while (stepper->ready_actors() > 0) stepper->run_actor(0);
    } else {
      system.await_all_actors_done();
    }
    // The committer and the provider live on: from here on they find nobody.
    gate.close();
    {
      const std::scoped_lock lock(dispatch_state->answers_mutex);
      dispatch_state->answers_open = false;
    }
  }

  MessageSender& messages() { return options.messages == nullptr ? no_messages : *options.messages; }
  JobRunner& jobs() { return options.jobs == nullptr ? no_jobs : *options.jobs; }

  EventLog& log;
  Clock& clock;
  PaymentProviders& providers;
  MessagesDropped no_messages;
  JobsUndone no_jobs;
  HostOptions options;
  FaultReport report_fault;
  caf::actor_system_config config;
  caf::actor_system system;
  DurabilityGate gate;
  WorkerPool pool;
  EntityDirectory directory;
  std::unique_ptr<Stepper> stepper;
  Position head_at_start;
  std::shared_ptr<DispatchState> dispatch_state;
  std::shared_ptr<TimerState> timer_state;
  caf::actor dispatcher;
  caf::actor timers;
  std::unique_ptr<DispatcherBell> bell;
};

EntityHost::EntityHost(EventLog& log, Clock& clock, PaymentProviders& providers, HostOptions options,
                       FaultReport report_fault)
    : on_waited_(options.on_waited),
      impl_(std::make_unique<Impl>(log, clock, providers, options, std::move(report_fault))) {}

EntityHost::~EntityHost() {
  stop();
}

void EntityHost::start() {
  impl_->start();
}
void EntityHost::stop() {
  impl_->stop();
}

bool EntityHost::caught_up() const {
  return impl_->dispatch_state->cursor >= impl_->head_at_start.value && impl_->timer_state->looked;
}

void EntityHost::post(const StreamId& stream, TaskPtr task) {
  impl_->directory.post(stream, std::move(task));
}

HostStats EntityHost::stats() const {
  HostStats stats;
  stats.directory = impl_->directory.stats();
  stats.effects_under_way = impl_->dispatch_state->ledger.under_way();
  stats.dispatch_position = impl_->dispatch_state->cursor;
  stats.timers_fired = impl_->timer_state->fired;
  return stats;
}

HostStepper* EntityHost::stepper() {
  return impl_->stepper.get();
}

}  // namespace souk
