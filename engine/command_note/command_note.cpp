#include "engine/command_note/command_note.hpp"

#include "engine/entities.hpp"

namespace souk {

using namespace command_note;

Result<std::vector<CommandNote::Event>> CommandNote::decide(const State& /*state*/, const Command& command) {
  return std::vector<Event>{Written{std::get<Write>(command).outcome}};
}

CommandNote::State CommandNote::evolve(State state, const Event& event) {
  state.outcome = std::get<Written>(event).outcome;
  return state;
}

Effects CommandNote::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<CommandNote::Command> CommandNote::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
