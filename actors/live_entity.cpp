#include "actors/live_entity.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk {

Judgement LiveEntity::refuse(Error error) const {
  return {Verdict::kRefused, std::move(error), position_};
}

Judgement LiveEntity::obey(const void* command, const CommandMeta& meta, const std::vector<Version>* only_at) {
  if (meta.cause == Cause::kEffect && meta.causation <= obeyed_ && !mutations_.forget_obeyed) {
    return {Verdict::kUnchanged, std::nullopt, position_};
  }
  if (meta.has_key) {
    if (const auto known = log_.find_command(meta.command_id)) {
      if (known->stream == stream_ && known->fingerprint == meta.fingerprint) {
        return {Verdict::kRepeated, std::nullopt, std::max(position_, known->position)};
      }
      Judgement reused = refuse(
          {ErrorCode::kUnprocessable, "idempotency.key_reused", "this idempotency key belongs to another request"});
      reused.position = std::max(position_, known->position);
      return reused;
    }
  }
  if (only_at != nullptr && std::ranges::find(*only_at, version_) == only_at->end()) {
    return refuse({ErrorCode::kPreconditionFailed, "version.changed",
                   "it has changed since: its version is " + std::to_string(version_.value)});
  }
  std::vector<Timer> timers = timers_;
  auto events = decide(command, timers);
  if (!events) return refuse(std::move(events.error()));
  if (events->empty()) return {Verdict::kUnchanged, std::nullopt, position_};
  return append(std::move(*events), std::move(timers), meta);
}

Judgement LiveEntity::fire(const PendingTimer& timer, Time now) {
  const auto is_it = [&](const Timer& mine) { return mine.name == timer.name && mine.due == timer.due; };
  const auto mine = std::ranges::find_if(timers_, is_it);
  if (mine == timers_.end()) {
    log_.forget_timer(timer);
    return {Verdict::kUnchanged, std::nullopt, position_};
  }
  std::vector<Timer> timers = timers_;
  std::erase_if(timers, is_it);
  auto events = decide_timer(timer, now, timers);
  if (!events || events->empty()) {
    // Nothing came of it: the entity had moved on. It must not fire again.
    std::erase_if(timers_, is_it);
    log_.forget_timer(timer);
    return events ? Judgement{Verdict::kUnchanged, std::nullopt, position_} : refuse(std::move(events.error()));
  }
  auto& changes = events->front().timers;
  changes.insert(changes.begin(), {TimerChange::Kind::kCleared, timer.name, timer.due});
  CommandMeta meta;
  meta.command_id = CommandId{Id128{timer.set_by.value, stream_.id().low}};
  meta.cause = Cause::kTimer;
  meta.causation = timer.set_by;
  meta.principal = "system:timer";
  return append(std::move(*events), std::move(timers), meta);
}

Judgement LiveEntity::append(std::vector<NewEvent> events, std::vector<Timer> timers, const CommandMeta& meta) {
  auto appended = log_.append({stream_, version_, std::move(events), meta});
  if (!appended) {
    // One actor owns the stream, so somebody else wrote to it: start again from the log.
    broken_ = true;
    return refuse({ErrorCode::kInternal, "entity.conflict",
                   "the stream is at version " + std::to_string(appended.error().current.value)});
  }
  apply_decided();
  version_ = appended->version;
  position_ = appended->last;
  timers_ = std::move(timers);
  if (meta.cause == Cause::kEffect) obeyed_ = std::max(obeyed_, meta.causation);
  return {Verdict::kDone, std::nullopt, position_};
}

bool LiveEntity::wants_snapshot(std::uint64_t every) const {
  // Writing 512 bytes of a state takes about as long as obeying one command.
  constexpr std::size_t kBytesPerEvent = 512;
  return version_.value - snapshot_version_.value >= std::max<std::uint64_t>(every, snapshot_bytes_ / kBytesPerEvent);
}

Snapshot LiveEntity::take_snapshot() {
  Snapshot snapshot{version_, position_, state_schema(), encode_snapshot()};
  snapshot_version_ = version_;
  snapshot_bytes_ = snapshot.state.size();
  return snapshot;
}

void LiveEntity::change_timers(std::vector<Timer>& timers, const TimerChange& change) {
  std::erase_if(timers, [&](const Timer& timer) { return timer.name == change.name; });
  if (change.kind == TimerChange::Kind::kSet) timers.push_back({change.name, change.due});
}

void LiveEntity::follow(const EventRecord& record) {
  version_ = record.version;
  position_ = record.position;
  if (record.meta.cause == Cause::kEffect) obeyed_ = std::max(obeyed_, record.meta.causation);
  for (const auto& change : record.timers) change_timers(timers_, change);
}

void LiveEntity::note_timer_effects(const Effects& effects, std::vector<Timer>& timers, NewEvent& event) {
  for (const auto& effect : effects.timers) {
    if (const auto* set = std::get_if<SetTimer>(&effect)) {
      // Moving a timer is clearing the old one: the index is ordered by due time.
      const auto old = std::ranges::find(timers, set->name, &Timer::name);
      if (old != timers.end()) event.timers.push_back({TimerChange::Kind::kCleared, old->name, old->due});
      event.timers.push_back({TimerChange::Kind::kSet, set->name, set->due});
      change_timers(timers, event.timers.back());
    } else {
      const auto& name = std::get<ClearTimer>(effect).name;
      const auto old = std::ranges::find(timers, name, &Timer::name);
      if (old == timers.end()) continue;
      event.timers.push_back({TimerChange::Kind::kCleared, old->name, old->due});
      change_timers(timers, event.timers.back());
    }
  }
}

