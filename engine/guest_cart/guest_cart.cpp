#include "engine/guest_cart/guest_cart.hpp"

#include "engine/entities.hpp"

namespace souk {

namespace guest_cart {

Result<void> check_open(const State& state) {
  switch (state.status) {
    case Status::kNone: return fail(ErrorCode::kNotFound, "cart.not_found", "there is no such cart");
    case Status::kOpen: return {};
    case Status::kSpent:
    case Status::kMerged: return fail(ErrorCode::kConflict, "cart.spent", "it went into an account's cart");
    case Status::kExpired: break;
  }
  return fail(ErrorCode::kConflict, "cart.expired", "nobody used it for too long; open another one");
}

}  // namespace guest_cart

namespace {

using namespace guest_cart;
using Events = std::vector<GuestCart::Event>;

Result<Events> on(const State& state, const Open& command) {
  if (state.status != Status::kNone) return Events{};
  return Events{Opened{command.at, command.ttl_s}};
}

/// The event that makes the line what it shall be.
Events put_line(const State& state, cart::Line line) {
  const cart::Line* before = cart::find(state.lines, line.product);
  if (before != nullptr && *before == line) return {};
  return Events{LinePut{std::move(line)}};
}

Result<Events> on(const State& state, const cart::AddItem& command) {
  return check_open(state).and_then([&] { return cart::added(state.lines, command); }).map([&](cart::Line line) {
    return put_line(state, std::move(line));
  });
}

Result<Events> on(const State& state, const cart::SetItem& command) {
  return check_open(state).and_then([&] { return cart::set(state.lines, command); }).map([&](cart::Line line) {
    return put_line(state, std::move(line));
  });
}

Result<Events> on(const State& state, const cart::RemoveItem& command) {
  return check_open(state).map([&] {
    return cart::find(state.lines, command.product) == nullptr ? Events{} : Events{LineRemoved{command.product}};
  });
}

Result<Events> on(const State& state, const cart::Clear& /*command*/) {
  return check_open(state).map([&] { return state.lines.empty() ? Events{} : Events{Cleared{}}; });
}

Result<Events> on(const State& state, const Spend& command) {
  if (state.merged_into == command.account) return Events{};
  return check_open(state).map([&] { return Events{Spent{command.account, state.lines}}; });
}

Result<Events> on(const State& state, const RecordMerged& command) {
  if (state.status != Status::kSpent) return Events{};
  return Events{Merged{command.account}};
}

Result<Events> on(const State& state, const Expire& /*command*/) {
  return state.status == Status::kOpen ? Events{Expired{}} : Events{};
}

void apply(State& state, const Opened& event) {
  state.status = Status::kOpen;
  state.opened_at = event.at;
  state.ttl_s = event.ttl_s;
}
void apply(State& state, const LinePut& event) {
  cart::put(state.lines, event.line);
}
void apply(State& state, const LineRemoved& event) {
  cart::remove(state.lines, event.product);
}
void apply(State& state, const guest_cart::Cleared& /*event*/) {
  state.lines.clear();
}
void apply(State& state, const Spent& event) {
  state.status = Status::kSpent;
  state.merged_into = event.account;
  state.lines.clear();
}
void apply(State& state, const guest_cart::Merged& /*event*/) {
  state.status = Status::kMerged;
}
void apply(State& state, const Expired& /*event*/) {
  state.status = Status::kExpired;
  state.lines.clear();
}

}  // namespace

Result<std::vector<GuestCart::Event>> GuestCart::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

GuestCart::State GuestCart::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects GuestCart::react(Id self, const Event& event) {
  Effects effects;
  if (const auto* spent = std::get_if<Spent>(&event)) {
    effects.tells.push_back(tell<Cart>(spent->account, cart::Merge{self, spent->lines}));
  }
  return effects;
}

std::optional<GuestCart::Command> GuestCart::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
