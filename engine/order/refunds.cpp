// Giving back what was paid, whole or by line. A line's share is its price times the quantity, so any sequence of
// refunds ends at exactly what was paid: the total is the sum of the lines, and no order is paid with less or more.
#include "engine/base/utf8.hpp"
#include "engine/order/decisions.hpp"
#include "engine/payment/payment.hpp"

namespace souk::order {
namespace {

bool is_refundable(OrderState state) {
  using enum OrderState;
  return state == kPaid || state == kPartiallyShipped || state == kShipped || state == kDelivered ||
         state == kCompleted;
}

/// For each product one of what can be sold again and one of what cannot, as far as there are such.
Result<std::vector<RefundedLine>> lines_to_refund(const State& state, const RequestRefund& command) {
  std::vector<RefundedLine> sums;
  for (const auto& line : command.lines) {
    const std::size_t index = line_of(state, line.product);
    if (index == state.lines.size()) {
      return fail(ErrorCode::kInvalid, "order.line_unknown", "this product was not ordered");
    }
    if (line.quantity < 1) return fail(ErrorCode::kInvalid, "order.quantity_invalid", "a quantity is at least 1");
    std::int64_t left = state.refundable(index);
    for (const auto& sum : sums) left -= sum.product == line.product ? sum.quantity : 0;
    if (line.quantity > left) {
      return fail(ErrorCode::kConflict, "order.too_many",
                  "of this product " + std::to_string(state.refundable(index)) + " can still be refunded");
    }
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const auto& one) {
      return one.product == line.product && one.restock == line.restock;
    });
    if (sum == sums.end()) sum = sums.insert(sums.end(), {line.product, 0, line.restock});
    sum->quantity += line.quantity;
  }
  return sums;
}

/// Appends that all of the order went back, if that is so once `events` have happened.
Events closed_if_all_is_back(const State& state, Events events, Time at) {
  State after = state;
  for (const auto& event : events) after = Order::evolve(std::move(after), event);
  bool all = std::all_of(after.refunds.begin(), after.refunds.end(), [](const Refund& one) { return one.done; });
  for (std::size_t i = 0; i < after.lines.size(); ++i) all = all && after.refundable(i) == 0;
  if (all) events.emplace_back(ClosedRefunded{at});
  return events;
}

Events refund(const State& state, RefundId id, std::vector<RefundedLine> lines, std::string reason, Time at) {
  Money amount{0, state.total.currency};
  for (const auto& line : lines) {
    amount.amount += state.lines[line_of(state, line.product)].unit_price.amount * line.quantity;
  }
  RefundRequested event{id, state.payment, amount, std::move(lines), std::move(reason), false, at};
  if (state.state == OrderState::kPartiallyShipped) {
    State after = state;
    apply(after, event);
    event.completes_shipment = true;
    for (std::size_t i = 0; i < after.lines.size(); ++i) {
      event.completes_shipment = event.completes_shipment && after.shippable(i) == 0;
    }
  }
  // What cost nothing needs no provider.
  if (amount.amount == 0) return closed_if_all_is_back(state, {std::move(event), Refunded{id, amount, at}}, at);
  return Events{std::move(event)};
}

}  // namespace

Events refund_rest(const State& state, RefundId id, bool restock, std::string reason, Time at) {
  std::vector<RefundedLine> lines;
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    if (state.refundable(i) > 0) lines.push_back({state.lines[i].product, state.refundable(i), restock});
  }
  if (lines.empty()) return {};
  return refund(state, id, std::move(lines), std::move(reason), at);
}

Result<Events> on(const State& state, const RequestRefund& command) {
  const bool known = std::any_of(state.refunds.begin(), state.refunds.end(),
                                 [&](const Refund& one) { return one.id == command.refund; });
  if (known) return Events{};
  if (!is_refundable(state.state)) return illegal(state, "order.illegal_transition");
  if (!is_line_of(command.reason, 1, kRefundReasonSizeMax)) {
    return fail(ErrorCode::kInvalid, "order.reason_invalid", "reason: a line of 1 to 200 characters");
  }
  if (state.refunds.size() >= kPartsMax && !command.lines.empty()) return too_many_parts();
  if (command.lines.empty()) {
    auto events = refund_rest(state, command.refund, command.restock_all, command.reason, command.at);
    if (events.empty()) return illegal(state, "order.illegal_transition");
    return events;
  }
  auto lines = lines_to_refund(state, command);
  if (!lines) return tl::unexpected<Error>(std::move(lines.error()));
  return refund(state, command.refund, std::move(*lines), command.reason, command.at);
}

Result<Events> on(const State& state, const RecordRefunded& command) {
  if (state.payment.empty() || command.payment != state.payment) return Events{};
  const auto wanted = std::find_if(state.refunds.begin(), state.refunds.end(),
                                   [&](const Refund& one) { return one.id == command.refund; });
  if (wanted == state.refunds.end() || wanted->done) return Events{};
  return closed_if_all_is_back(state, {Refunded{command.refund, wanted->amount, command.at}}, command.at);
}

void apply(State& state, const RefundRequested& event) {
  state.progress.resize(state.lines.size());
  for (const auto& line : event.lines) {
    const std::size_t index = line_of(state, line.product);
    if (index < state.progress.size()) state.progress[index].refunded += line.quantity;
  }
  state.refunds.push_back({event.refund, event.amount, false});
  if (event.completes_shipment) state.state = OrderState::kShipped;
}
void apply(State& state, const Refunded& event) {
  for (auto& one : state.refunds) {
    if (one.id == event.refund) one.done = true;
  }
}
void apply(State& state, const ClosedRefunded& /*event*/) {
  state.state = OrderState::kClosedRefunded;
}

}  // namespace souk::order
