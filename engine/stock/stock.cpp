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

/// What came in by whichever way bounds what can ever be on hand, so that no sum here can overflow later.
std::int64_t room_left(const State& state) {
  return kIntegerMax - state.received - state.restocked - std::max<std::int64_t>(state.adjusted, 0);
}

/// Says so once when what is available crosses the threshold, in either direction.
Events with_level(const State& state, Events events, std::int64_t available, Mode mode,
                  std::optional<std::int64_t> threshold) {
  if (mode == Mode::kUntracked || !threshold) return events;
  const bool low = available <= *threshold;
  if (low && !state.low) events.emplace_back(Low{available, *threshold});
  if (!low && state.low) events.emplace_back(Replenished{available, *threshold});
  return events;
}

Events with_level(const State& state, Stock::Event event, std::int64_t available) {
  return with_level(state, Events{std::move(event)}, available, state.mode, state.low_threshold);
}

Result<Events> on(const State& state, const Receive& command) {
  if (command.quantity < 1 || command.quantity > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "stock.quantity_invalid", "a quantity received is 1 to 2^53-1");
  }
  if (auto checked = check_reason(command.reason); !checked) return tl::unexpected<Error>(checked.error());
  if (command.quantity > room_left(state)) {
    return fail(ErrorCode::kConflict, "stock.too_large", "there would be more than 2^53-1");
  }
  return with_level(state, Received{command.quantity, command.reason}, state.available() + command.quantity);
}

Result<Events> on(const State& state, const Adjust& command) {
  // Only a stock that is not tracked can have less than none.
  const std::int64_t least = state.mode == Mode::kUntracked ? -kIntegerMax : 0;
  if (command.from < least || command.to < 0 || command.from > kIntegerMax || command.to > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "stock.quantity_invalid", "a quantity counted is 0 to 2^53-1");
  }
  if (auto checked = check_reason(command.reason); !checked) return tl::unexpected<Error>(checked.error());
  if (command.from != state.on_hand) {
    return fail(ErrorCode::kConflict, "stock.stale", "there are " + std::to_string(state.on_hand) + " on hand now");
  }
  if (state.mode == Mode::kTracked && command.to < state.reserved) {
    return fail(ErrorCode::kConflict, "stock.below_reserved", std::to_string(state.reserved) + " are reserved");
  }
  if (command.to == command.from) return Events{};
  const std::int64_t change = command.to - command.from;
  if (state.adjusted + change > kIntegerMax - state.received - state.restocked ||
      state.adjusted + change < -kIntegerMax) {
    return fail(ErrorCode::kConflict, "stock.too_large", "the corrections would exceed 2^53-1");
  }
  return with_level(state, Adjusted{command.from, command.to, command.reason}, state.available() + change);
}

Result<Events> on(const State& state, const Configure& command) {
  const Mode mode = command.mode.value_or(state.mode);
  const auto threshold = command.low_threshold.value_or(state.low_threshold);
  if (threshold && (*threshold < 0 || *threshold > kIntegerMax)) {
    return fail(ErrorCode::kInvalid, "stock.threshold_invalid", "a threshold is 0 to 2^53-1");
  }
  if (mode == state.mode && threshold == state.low_threshold) return Events{};
  if (mode == Mode::kTracked && state.reserved > state.on_hand) {
    return fail(ErrorCode::kConflict, "stock.below_reserved",
                std::to_string(state.reserved) + " are reserved and " + std::to_string(state.on_hand) +
                    " on hand: count and adjust before it is tracked");
  }
  // Without tracking on_hand may have fallen below zero although nothing is reserved.
  if (mode == Mode::kTracked && state.on_hand < 0) {
    return fail(ErrorCode::kConflict, "stock.below_reserved", "count and adjust before it is tracked");
  }
  return with_level(state, Events{Configured{mode, threshold}}, state.available(), mode, threshold);
}

Result<Events> on(const State& state, const Reserve& command) {
  // The answer to the first asking is in the log and reaches the order by itself.
  if (state.reservations.contains(command.order)) return Events{};
  // Nobody can have sold more than 2^53-1, not even of what is never short.
  const bool countable = command.quantity >= 1 && command.quantity <= kIntegerMax - state.sold - state.reserved &&
                         command.quantity <= kIntegerMax + state.available();
  if (!countable || !state.has(command.quantity)) {
    return Events{ReservationRefused{command.order, command.quantity, std::max<std::int64_t>(state.available(), 0)}};
  }
  return with_level(state, Reserved{command.order, command.quantity, command.expires_at},
                    state.available() - command.quantity);
}

Result<Events> on(const State& state, const Deduct& command) {
  const auto found = state.reservations.find(command.order);
  if (found == state.reservations.end()) return Events{};
  return Events{Deducted{command.order, found->second.quantity}};
}

Result<Events> on(const State& state, const Release& command) {
  const auto found = state.reservations.find(command.order);
  if (found == state.reservations.end()) return Events{};
  return with_level(state, Released{command.order, found->second.quantity, command.reason},
                    state.available() + found->second.quantity);
}

Result<Events> on(const State& state, const Restock& command) {
  if (std::find(state.refunds.begin(), state.refunds.end(), command.refund) != state.refunds.end()) return Events{};
  const std::int64_t quantity = std::min(command.quantity, room_left(state));
  if (quantity < 1) return Events{};
  return with_level(state, Restocked{command.refund, command.order, quantity}, state.available() + quantity);
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
void apply(State& state, const Restocked& event) {
  state.restocked += event.quantity;
  state.on_hand += event.quantity;
  if (state.refunds.size() == kRefundsKnownMax) state.refunds.erase(state.refunds.begin());
  state.refunds.push_back(event.refund);
}
void apply(State& state, const Configured& event) {
  state.mode = event.mode;
  state.low_threshold = event.low_threshold;
  if (event.mode == Mode::kUntracked || !event.low_threshold) state.low = false;
}
void apply(State& state, const Low& /*event*/) {
  state.low = true;
}
void apply(State& state, const Replenished& /*event*/) {
  state.low = false;
}

template <class Event>
void request(ProductId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void request(ProductId self, const Reserved& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordReserved{self, event.order}));
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

std::optional<Stock::Command> Stock::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
