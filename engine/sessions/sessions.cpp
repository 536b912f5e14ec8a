#include "engine/sessions/sessions.hpp"

#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace sessions;
using Events = std::vector<Sessions::Event>;

/// The ids of those that `is_one` says so of.
template <class Predicate>
std::vector<SessionId> ids_of(const State& state, const Predicate& is_one) {
  std::vector<SessionId> ids;
  for (const auto& session : state.open) {
    if (is_one(session)) ids.push_back(session.id);
  }
  return ids;
}

void end(Events& events, std::vector<SessionId> ids, Reason reason, Time at) {
  if (!ids.empty()) events.emplace_back(Ended{std::move(ids), reason, at});
}

tl::unexpected<Error> no_longer() {
  return fail(ErrorCode::kUnauthenticated, "sessions.ended", "this session has ended; log in again");
}

Result<Events> on(const State& state, const Start& command) {
  if (find(state, command.id) != nullptr) return Events{};
  if (command.generation < state.generation) {
    return fail(ErrorCode::kUnauthenticated, "sessions.outdated", "the password was changed meanwhile; log in again");
  }
  Events events;
  const auto has_expired = [&](const Session& session) { return session.expires_at <= command.at; };
  end(events, ids_of(state, has_expired), Reason::kExpired, command.at);
  auto living = ids_of(state, [&](const Session& session) { return !has_expired(session); });
  if (command.alone) {
    end(events, std::move(living), Reason::kReplaced, command.at);
  } else if (living.size() >= kOpenMax) {
    const auto unused =
        std::ranges::min_element(living, {}, [&](SessionId id) { return find(state, id)->refreshed_at; });
    end(events, {*unused}, Reason::kCrowdedOut, command.at);
  }
  events.emplace_back(Started{command.id, command.generation, command.at, command.expires_at, command.device});
  return events;
}

Result<Events> on(const State& state, const Refresh& command) {
  const auto* session = find(state, command.id);
  // A turn that is still to come is of a log that was restored since.
  if (session == nullptr || command.turn > session->turn) return no_longer();
  // Of a clock that was set back nothing is known, least of all that it is soon enough.
  const bool is_soon =
      command.at < session->refreshed_at + command.grace && session->refreshed_at <= command.at + command.grace;
  const bool was_before = command.turn + 1 == session->turn && is_soon;
  if (was_before) return Events{};
  if (command.turn < session->turn) return Events{Ended{{command.id}, Reason::kReplayed, command.at}};
  if (session->expires_at <= command.at) {
    return fail(ErrorCode::kUnauthenticated, "sessions.expired",
                "this session was not used for too long; log in again");
  }
  return Events{Refreshed{command.id, session->turn + 1, command.at, command.expires_at, command.key_id}};
}

Result<Events> on(const State& state, const End& command) {
  if (find(state, command.id) == nullptr) {
    return fail(ErrorCode::kNotFound, "sessions.not_found", "there is no such session, or it has ended");
  }
  return Events{Ended{{command.id}, Reason::kLoggedOut, command.at}};
}

Result<Events> on(const State& state, const Outdate& command) {
  if (command.generation <= state.generation) return Events{};
  return Events{Outdated{command.generation, command.at}};
}

void apply(State& state, const Started& event) {
  state.open.push_back({event.id, event.at, event.at, event.expires_at, 0, event.generation, event.device, {}});
}

void apply(State& state, const Refreshed& event) {
  const auto session = std::ranges::find(state.open, event.id, &Session::id);
  if (session == state.open.end()) return;
  session->turn = event.turn;
  session->refreshed_at = event.at;
  session->expires_at = event.expires_at;
  session->key_id = event.key_id;
}

void apply(State& state, const Ended& event) {
  std::erase_if(state.open,
                [&](const Session& session) { return std::ranges::find(event.ids, session.id) != event.ids.end(); });
  for (const auto& id : event.ids) state.ended.push_back({id, event.reason, event.at});
  const auto size = state.ended.size();
  if (size > kEndedMax)
    state.ended.erase(state.ended.begin(), state.ended.begin() + static_cast<long>(size - kEndedMax));
}

void apply(State& state, const Outdated& event) {
  state.generation = event.generation;
  std::erase_if(state.open, [&](const Session& session) { return session.generation < event.generation; });
}

}  // namespace

Result<std::vector<Sessions::Event>> Sessions::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Sessions::State Sessions::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Sessions::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Sessions::Command> Sessions::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
