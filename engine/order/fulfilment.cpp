// From paid to completed: shipments, delivery, receipt.
#include "engine/base/utf8.hpp"
#include "engine/order/decisions.hpp"

namespace souk::order {
namespace {

bool is_shippable(OrderState state) {
  return state == OrderState::kPaid || state == OrderState::kPartiallyShipped;
}

/// One for each product, or everything that can be shipped.
Result<std::vector<ShippedLine>> lines_to_ship(const State& state, const Ship& command) {
  std::vector<ShippedLine> sums;
  if (command.lines.empty()) {
    for (std::size_t i = 0; i < state.lines.size(); ++i) {
      if (state.shippable(i) > 0) sums.push_back({state.lines[i].product, state.shippable(i)});
    }
    return sums;
  }
  for (const auto& line : command.lines) {
    const std::size_t index = line_of(state, line.product);
    if (index == state.lines.size()) {
      return fail(ErrorCode::kInvalid, "order.line_unknown", "this product was not ordered");
    }
    if (line.quantity < 1) return fail(ErrorCode::kInvalid, "order.quantity_invalid", "a quantity is at least 1");
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const auto& one) { return one.product == line.product; });
    if (sum == sums.end()) sum = sums.insert(sums.end(), {line.product, 0});
    if (line.quantity > state.shippable(index) - sum->quantity) {
      return fail(ErrorCode::kConflict, "order.too_many",
                  "of this product " + std::to_string(state.shippable(index)) + " can still be shipped");
    }
    sum->quantity += line.quantity;
  }
  return sums;
}

}  // namespace

Result<Events> on(const State& state, const Ship& command) {
  const auto known = std::find_if(state.shipments.begin(), state.shipments.end(),
                                  [&](const Shipped& one) { return one.shipment == command.shipment; });
  if (known != state.shipments.end()) return Events{};
  if (!is_shippable(state.state)) return illegal(state, "order.illegal_transition");
  if (state.shipments.size() >= kPartsMax && !command.lines.empty()) return too_many_parts();
  if (!is_line_of(command.carrier, 1, kCarrierSizeMax)) {
    return fail(ErrorCode::kInvalid, "order.carrier_invalid", "carrier: a line of 1 to 100 characters");
  }
  if (!is_line_of(command.tracking_number, 0, kTrackingNumberSizeMax)) {
    return fail(ErrorCode::kInvalid, "order.tracking_number_invalid", "tracking_number: at most 100 characters");
  }
  auto lines = lines_to_ship(state, command);
  if (!lines) return tl::unexpected<Error>(std::move(lines.error()));
  if (lines->empty()) return illegal(state, "order.illegal_transition");
  Shipped shipped{command.shipment, std::move(*lines), command.carrier, command.tracking_number, false, command.at};
  State after = state;
  apply(after, shipped);
  shipped.complete = true;
  for (std::size_t i = 0; i < after.lines.size(); ++i) shipped.complete = shipped.complete && after.shippable(i) == 0;
  return Events{std::move(shipped)};
}

Result<Events> on(const State& state, const MarkDelivered& command) {
  if (state.state == OrderState::kDelivered) return Events{};
  if (state.state != OrderState::kShipped) return illegal(state, "order.illegal_transition");
  return Events{Delivered{command.at}};
}

Result<Events> on(const State& state, const ConfirmReceipt& command) {
  if (state.state == OrderState::kCompleted) return Events{};
  if (state.state == OrderState::kShipped) return Events{Delivered{command.at}, Completed{true, command.at}};
  if (state.state != OrderState::kDelivered) return illegal(state, "order.illegal_transition");
  return Events{Completed{true, command.at}};
}

Result<Events> on(const State& state, const Complete& command) {
  if (state.state == OrderState::kCompleted) return Events{};
  if (state.state != OrderState::kDelivered) return illegal(state, "order.illegal_transition");
  if (command.at < *state.delivered_at + command.after) {
    return fail(ErrorCode::kConflict, "order.too_early", "it was delivered too short a time ago");
  }
  return Events{Completed{false, command.at}};
}

void apply(State& state, const Shipped& event) {
  state.progress.resize(state.lines.size());
  for (const auto& line : event.lines) {
    const std::size_t index = line_of(state, line.product);
    if (index < state.progress.size()) state.progress[index].shipped += line.quantity;
  }
  state.shipments.push_back(event);
  state.state = event.complete ? OrderState::kShipped : OrderState::kPartiallyShipped;
}
void apply(State& state, const Delivered& event) {
  state.state = OrderState::kDelivered;
  state.delivered_at = event.at;
}
void apply(State& state, const Completed& /*event*/) {
  state.state = OrderState::kCompleted;
}

}  // namespace souk::order
