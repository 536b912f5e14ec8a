// What the events of an order ask of others: its reservations, its timer, its cart and its payments.
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace order;

void release(OrderId self, const std::vector<ProductId>& products, std::string_view reason, Effects& effects) {
  for (const auto& product : products) {
    effects.tells.push_back(tell<Stock>(product, stock::Release{self, std::string(reason)}));
  }
}

void close(const std::optional<PaymentId>& payment, std::string_view reason, Time at, Effects& effects) {
  if (payment) effects.tells.push_back(tell<Payment>(*payment, payment::Close{std::string(reason), at}));
}

void clear_timer(Effects& effects) {
  effects.timers.emplace_back(ClearTimer{std::string(kPaymentDue)});
}

void request(OrderId self, const Placed& event, Effects& effects) {
  effects.tells.reserve(event.lines.size());
  for (const auto& line : event.lines) {
    effects.tells.push_back(tell<Stock>(line.product, stock::Reserve{self, line.quantity, event.payment_due_at}));
  }
  effects.timers.emplace_back(SetTimer{std::string(kPaymentDue), event.payment_due_at});
}

void request(OrderId /*self*/, const LineReserved& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const LineRefused& /*event*/, Effects& /*effects*/) {}

void request(OrderId self, const AwaitingPayment& event, Effects& effects) {
  if (event.cart) effects.tells.push_back(tell<Cart>(*event.cart, cart::TakeOrdered{self, event.items}));
}

void request(OrderId self, const Rejected& event, Effects& effects) {
  release(self, event.reserved, "order_rejected", effects);
  clear_timer(effects);
}

void request(OrderId self, const ReservationReturned& event, Effects& effects) {
  release(self, {event.product}, "reservation_unwanted", effects);
}

void request(OrderId self, const Cancelled& event, Effects& effects) {
  const bool timed_out = event.reason == CancelReason::kPaymentTimeout;
  const std::string_view reason = timed_out ? "payment_timeout" : "order_cancelled";
  release(self, event.reserved, reason, effects);
  close(event.open_payment, reason, event.at, effects);
  clear_timer(effects);
}

void request(OrderId self, const Paid& event, Effects& effects) {
  for (const auto& product : event.products) effects.tells.push_back(tell<Stock>(product, stock::Deduct{self}));
  close(event.open_payment, "order_paid", event.at, effects);
  clear_timer(effects);
}

void request(OrderId /*self*/, const PaymentReturned& event, Effects& effects) {
  effects.tells.push_back(
      tell<Payment>(event.payment, payment::Refund{payment::first_refund_of(event.payment),
                                                   std::string(name_of(event.reason)), std::nullopt, event.at}));
}

void request(OrderId /*self*/, const PaymentOpened& event, Effects& effects) {
  close(event.superseded, "superseded", event.at, effects);
}
void request(OrderId self, const RefundRequested& event, Effects& effects) {
  if (event.amount.amount > 0) {
    effects.tells.push_back(
        tell<Payment>(event.payment, payment::Refund{event.refund, event.reason, event.amount, event.at}));
  }
  for (const auto& line : event.lines) {
    if (!line.restock) continue;
    effects.tells.push_back(tell<Stock>(line.product, stock::Restock{event.refund, self, line.quantity}));
  }
}
void request(OrderId /*self*/, const Shipped& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const Delivered& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const Completed& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const Refunded& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const ClosedRefunded& /*event*/, Effects& /*effects*/) {}
void request(OrderId /*self*/, const PaymentUnwanted& event, Effects& effects) {
  close(event.payment, "order_not_payable", event.at, effects);
}

}  // namespace

Effects Order::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

}  // namespace souk
