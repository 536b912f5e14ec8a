#include "engine/reconciliation/reconciliation.hpp"

#include <set>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace reconciliation;
using Events = std::vector<Reconciliation::Event>;

/// Whether this is about the day that the entity is about, or the first word of it.
Result<void> check_day(const State& state, const std::string& provider, const std::string& day) {
  if (provider.empty() || !Time::parse(day + "T00:00:00.000000Z")) {
    return fail(ErrorCode::kInvalid, "reconciliation.day_invalid",
                "a provider and a day such as 2026-11-23 are needed");
  }
  if (!state.day.empty() && (state.day != day || state.provider != provider)) {
    return fail(ErrorCode::kConflict, "reconciliation.other_day", "this is about another provider or day");
  }
  return {};
}

/// Differences by their text, so that thousands of them are quickly told apart.
std::set<std::string> texts_of(const std::vector<Difference>& differences) {
  std::set<std::string> texts;
  for (const auto& difference : differences) texts.insert(encode(difference));
  return texts;
}

Result<Events> on(const State& state, const RecordComparison& command) {
  if (auto fits = check_day(state, command.provider, command.day); !fits) return tl::unexpected<Error>(fits.error());
  Compared event{command.provider, command.day, command.bill_lines, command.own_bookings, {}, {}, {}, 0, command.at};
  const auto wanted = texts_of(command.differences);
  std::set<std::string> known;
  for (std::size_t i = 0; i < state.findings.size(); ++i) {
    const auto& finding = state.findings[i];
    const bool is_there = wanted.contains(*known.insert(encode(finding.difference)).first);
    const auto number = static_cast<std::int64_t>(i) + 1;
    if (!is_there && !finding.gone) event.gone.push_back(number);
    if (is_there && finding.gone) event.back.push_back(number);
  }
  for (const auto& difference : command.differences) {
    if (!known.insert(encode(difference)).second) continue;
    if (state.findings.size() + event.found.size() < kDifferencesMax) {
      event.found.push_back(difference);
    } else {
      ++event.omitted;
    }
  }
  return Events{std::move(event)};
}

Result<Events> on(const State& state, const RecordFailure& command) {
  if (auto fits = check_day(state, command.provider, command.day); !fits) return tl::unexpected<Error>(fits.error());
  return Events{Failed{command.provider, command.day, command.problem, command.at}};
}

Result<Events> on(const State& state, const Settle& command) {
  if (state.day.empty()) {
    return fail(ErrorCode::kNotFound, "reconciliation.not_found", "nothing was compared on that day");
  }
  if (command.number < 1 || static_cast<std::size_t>(command.number) > state.findings.size()) {
    return fail(ErrorCode::kNotFound, "reconciliation.difference_not_found", "there is no difference of this number");
  }
  if (!is_prose_of(command.note, 1, kNoteSizeMax)) {
    return fail(ErrorCode::kInvalid, "reconciliation.note_invalid", "note: 1 to 500 characters");
  }
  const auto& settlement = state.findings[static_cast<std::size_t>(command.number) - 1].settlement;
  if (settlement && settlement->note == command.note && settlement->by == command.by) return Events{};
  if (settlement) return fail(ErrorCode::kConflict, "reconciliation.settled", "somebody has settled it already");
  return Events{DifferenceSettled{command.number, command.note, command.by, command.at}};
}

Finding& finding_of(State& state, std::int64_t number) {
  return state.findings.at(static_cast<std::size_t>(number) - 1);
}

void apply(State& state, const Compared& event) {
  state.provider = event.provider;
  state.day = event.day;
  ++state.comparisons;
  state.compared_at = event.at;
  state.bill_lines = event.bill_lines;
  state.own_bookings = event.own_bookings;
  state.omitted = event.omitted;
  state.problem.reset();
  for (const auto number : event.gone) finding_of(state, number).gone = true;
  for (const auto number : event.back) finding_of(state, number).gone = false;
  for (const auto& difference : event.found) state.findings.push_back({difference, event.at, false, {}});
}
void apply(State& state, const Failed& event) {
  state.provider = event.provider;
  state.day = event.day;
  state.problem = event.problem;
}
void apply(State& state, const DifferenceSettled& event) {
  finding_of(state, event.number).settlement = Settlement{event.note, event.by, event.at};
}

}  // namespace

Result<std::vector<Reconciliation::Event>> Reconciliation::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Reconciliation::State Reconciliation::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Reconciliation::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Reconciliation::Command> Reconciliation::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
