#include "engine/address_book/address_book.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk {
namespace address_book {

const Entry* find(const State& state, AddressId id) {
  const auto found = std::ranges::find(state.entries, id, &Entry::id);
  return found == state.entries.end() ? nullptr : &*found;
}

}  // namespace address_book

namespace {

using namespace address_book;
using Events = std::vector<AddressBook::Event>;

Result<void> check_there(const State& state, AddressId id) {
  if (find(state, id) != nullptr) return {};
  return fail(ErrorCode::kNotFound, "address_book.address_not_found", "there is no such address");
}

Result<void> check_filled(const Personal<Address>& address) {
  if (!address.sealed.empty()) return {};
  return fail(ErrorCode::kInvalid, "address_book.address_missing", "there is no address in it");
}

Result<Events> on(const State& state, const Add& command) {
  if (auto filled = check_filled(command.address); !filled) return tl::unexpected<Error>(filled.error());
  if (find(state, command.id) != nullptr) {
    return fail(ErrorCode::kConflict, "address_book.address_exists", "there is an address with this id already");
  }
  if (state.entries.size() >= kAddressesMax) {
    return fail(ErrorCode::kConflict, "address_book.full", "an account has at most 20 addresses");
  }
  return Events{Added{command.id, command.address, command.make_default || state.entries.empty()}};
}

Result<Events> on(const State& state, const Change& command) {
  if (auto filled = check_filled(command.address); !filled) return tl::unexpected<Error>(filled.error());
  if (auto there = check_there(state, command.id); !there) return tl::unexpected<Error>(there.error());
  if (find(state, command.id)->address == command.address) return Events{};
  return Events{Changed{command.id, command.address}};
}

Result<Events> on(const State& state, const Remove& command) {
  if (auto there = check_there(state, command.id); !there) return tl::unexpected<Error>(there.error());
  Removed removed{command.id, std::nullopt};
  if (state.default_address == command.id) {
    const auto next = std::ranges::find_if(state.entries, [&](const Entry& entry) { return entry.id != command.id; });
    if (next != state.entries.end()) removed.next_default = next->id;
  }
  return Events{removed};
}

Result<Events> on(const State& state, const SetDefault& command) {
  if (auto there = check_there(state, command.id); !there) return tl::unexpected<Error>(there.error());
  if (state.default_address == command.id) return Events{};
  return Events{DefaultSet{command.id}};
}

Result<Events> on(const State& state, const Clear& /*command*/) {
  return state.entries.empty() ? Events{} : Events{Cleared{}};
}

void apply(State& state, const Added& event) {
  state.entries.push_back({event.id, event.address});
  if (event.is_default) state.default_address = event.id;
}
void apply(State& state, const Changed& event) {
  for (auto& entry : state.entries) {
    if (entry.id == event.id) entry.address = event.address;
  }
}
void apply(State& state, const Removed& event) {
  std::erase_if(state.entries, [&](const Entry& entry) { return entry.id == event.id; });
  if (state.default_address == event.id) state.default_address = event.next_default;
}
void apply(State& state, const DefaultSet& event) {
  state.default_address = event.id;
}
void apply(State& state, const Cleared& /*event*/) {
  state = State{};
}

}  // namespace

Result<std::vector<AddressBook::Event>> AddressBook::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

AddressBook::State AddressBook::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects AddressBook::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<AddressBook::Command> AddressBook::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
