/// The sessions of one account: where it is logged in, and which refresh token of each is the next to count.
///
/// A refresh token says which session it is of and its turn. Using it begins the next turn. The one before it counts
/// for a short while longer, for a client whose answer was lost, and gives what was given before; any older one has
/// been used by two, so the session ends, whoever of them it belonged to. Tokens themselves stand nowhere: they follow
/// from session and turn (gateway/sessions.hpp).
///
/// The last ones that ended are remembered, so that whoever asked for it learns which they were: their access tokens
/// are refused before anybody is answered.
/// Errors: kNotFound "sessions.not_found"; kUnauthenticated "sessions.ended" (there is none such any more),
/// "sessions.expired", "sessions.outdated" (the password was changed while somebody logged in).
/// Limits: kOpenMax sessions; the one that was not refreshed for the longest time goes first.
#pragma once

#include <algorithm>

#include "engine/entity.hpp"

namespace souk::sessions {

inline constexpr std::size_t kOpenMax = 100;
/// More than one command can end.
inline constexpr std::size_t kEndedMax = kOpenMax + 20;

/// No access token holds longer, so a session that ended longer ago need not be known.
inline constexpr Duration kTokenLifeMax = Duration::seconds(86'400);

/// How much time is taken to lie between an ending and the next one. A clock that leaps ahead and is put right again
/// must not make anybody forget which sessions have ended, so no more than an hour is believed; what is remembered for
/// too long does no harm.
inline Duration believed_between(Time before, Time next) {
  return std::clamp(next - before, Duration{}, Duration::seconds(3'600));
}

/// Where somebody logged in, as far as it was told.
struct Device {
  std::string address;
  std::string agent;
  static constexpr auto fields() {
    return field_list(field("address", &Device::address), field("agent", &Device::agent));
  }
  friend bool operator==(const Device&, const Device&) = default;
};

struct Session {
  SessionId id;
  Time started_at;
  Time refreshed_at;
  Time expires_at;  ///< of its refresh token
  std::int64_t turn = 0;
  std::int64_t generation = 0;  ///< of the account's tokens when it began
  Personal<Device> device;
  std::string key_id;  ///< of the key that the tokens of this turn are signed with; empty: any

  static constexpr auto fields() {
    return field_list(field("id", &Session::id), field("started_at", &Session::started_at),
                      field("refreshed_at", &Session::refreshed_at), field("expires_at", &Session::expires_at),
                      field("turn", &Session::turn), field("generation", &Session::generation),
                      field("device", &Session::device), field("key_id", &Session::key_id));
  }
  friend bool operator==(const Session&, const Session&) = default;
};

enum class Reason : std::uint8_t { kLoggedOut, kReplaced, kReplayed, kCrowdedOut, kExpired };

}  // namespace souk::sessions

template <>
struct souk::EnumNames<souk::sessions::Reason> {
  static constexpr std::array<std::string_view, 5> values{"logged_out", "replaced", "replayed", "crowded_out",
                                                          "expired"};
};

namespace souk::sessions {

struct EndedSession {
  SessionId id;
  Reason reason = Reason::kLoggedOut;
  Time at;

  static constexpr auto fields() {
    return field_list(field("id", &EndedSession::id), field("reason", &EndedSession::reason),
                      field("at", &EndedSession::at));
  }
  friend bool operator==(const EndedSession&, const EndedSession&) = default;
};

struct State {
  std::vector<Session> open;        ///< in the order in which they were started
  std::vector<EndedSession> ended;  ///< the last ones, the latest at the end
  std::int64_t generation = 0;      ///< of the account's tokens: none of an older one is begun

  static constexpr auto fields() {
    return field_list(field("open", &State::open), field("ended", &State::ended),
                      field("generation", &State::generation));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Null: there is none.
inline const Session* find(const State& state, SessionId id) {
  const auto found = std::ranges::find(state.open, id, &Session::id);
  return found == state.open.end() ? nullptr : &*found;
}

// --- commands

struct Start {
  SessionId id;
  std::int64_t generation = 0;  ///< of the account when its password was compared
  Time at;
  Time expires_at;
  Personal<Device> device;
  bool alone = false;  ///< it ends all others
  friend bool operator==(const Start&, const Start&) = default;
};

struct Refresh {
  SessionId id;
  std::int64_t turn = 0;
  Time at;
  Time expires_at;     ///< of the next refresh token
  Duration grace;      ///< for which the token before still counts
  std::string key_id;  ///< of the key that signs the next tokens
  friend bool operator==(const Refresh&, const Refresh&) = default;
};

struct End {
  SessionId id;
  Time at;
  friend bool operator==(const End&, const End&) = default;
};

/// Effect: the account's tokens of older generations are void.
struct Outdate {
  std::int64_t generation = 0;
  Time at;
  friend bool operator==(const Outdate&, const Outdate&) = default;
};

// --- events

struct Started {
  static constexpr std::string_view kType = "sessions.started";
  static constexpr std::uint16_t kSchema = 1;
  SessionId id;
  std::int64_t generation = 0;
  Time at;
  Time expires_at;
  Personal<Device> device;

  static constexpr auto fields() {
    return field_list(field("id", &Started::id), field("generation", &Started::generation), field("at", &Started::at),
                      field("expires_at", &Started::expires_at), field("device", &Started::device));
  }
  friend bool operator==(const Started&, const Started&) = default;
};

struct Refreshed {
  static constexpr std::string_view kType = "sessions.refreshed";
  static constexpr std::uint16_t kSchema = 1;
  SessionId id;
  std::int64_t turn = 0;
  Time at;
  Time expires_at;
  std::string key_id;  ///< so that the same tokens can be signed again

  static constexpr auto fields() {
    return field_list(field("id", &Refreshed::id), field("turn", &Refreshed::turn), field("at", &Refreshed::at),
                      field("expires_at", &Refreshed::expires_at), defaulted("key_id", &Refreshed::key_id));
  }
  friend bool operator==(const Refreshed&, const Refreshed&) = default;
};

struct Ended {
  static constexpr std::string_view kType = "sessions.ended";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<SessionId> ids;
  Reason reason = Reason::kLoggedOut;
  Time at;

  static constexpr auto fields() {
    return field_list(field("ids", &Ended::ids), field("reason", &Ended::reason), field("at", &Ended::at));
  }
  friend bool operator==(const Ended&, const Ended&) = default;
};

/// All of older generations have ended.
struct Outdated {
  static constexpr std::string_view kType = "sessions.outdated";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    return field_list(field("generation", &Outdated::generation), field("at", &Outdated::at));
  }
  friend bool operator==(const Outdated&, const Outdated&) = default;
};

}  // namespace souk::sessions

namespace souk {

struct Sessions {
  static constexpr std::string_view kKind = "sessions";
  static constexpr std::uint32_t kStateSchema = 2;
  using Id = AccountId;  ///< whose sessions they are
  using State = sessions::State;
  using Command = std::variant<sessions::Start, sessions::Refresh, sessions::End, sessions::Outdate>;
  using Event = std::variant<sessions::Started, sessions::Refreshed, sessions::Ended, sessions::Outdated>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
