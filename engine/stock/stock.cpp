#include "engine/stock/stock.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace stock;
using Events = std::vector<Stock::Event>;

Result<void> check_reason(std::string_view reason) {
  if (is_line_of(reason, 0, kReasonSizeMax)) return {};
  return fail(ErrorCode::kInvalid, "stock.reason_invalid", "a reason has at most 200 characters on one line");
}

Result<Events> on(const State& state, const Receive& command) {
  if (command.quantity < 1 || command.quantity > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "stock.quantity_invalid", "a quantity received is 1 to 2^53-1");
  }
  if (auto checked = check_reason(command.reason); !checked) return tl::unexpected<Error>(checked.error());
  // What was ever received and corrected bounds what can ever be sold, so that no sum here can overflow later.
  if (command.quantity > kIntegerMax - state.received - std::max<std::int64_t>(state.adjusted, 0)) {
    return fail(ErrorCode::kConflict, "stock.too_large", "there would be more than 2^53-1");
  }
  return Events{Received{command.quantity, command.reason}};
}

Result<Events> on(const State& state, const Adjust& command) {
  if (command.from < 0 || command.to < 0 || command.from > kIntegerMax || command.to > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "stock.quantity_invalid", "a quantity counted is 0 to 2^53-1");
  }
  if (auto checked = check_reason(command.reason); !checked) return tl::unexpected<Error>(checked.error());
  if (command.from != state.on_hand) {
    return fail(ErrorCode::kConflict, "stock.stale", "there are " + std::to_string(state.on_hand) + " on hand now");
  }
  if (command.to < state.reserved) {
    return fail(ErrorCode::kConflict, "stock.below_reserved", std::to_string(state.reserved) + " are reserved");
  }
  if (command.to == command.from) return Events{};
  const std::int64_t adjusted = state.adjusted + (command.to - command.from);
  if (adjusted > kIntegerMax - state.received || adjusted < -kIntegerMax) {
    return fail(ErrorCode::kConflict, "stock.too_large", "the corrections would exceed 2^53-1");
  }
  return Events{Adjusted{command.from, command.to, command.reason}};
}

Result<Events> on(const State& state, const Reserve& command) {
  // The answer to the first asking is in the log and reaches the order by itself.
  if (state.reservations.contains(command.order)) return Events{};
  if (command.quantity < 1 || command.quantity > state.available()) {
    return Events{ReservationRefused{command.order, command.quantity, state.available()}};
  }
  return Events{Reserved{command.order, command.quantity, command.expires_at}};
}

Result<Events> on(const State& state, const Deduct& command) {
  const auto found = state.reservations.find(command.order);
  if (found == state.reservations.end()) return Events{};
  return Events{Deducted{command.order, found->second.quantity}};
}

Result<Events> on(const State& state, const Release& command) {
  const auto found = state.reservations.find(command.order);
  if (found == state.reservations.end()) return Events{};
  return Events{Released{command.order, found->second.quantity, command.reason}};
}

void apply(State& state, const Received& event) {
  state.received += event.quantity;
  state.on_hand += event.quantity;
}
void apply(State& state, const Adjusted& event) {
  state.adjusted += event.to - event.from;
  state.on_hand += event.to - event.from;
}
void apply(State& state, const Reserved& event) {
  state.reservations.emplace(event.order, Reservation{event.quantity, event.expires_at});
  state.reserved += event.quantity;
}
void apply(State& /*state*/, const ReservationRefused& /*event*/) {}
void apply(State& state, const Deducted& event) {
  state.reservations.erase(event.order);
  state.reserved -= event.quantity;
  state.on_hand -= event.quantity;
  state.sold += event.quantity;
}
void apply(State& state, const Released& event) {
  state.reservations.erase(event.order);
  state.reserved -= event.quantity;
}

template <class Event>
void request(ProductId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void request(ProductId self, const Reserved& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordReserved{self}));
}
void request(ProductId self, const ReservationRefused& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordRefused{self, event.asked, event.available}));
}

}  // namespace

Result<std::vector<Stock::Event>> Stock::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Stock::State Stock::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Stock::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

std::optional<Stock::Command> Stock::on_timer(std::string_view /*name*/, Time /*due*/) {
  return std::nullopt;
}

}  // namespace souk
