#include "actors/testing/simulation.hpp"

#include <stdexcept>

namespace souk::testing {
namespace {

/// A quiet system is given this many looks at its timers before it counts as settled.
constexpr int kQuietRounds = 3;
constexpr std::uint64_t kStepsMax = 200'000;

std::string fold(const std::vector<RecordPtr>& records) {
  std::string text;
  for_each_entity([&]<class E>() {
    if (records.front()->stream.kind() != E::kKind) return;
    typename E::State state;
    for (const auto& record : records) {
      auto event = decode_event<typename E::Event>(record->type, record->schema, record->payload);
      state = E::evolve(std::move(state), event.value());
    }
    text = encode(state);
  });
  return text;
}

}  // namespace

Simulation::Simulation(SimulationOptions options) : options_(options), random_(options.seed) {
  providers_.add(StandInProvider::kName, sandbox_);
  boot({});
}

Simulation::~Simulation() {
  if (host_) host_->stop();
}

void Simulation::boot(MemoryDisk disk) {
  ++life_;
  MemoryLogOptions log_options;
  log_options.auto_commit = false;
  log_ = std::make_unique<MemoryEventLog>(clock_, std::move(disk), log_options);
  HostOptions host_options;
  host_options.deterministic = true;
  host_options.jobs = options_.jobs;
  host_options.directory.snapshot_every = options_.snapshot_every;
  host_options.directory.mutations = options_.mutations;
  host_ = std::make_unique<EntityHost>(*log_, clock_, providers_, host_options,
                                       [this](const StreamId& stream, const std::string& what) {
                                         faults_.push_back(std::string(stream.text()) + ": " + what);
                                       });
  gate_ = std::make_unique<DurabilityGate>(*log_, DurabilityGate::run_inline, options_.mutations.answer_before_durable);
  host_->start();
  send_open_calls();
}

void Simulation::kill(Duration down_for) {
  ++crashes_;
  ++life_;
  crash_at_ = kNoCrash;
  MemoryDisk disk = log_->crash();
  host_.reset();
  gate_.reset();
  log_.reset();
  if (options_.lose_checkpoint) disk.checkpoints.clear();
  clock_.advance(down_for);
  boot(std::move(disk));
}

bool Simulation::send_open_calls() {
  bool any = false;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].answered) continue;
    any = true;
    calls_[i].send(*host_, *gate_, [this, i, life = life_] {
      if (life == life_) calls_[i].answered = true;
    });
  }
  return any;
}

std::size_t Simulation::below(std::size_t bound) {
  return static_cast<std::size_t>(random_() % bound);
}

bool Simulation::step() {
  if (steps_ >= crash_at_) {
    kill();
    return true;
  }
  if (++steps_ > kStepsMax) throw std::runtime_error("the simulation does not come to rest");
  // Any actor, the disk, or the committer may be the next to make progress.
  const std::size_t actors = host_->stepper()->ready_actors();
  const std::size_t waiting = log_->waiting();
  const std::size_t choice = below(actors + 2);
  if (choice < actors) {
    host_->stepper()->run_actor(choice);
    return true;
  }
  if (choice == actors && waiting > 0) {
    log_->commit_some(1 + below(waiting));
    return true;
  }
  if (host_->stepper()->run_disk_work()) return true;
  if (actors > 0) {
    host_->stepper()->run_actor(below(actors));
    return true;
  }
  if (waiting > 0) {
    log_->commit_some(1 + below(waiting));
    return true;
  }
  return false;
}

void Simulation::run_phase(std::vector<ClientCall> calls) {
  calls_ = std::move(calls);
  send_open_calls();
  const auto all_answered = [this] { return std::ranges::all_of(calls_, &ClientCall::answered); };
  while (!all_answered()) {
    if (step()) continue;
    log_->commit_all();
    if (!all_answered()) advance(Duration::milliseconds(250));
  }
  calls_.clear();
}

void Simulation::settle() {
  for (int round = 0; round < kQuietRounds; ++round) {
    while (step()) {
    }
    log_->commit_all();
    advance(Duration::milliseconds(250));
  }
  while (step()) {
  }
  log_->commit_all();
}

void Simulation::advance(Duration duration) {
  clock_.advance(duration);
  host_->stepper()->advance(duration);
}

void Simulation::be_down_for(Duration duration) {
  kill(duration);
}

std::vector<RecordPtr> Simulation::records() {
  return log_->read(Position{}, ~std::size_t{0}, Visibility::kDurable).value();
}

std::vector<RecordPtr> Simulation::stream(const StreamId& id) {
  return log_->read_stream(id, Version{}, ~std::size_t{0}).value();
}

std::map<std::string, std::string> Simulation::live_states() {
  crash_at_ = kNoCrash;
  std::map<std::string, std::string> states;
  for (const auto& record : records()) {
    const StreamId& id = record->stream;
    if (!states.try_emplace(std::string(id.text())).second) continue;
    for_each_entity([&]<class E>() {
      if (id.kind() != E::kKind) return;
      host_->read<E>(typename E::Id{id.id()}, {}, [&states, name = std::string(id.text())](const Judged<E>& judged) {
        states[name] = encode(judged.state);
      });
    });
  }
  while (step()) {
  }
  return states;
}

std::map<std::string, std::string> Simulation::folded_states() {
  std::map<std::string, std::vector<RecordPtr>> streams;
  for (auto& record : records()) streams[std::string(record->stream.text())].push_back(record);
  std::map<std::string, std::string> states;
  for (const auto& [name, stream_records] : streams) states[name] = fold(stream_records);
  return states;
}

}  // namespace souk::testing
