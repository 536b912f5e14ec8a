#include "engine/order/order.hpp"

#include <algorithm>

#include "engine/order/decisions.hpp"
#include "engine/order/placement.hpp"
#include "engine/payment/payment.hpp"

namespace souk {
namespace {

using namespace order;

std::vector<ProductId> reserved_products(const State& state) {
  std::vector<ProductId> products;
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    if (state.statuses[i] == LineStatus::kReserved) products.push_back(state.lines[i].product);
  }
  return products;
}

bool is_open(const State& state) {
  return state.state == OrderState::kPlaced || state.state == OrderState::kAwaitingPayment;
}

Result<Events> on(const State& state, const Place& command) {
  if (state.state != OrderState::kNone) {
    return fail(ErrorCode::kConflict, "order.exists", "this order is placed already");
  }
  auto placed = judge_placement(command);
  if (!placed) return tl::unexpected<Error>(std::move(placed.error()));
  return Events{std::move(*placed)};
}

/// Whether `line` was the only one whose stock had not answered.
bool is_last_answer(const State& state, std::size_t line) {
  for (std::size_t i = 0; i < state.statuses.size(); ++i) {
    if (i != line && state.statuses[i] == LineStatus::kAsked) return false;
  }
  return true;
}

AwaitingPayment awaiting_payment(const State& state) {
  AwaitingPayment event;
  if (!state.from_cart) return event;
  event.cart = state.account;
  for (const auto& line : state.lines) event.items.push_back(cart::Item{line.product, line.quantity});
  return event;
}

/// The last line of an order that costs nothing has its stock: nobody needs to pay.
Events paid_with_nothing(const State& state, const RecordReserved& command) {
  auto products = reserved_products(state);
  products.push_back(command.product);
  return Events{LineReserved{command.product}, awaiting_payment(state),
                Paid{PaymentId{command.order.value}, state.total, std::move(products), state.placed_at}};
}

Result<Events> on(const State& state, const RecordReserved& command) {
  const std::size_t line = line_of(state, command.product);
  // A reservation that nobody here asked for would never be ended.
  if (line == state.lines.size()) return Events{ReservationReturned{command.product}};
  if (state.statuses[line] != LineStatus::kAsked) return Events{};
  if (state.state != OrderState::kPlaced) return Events{ReservationReturned{command.product}};

  Events events{LineReserved{command.product}};
  if (!is_last_answer(state, line)) return events;
  if (state.shortages.empty()) {
    if (state.total.amount == 0) return paid_with_nothing(state, command);
    events.emplace_back(awaiting_payment(state));
    return events;
  }
  Rejected rejected{state.shortages, reserved_products(state)};
  rejected.reserved.push_back(command.product);
  events.emplace_back(std::move(rejected));
  return events;
}

Result<Events> on(const State& state, const RecordRefused& command) {
  const std::size_t line = line_of(state, command.product);
  if (line == state.lines.size() || state.statuses[line] != LineStatus::kAsked) return Events{};
  if (state.state != OrderState::kPlaced) return Events{};

  Events events{LineRefused{command.product, command.asked, command.available}};
  if (!is_last_answer(state, line)) return events;
  Rejected rejected{state.shortages, reserved_products(state)};
  rejected.shortages.push_back(Shortage{command.product, command.asked, command.available});
  events.emplace_back(std::move(rejected));
  return events;
}

Result<Events> on(const State& state, const Cancel& command) {
  if (state.state == OrderState::kNone) return fail(ErrorCode::kNotFound, "order.not_found", "there is no such order");
  if (state.state == OrderState::kCancelled) return Events{};
  if (state.state == OrderState::kPaid) {
    Events events{Cancelled{command.reason, {}, command.at, std::nullopt}};
    auto refund = refund_rest(state, payment::first_refund_of(state.payment), true, "order_cancelled", command.at);
    for (auto& event : refund) events.push_back(std::move(event));
    return events;
  }
  if (!is_open(state)) return illegal(state, "order.not_cancellable");
  return Events{Cancelled{command.reason, reserved_products(state), command.at, state.open_payment}};
}

Result<Events> on(const State& state, const ExpirePayment& command) {
  if (!is_open(state) || command.due < state.payment_due_at) return Events{};
  return Events{Cancelled{CancelReason::kPaymentTimeout, reserved_products(state), command.due, state.open_payment}};
}

Result<Events> on(const State& state, const RecordPaymentStarted& command) {
  if (state.open_payment == command.payment) return Events{};
  // It may have paid already.
  if (state.payment == command.payment) return Events{};
  if (state.state != OrderState::kAwaitingPayment || state.has_all_payments()) {
    return Events{PaymentUnwanted{command.payment, command.at}};
  }
  return Events{PaymentOpened{command.payment, state.open_payment, command.at}};
}

Result<Events> on(const State& state, const RecordPayment& command) {
  const auto give_back = [&](ReturnReason reason) {
    return Events{PaymentReturned{command.payment, command.amount, reason, command.at}};
  };
  const bool was_returned =
      std::find(state.returned.begin(), state.returned.end(), command.payment) != state.returned.end();
  if (was_returned) return Events{};
  if (!state.payment.empty()) {
    return state.payment == command.payment ? Events{} : give_back(ReturnReason::kOrderAlreadyPaid);
  }
  switch (state.state) {
    case OrderState::kAwaitingPayment: break;
    case OrderState::kNone: return give_back(ReturnReason::kOrderUnknown);
    default: return give_back(ReturnReason::kOrderNotPayable);
  }
  if (command.amount != state.total) return give_back(ReturnReason::kWrongAmount);
  const bool other_is_open = state.open_payment && state.open_payment != command.payment;
  return Events{Paid{command.payment, command.amount, reserved_products(state), command.at,
                     other_is_open ? state.open_payment : std::nullopt}};
}

void apply(State& state, const Placed& event) {
  state.state = OrderState::kPlaced;
  state.account = event.account;
  state.lines = event.lines;
  state.statuses.assign(event.lines.size(), LineStatus::kAsked);
  state.address = event.address;
  state.from_cart = event.from_cart;
  state.total = event.total;
  state.placed_at = event.placed_at;
  state.payment_due_at = event.payment_due_at;
}

void set_status(State& state, ProductId product, LineStatus status) {
  const std::size_t line = line_of(state, product);
  if (line < state.statuses.size()) state.statuses[line] = status;
}

void apply(State& state, const LineReserved& event) {
  set_status(state, event.product, LineStatus::kReserved);
}
void apply(State& state, const LineRefused& event) {
  set_status(state, event.product, LineStatus::kRefused);
  state.shortages.push_back(Shortage{event.product, event.asked, event.available});
}
void apply(State& state, const AwaitingPayment& /*event*/) {
  state.state = OrderState::kAwaitingPayment;
}
void apply(State& state, const Rejected& /*event*/) {
  state.state = OrderState::kRejected;
}
void apply(State& state, const ReservationReturned& event) {
  set_status(state, event.product, LineStatus::kReturned);
}
void apply(State& state, const Cancelled& event) {
  state.state = OrderState::kCancelled;
  state.cancel_reason = event.reason;
  state.open_payment.reset();
}
void apply(State& state, const Paid& event) {
  state.state = OrderState::kPaid;
  state.payment = event.payment;
  state.open_payment.reset();
}
void apply(State& state, const PaymentReturned& event) {
  state.returned.push_back(event.payment);
}
void apply(State& state, const PaymentOpened& event) {
  state.open_payment = event.payment;
  ++state.payments_opened;
}
void apply(State& /*state*/, const PaymentUnwanted& /*event*/) {}

}  // namespace

