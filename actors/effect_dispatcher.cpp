#include "actors/effect_dispatcher.hpp"

#include <caf/all.hpp>
#include <utility>

#include "actors/messages.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 256;
constexpr auto kRetryDelay = std::chrono::seconds(1);

/// A dispatcher far behind the log would fill the memory with tasks: it pauses until the entities have obeyed some.
constexpr std::uint64_t kTellsUnderWayMax = 20'000;
constexpr auto kPause = std::chrono::milliseconds(20);

/// A provider answers long before, if at all.
constexpr auto kCallOverdue = Duration::minutes(5);

/// A reaction that throws is as bad as an event that cannot be read.
Result<Effects> effects_or_error(const EventRecord& record) {
  try {
    return effects_of(record);
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInternal, "event.reaction_failed", error.what());
  }
}

/// What a peer says goes back to the entity that asked, as a command of its own. When it was said is filled in once it
/// is known that somebody waits for it: the clock may be gone by then. None: it was heard, and there is no more to it.
using MakeCommand = std::function<AnyCommand(Time)>;
using AnswerCall = std::function<void(const MakeCommand&)>;

void make_call(const DispatcherServices& services, const provider::Create& wanted, const AnswerCall& answer) {
  services.providers.find(wanted.provider).create(wanted, [answer](const provider::Created& said) {
    answer([&](Time now) { return AnyCommand{Payment::Command{payment::RecordCreated{said, now}}}; });
  });
}

void make_call(const DispatcherServices& services, const provider::Query& wanted, const AnswerCall& answer) {
  services.providers.find(wanted.provider).query(wanted, [answer](const provider::Report& said) {
    answer([&](Time now) { return AnyCommand{Payment::Command{payment::RecordReport{said, now}}}; });
  });
}

void make_call(const DispatcherServices& services, const provider::Close& wanted, const AnswerCall& answer) {
  services.providers.find(wanted.provider).close(wanted, [answer](const provider::Report& said) {
    answer([&](Time now) { return AnyCommand{Payment::Command{payment::RecordReport{said, now}}}; });
  });
}

void make_call(const DispatcherServices& services, const provider::Refund& wanted, const AnswerCall& answer) {
  const auto answered = [answer, attempt = wanted.attempt](const provider::RefundReport& said) {
    answer([&](Time now) { return AnyCommand{Payment::Command{payment::RecordRefund{attempt, said, now}}}; });
  };
  services.providers.find(wanted.provider).refund(wanted, answered);
}

void make_call(const DispatcherServices& services, const SendMessage& wanted, const AnswerCall& answer) {
  services.messages.send(wanted, [answer, id = wanted.id](bool sent) {
    answer([&](Time now) { return AnyCommand{Account::Command{account::RecordMessage{id, sent, now}}}; });
  });
}

void make_call(const DispatcherServices& services, const RunJob& wanted, const AnswerCall& answer) {
  services.jobs.run(wanted, [answer, run = wanted.run](const JobResult& said) {
    const auto outcome = said.problem ? job::Outcome::kFailed : job::Outcome::kDone;
    answer([&](Time now) {
      return AnyCommand{Job::Command{job::RecordOutcome{run, outcome, said.problem, said.figures, now}}};
    });
  });
}

void make_call(const DispatcherServices& services, const JobNews& news, const AnswerCall& answer) {
  services.jobs.tell(news);
  answer(nullptr);
}

/// When nobody waits for the answer any more. None: it is waited for until the end.
std::optional<Time> overdue_at(const Call& call, Time now) {
  // A message is answered once for each time it is asked for, and nobody asks for it again but a restart.
  if (std::holds_alternative<SendMessage>(call)) return std::nullopt;
  if (const auto* run = std::get_if<RunJob>(&call)) return run->answer_due;
  return now + kCallOverdue;
}

CommandMeta meta_of_effect(const EventRecord& cause, Cause kind, std::size_t index) {
  CommandMeta meta;
  meta.command_id = CommandId{Id128{cause.position.value, index}};
  meta.cause = kind;
  meta.causation = cause.position;
  meta.principal = cause.meta.principal;
  meta.correlation = cause.meta.correlation;
  meta.trace = cause.meta.trace;
  return meta;
}

}  // namespace

EffectDispatcher::EffectDispatcher(caf::actor_config& config, DispatcherServices services)
    : caf::event_based_actor(config), services_(std::move(services)) {}

caf::behavior EffectDispatcher::make_behavior() {
  return {
      [this](LogGrew) {
        services_.state->told = false;
        advance();
      },
      [this](PauseOver) {
        pausing_ = false;
        advance();
      },
      [this](LogRead& message) {
        reading_ = false;
        if (!*message.records) {
          services_.report_fault({}, "the log cannot be read: " + message.records->error().detail);
          delayed_send(this, kRetryDelay, LogGrew{});
          return;
        }
        dispatch(**message.records);
        advance();
      },
  };
}

