#include "engine/claim/claim.hpp"

#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace claim;
using Events = std::vector<Claim::Event>;

Result<Events> on(const State& state, const Take& command) {
  if (state.holder && *state.holder != command.account) return Events{Refused{command.account}};
  return Events{Taken{command.account, command.kind}};
}

Result<Events> on(const State& state, const Release& command) {
  if (state.holder != command.account) return Events{};
  return Events{Released{command.account}};
}

void apply(State& state, const Taken& event) {
  state.holder = event.account;
  state.kind = event.kind;
}
void apply(State& /*state*/, const Refused& /*event*/) {}
void apply(State& state, const Released& /*event*/) {
  state.holder.reset();
}

void request(ClaimId self, const Taken& event, Effects& effects) {
  effects.tells.push_back(tell<Account>(event.account, account::RecordClaim{self, true}));
}
void request(ClaimId self, const Refused& event, Effects& effects) {
  effects.tells.push_back(tell<Account>(event.account, account::RecordClaim{self, false}));
}
void request(ClaimId /*self*/, const Released& /*event*/, Effects& /*effects*/) {}

}  // namespace

Result<std::vector<Claim::Event>> Claim::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Claim::State Claim::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Claim::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

std::optional<Claim::Command> Claim::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