Result<std::vector<Order::Event>> Order::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Order::State Order::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

std::optional<Order::Command> Order::on_timer(std::string_view name, Time due, Time /*now*/) {
  if (name == kPaymentDue) return ExpirePayment{due};
  return std::nullopt;
}

namespace order {

bool State::has_all_payments() const {
  return payments_opened >= kPaymentsMax;
}

std::size_t line_of(const State& state, ProductId product) {
  const auto found =
      std::find_if(state.lines.begin(), state.lines.end(), [&](const Line& line) { return line.product == product; });
  return static_cast<std::size_t>(found - state.lines.begin());
}

tl::unexpected<Error> illegal(const State& state, std::string_view reason) {
  if (state.state == OrderState::kNone) return fail(ErrorCode::kNotFound, "order.not_found", "there is no such order");
  std::string detail = "the order is " + std::string(name_of(state.state)) + "; what can be done next: ";
  const auto steps = legal_next_steps(state);
  if (steps.empty()) detail += "nothing";
  for (std::size_t i = 0; i < steps.size(); ++i) detail.append(i == 0 ? "" : ", ").append(steps[i]);
  return fail(ErrorCode::kConflict, reason, std::move(detail));
}

tl::unexpected<Error> too_many_parts() {
  return fail(ErrorCode::kConflict, "order.too_many_parts",
              "an order is shipped and refunded in at most 100 parts; without lines, all that is left goes at once");
}

std::vector<std::string_view> legal_next_steps(const State& state) {
  std::vector<std::string_view> steps;
  switch (state.state) {
    case OrderState::kNone: return {"place"};
    case OrderState::kPlaced: return {"cancel"};
    case OrderState::kAwaitingPayment: return {"pay", "cancel"};
    case OrderState::kPaid: steps = {"cancel"}; break;
    case OrderState::kShipped: steps = {"deliver", "confirm_receipt"}; break;
    case OrderState::kDelivered: steps = {"confirm_receipt"}; break;
    case OrderState::kPartiallyShipped:
    case OrderState::kCompleted: break;
    case OrderState::kRejected:
    case OrderState::kCancelled:
    case OrderState::kClosedRefunded: return {};
  }
  bool any_shippable = false;
  bool any_refundable = false;
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    any_shippable = any_shippable || state.shippable(i) > 0;
    any_refundable = any_refundable || state.refundable(i) > 0;
  }
  const bool is_shippable = state.state == OrderState::kPaid || state.state == OrderState::kPartiallyShipped;
  if (is_shippable && any_shippable) steps.emplace_back("ship");
  if (any_refundable) steps.emplace_back("refund");
  return steps;
}

}  // namespace order
}  // namespace souk