namespace {

struct StoredTimer {
  std::string name;
  Time due;
  static constexpr auto fields() {
    return field_list(field("name", &StoredTimer::name), field("due", &StoredTimer::due));
  }
};

/// What a snapshot holds: the entity's state and what its host remembers of it.
template <class State>
struct SnapshotBody {
  std::int64_t obeyed = 0;
  std::vector<StoredTimer> timers;
  State state;
  static constexpr auto fields() {
    return field_list(field("obeyed", &SnapshotBody::obeyed), field("timers", &SnapshotBody::timers),
                      field("state", &SnapshotBody::state));
  }
};

template <Entity E>
class LiveEntityOf final : public LiveEntity {
 public:
  using LiveEntity::LiveEntity;

  Result<void> restore(const LoadedStream& loaded) override {
    if (loaded.snapshot) {
      auto body = souk::decode<SnapshotBody<typename E::State>>(loaded.snapshot->state, UnknownFields::kRefused);
      if (!body) return tl::unexpected<Error>(std::move(body.error()));
      state_ = std::move(body->state);
      obeyed_ = Position{static_cast<std::uint64_t>(body->obeyed)};
      for (auto& timer : body->timers) timers_.push_back({std::move(timer.name), timer.due});
      version_ = snapshot_version_ = loaded.snapshot->version;
      snapshot_bytes_ = loaded.snapshot->state.size();
      position_ = loaded.snapshot->position;
    }
    for (const auto& record : loaded.records) {
      auto event = decode_event<typename E::Event>(record->type, record->schema, record->payload);
      if (!event) return tl::unexpected<Error>(std::move(event.error()));
      state_ = E::evolve(std::move(state_), *event);
      follow(*record);
    }
    return {};
  }

  [[nodiscard]] const void* state() const override { return &state_; }
  [[nodiscard]] std::uint32_t state_schema() const override { return E::kStateSchema; }

 protected:
  Result<std::vector<NewEvent>> decide(const void* command, std::vector<Timer>& timers) override {
    return decide_typed(*static_cast<const typename E::Command*>(command), timers);
  }

  Result<std::vector<NewEvent>> decide_timer(const PendingTimer& timer, Time now, std::vector<Timer>& timers) override {
    const auto command = E::on_timer(timer.name, timer.due, now);
    if (!command) {
      decided_.clear();
      return std::vector<NewEvent>{};
    }
    return decide_typed(*command, timers);
  }

  void apply_decided() override {
    for (const auto& event : decided_) state_ = E::evolve(std::move(state_), event);
    decided_.clear();
  }

  /// As SnapshotBody is encoded, without a copy of the state, which may be large.
  [[nodiscard]] std::string encode_snapshot() const override {
    std::vector<StoredTimer> timers;
    for (const auto& timer : timers_) timers.push_back({timer.name, timer.due});
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("obeyed");
    json.unsigned_integer(obeyed_.value);
    json.key("timers");
    codec::write(json, timers);
    json.key("state");
    codec::write(json, state_);
    json.end_object();
    return out;
  }

 private:
  Result<std::vector<NewEvent>> decide_typed(const typename E::Command& command, std::vector<Timer>& timers) {
    auto decided = E::decide(state_, command);
    if (!decided) return tl::unexpected<Error>(std::move(decided.error()));
    decided_ = std::move(*decided);
    std::vector<NewEvent> events;
    events.reserve(decided_.size());
    for (const auto& event : decided_) {
      auto stored = encode_event(event);
      auto& added =
          events.emplace_back(NewEvent{std::string(stored.type), stored.schema, std::move(stored.payload), {}});
      const Effects effects = E::react(typename E::Id{stream_.id()}, event);
      note_timer_effects(effects, timers, added);
      added.effect_free = effects.tells.empty() && effects.calls.empty();
    }
    return events;
  }

  typename E::State state_;
  std::vector<typename E::Event> decided_;
};

/// Calls `function.template operator()<E>()` for the entity whose kind it is; false if there is none.
template <class Function>
bool with_entity(std::string_view kind, Function&& function) {
  return [&]<class... Es>(TypeList<Es...> /*entities*/) {
    return ((kind == Es::kKind && (function.template operator()<Es>(), true)) || ...);
  }(Entities{});
}

}  // namespace

std::unique_ptr<LiveEntity> make_live_entity(const StreamId& stream, EventLog& log, Mutations mutations) {
  std::unique_ptr<LiveEntity> made;
  with_entity(stream.kind(), [&]<class E>() { made = std::make_unique<LiveEntityOf<E>>(stream, log, mutations); });
  return made;
}

std::uint32_t state_schema_of(const StreamId& stream) {
  std::uint32_t schema = 0;
  with_entity(stream.kind(), [&]<class E>() { schema = E::kStateSchema; });
  return schema;
}

Result<Effects> effects_of(const EventRecord& record) {
  Result<Effects> effects{Effects{}};
  const bool known = with_entity(record.stream.kind(), [&]<class E>() {
    auto event = decode_event<typename E::Event>(record.type, record.schema, record.payload);
    if (event) {
      effects = E::react(typename E::Id{record.stream.id()}, *event);
    } else {
      effects = tl::unexpected<Error>(std::move(event.error()));
    }
  });
  if (!known) {
    return fail(ErrorCode::kInternal, "entity.unknown_kind",
                "no entity is called " + std::string(record.stream.kind()));
  }
  return effects;
}

}  // namespace souk
