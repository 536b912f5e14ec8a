/// What became of a command that came as a message and has no event of its own to tell of it: it changed nothing, or
/// was refused. When the message comes again, behind others that were obeyed meanwhile, it is not judged anew.
#pragma once

#include <optional>
#include <string>

#include "engine/entity.hpp"

namespace souk::command_note {

struct Outcome {
  std::string refusal;  ///< its reason; empty: obeyed
  std::string detail;

  static constexpr auto fields() {
    return field_list(field("refusal", &Outcome::refusal), field("detail", &Outcome::detail));
  }
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

struct State {
  std::optional<Outcome> outcome;

  static constexpr auto fields() { return field_list(field("outcome", &State::outcome)); }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

/// Again once its id is forgotten, and so may mean something else.
struct Write {
  Outcome outcome;
  friend bool operator==(const Write&, const Write&) = default;
};

// --- events

struct Written {
  static constexpr std::string_view kType = "command_note.written";
  static constexpr std::uint16_t kSchema = 1;
  Outcome outcome;

  static constexpr auto fields() { return field_list(field("outcome", &Written::outcome)); }
  friend bool operator==(const Written&, const Written&) = default;
};

}  // namespace souk::command_note

namespace souk {

struct CommandNote {
  static constexpr std::string_view kKind = "command_note";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = CommandId;
  using State = command_note::State;
  using Command = std::variant<command_note::Write>;
  using Event = std::variant<command_note::Written>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
