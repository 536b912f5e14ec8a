/// A claim: who holds one user name or one e-mail address. Its id is a keyed hash of the canonical name, so that the
/// name itself appears nowhere.
///
/// Both commands are effects and never fail: a name already held is refused by an event.
#pragma once

#include "engine/claim/kind.hpp"
#include "engine/entity.hpp"

namespace souk::claim {

struct State {
  std::optional<AccountId> holder;
  ClaimKind kind = ClaimKind::kUsername;

  static constexpr auto fields() { return field_list(field("holder", &State::holder), field("kind", &State::kind)); }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

/// Effect: `account` wants the name. Its holder is granted it again, in case it asks twice.
struct Take {
  AccountId account;
  ClaimKind kind = ClaimKind::kUsername;
  friend bool operator==(const Take&, const Take&) = default;
};

/// Effect: the holder gives the name back; from anybody else it means nothing.
struct Release {
  AccountId account;
  friend bool operator==(const Release&, const Release&) = default;
};

// --- events

struct Taken {
  static constexpr std::string_view kType = "claim.taken";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;
  ClaimKind kind = ClaimKind::kUsername;

  static constexpr auto fields() {
    return field_list(field("account_id", &Taken::account), field("kind", &Taken::kind));
  }
  friend bool operator==(const Taken&, const Taken&) = default;
};

struct Refused {
  static constexpr std::string_view kType = "claim.refused";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;  ///< whom it was refused to

  static constexpr auto fields() { return field_list(field("account_id", &Refused::account)); }
  friend bool operator==(const Refused&, const Refused&) = default;
};

struct Released {
  static constexpr std::string_view kType = "claim.released";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;

  static constexpr auto fields() { return field_list(field("account_id", &Released::account)); }
  friend bool operator==(const Released&, const Released&) = default;
};

}  // namespace souk::claim

namespace souk {

struct Claim {
  static constexpr std::string_view kKind = "claim";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = ClaimId;
  using State = claim::State;
  using Command = std::variant<claim::Take, claim::Release>;
  using Event = std::variant<claim::Taken, claim::Refused, claim::Released>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