void EffectDispatcher::advance() {
  while (!reading_ && !stuck_ && !pausing_) {
    if (is_too_far_ahead()) {
      pausing_ = true;
      delayed_send(this, kPause, PauseOver{});
      break;
    }
    const Position cursor{services_.state->cursor};
    if (cursor >= services_.log.head(Visibility::kOrdered)) break;
    const auto records = services_.log.read_recent(cursor, kBatchMax);
    if (!records) {
      read_from_disk();
      break;
    }
    dispatch(*records);
  }
  give_up_overdue_calls();
  if (const Position covered = services_.state->ledger.covered(); covered > checkpoint_) {
    services_.log.set_checkpoint(kConsumer, covered);
    checkpoint_ = covered;
  }
}

bool EffectDispatcher::is_too_far_ahead() {
  const std::uint64_t obeyed = services_.state->tells_obeyed;
  const std::uint64_t under_way = services_.state->tells - obeyed;
  if (under_way <= kTellsUnderWayMax) under_way_max_ = kTellsUnderWayMax;
  if (under_way <= under_way_max_) return false;
  if (obeyed_at_pause_ == obeyed) {
    // They stand still: entities that cannot be loaded must not hold up the others.
    under_way_max_ = under_way + kTellsUnderWayMax;
    return false;
  }
  obeyed_at_pause_ = obeyed;
  return true;
}

void EffectDispatcher::read_from_disk() {
  reading_ = true;
  services_.pool.submit([&log = services_.log, cursor = Position{services_.state->cursor},
                         self = caf::actor_cast<caf::actor_addr>(this)] {
    LogRead message{
        std::make_shared<Result<std::vector<RecordPtr>>>(log.read(cursor, kBatchMax, Visibility::kDurable))};
    if (auto actor = caf::actor_cast<caf::actor>(self)) caf::anon_send(actor, std::move(message));
  });
}

void EffectDispatcher::dispatch(const std::vector<RecordPtr>& records) {
  for (const auto& record : records) {
    if (!dispatch(*record)) {
      // Passing it over would lose its effects, and trying again would end the same way: nothing behind it is
      // delivered until a program that can read it starts.
      stuck_ = true;
      return;
    }
    services_.state->cursor = record->position.value;
  }
}

bool EffectDispatcher::dispatch(const EventRecord& record) {
  if (record.effect_free) {
    services_.state->ledger.seen(record.position, 0);
    return true;
  }
  auto effects = effects_or_error(record);
  if (!effects) {
    services_.report_fault(record.stream, "the event at position " + std::to_string(record.position.value) +
                                              " cannot be reacted to: " + effects.error().detail);
    return false;
  }
  auto& state = services_.state;
  state->ledger.seen(record.position, effects->tells.size() + effects->calls.size());
  state->tells += effects->tells.size();
  const auto obeyed = [state, position = record.position] {
    ++state->tells_obeyed;
    state->ledger.done(position);
  };
  std::size_t index = 0;
  for (auto& tell : effects->tells) {
    services_.directory.post(
        tell.target,
        std::make_shared<EffectTask>(std::move(tell.command), meta_of_effect(record, Cause::kEffect, index++), obeyed));
  }
  for (const auto& one : effects->calls) call(record, one, index++);
  return true;
}

void EffectDispatcher::call(const EventRecord& record, const Call& call, std::size_t index) {
  auto open = std::make_shared<OpenCall>(OpenCall{record.position});
  if (const auto overdue = overdue_at(call, services_.clock.now())) calls_.emplace(*overdue, open);
  // The intent is this very event: once it is durable the outside may hear of it.
  services_.gate.hold(record.position, [services = services_, call, source = record.stream, open,
                                        meta = meta_of_effect(record, Cause::kCall, index)] {
    const auto answer = [services, source, open, meta](const MakeCommand& command_at) {
      const std::scoped_lock lock(services.state->answers_mutex);
      if (!services.state->answers_open || std::exchange(open->ended, true)) return;
      const auto note_done = [state = services.state, position = open->position] { state->ledger.done(position); };
      if (!command_at) return note_done();
      services.directory.post(source, std::make_shared<EffectTask>(command_at(services.clock.now()), meta, note_done));
    };
    std::visit([&](const auto& wanted) { make_call(services, wanted, answer); }, call);
  });
}

void EffectDispatcher::give_up_overdue_calls() {
  if (calls_.empty()) return;
  const Time now = services_.clock.now();
  const std::scoped_lock lock(services_.state->answers_mutex);
  const auto first_to_keep =
      std::ranges::find_if(calls_, [&](const auto& call) { return !call.second->ended && call.first > now; });
  for (auto call = calls_.begin(); call != first_to_keep; call = calls_.erase(call)) {
    if (!std::exchange(call->second->ended, true)) services_.state->ledger.done(call->second->position);
  }
}

}  // namespace souk
