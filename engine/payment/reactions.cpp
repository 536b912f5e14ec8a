// What the events of a payment ask of others: its order, its provider, and its own timers.
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace payment;

void poll_at(Time when, Effects& effects) {
  effects.timers.emplace_back(SetTimer{std::string(kPollTimer), when});
}
void stop_polling(Effects& effects) {
  effects.timers.emplace_back(ClearTimer{std::string(kPollTimer)});
}

template <class Event>
void request(PaymentId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void request(PaymentId self, const Started& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordPaymentStarted{self, event.at}));
  effects.calls.emplace_back(
      provider::Create{self, event.provider, event.presentation, event.order, event.amount, event.expires_at});
  poll_at(event.at + kFirstPoll, effects);
}
void request(PaymentId self, const CreationRepeated& event, Effects& effects) {
  effects.calls.emplace_back(
      provider::Create{self, event.provider, event.presentation, event.order, event.amount, event.expires_at});
  poll_at(event.next_at, effects);
}
void request(PaymentId self, const QueryRequested& event, Effects& effects) {
  effects.calls.emplace_back(provider::Query{self, event.provider});
  poll_at(event.next_at, effects);
}
void request(PaymentId self, const CloseRequested& event, Effects& effects) {
  effects.calls.emplace_back(provider::Close{self, event.provider});
  poll_at(event.next_at, effects);
}
void request(PaymentId self, const Succeeded& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordPayment{self, event.amount, event.at}));
  stop_polling(effects);
}
void request(PaymentId /*self*/, const Failed& /*event*/, Effects& effects) {
  stop_polling(effects);
}
void request(PaymentId /*self*/, const Closed& /*event*/, Effects& effects) {
  stop_polling(effects);
}

void request(PaymentId self, const RefundRequested& event, Effects& effects) {
  effects.calls.emplace_back(provider::Refund{self, event.provider, event.attempt, event.amount, event.reason});
  effects.timers.emplace_back(SetTimer{std::string(kRefundTimer), event.next_at});
}
void request(PaymentId self, const Refunded& event, Effects& effects) {
  if (!event.order.empty()) {
    effects.tells.push_back(tell<Order>(event.order, order::RecordRefunded{self, event.attempt, event.at}));
  }
}
void request(PaymentId self, const RefundsRepeated& event, Effects& effects) {
  for (const auto& refund : event.refunds) {
    effects.calls.emplace_back(provider::Refund{self, event.provider, refund.attempt, refund.amount, refund.reason});
  }
  effects.timers.emplace_back(SetTimer{std::string(kRefundTimer), event.next_at});
}

}  // namespace

Effects Payment::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

}  // namespace souk
