#include "engine/payment/payment.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace payment;
using Events = std::vector<Payment::Event>;

bool is_provider(std::string_view name) {
  const auto is_safe = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kProviderSizeMax && std::all_of(name.begin(), name.end(), is_safe);
}

Result<Events> on(const State& state, const Start& command) {
  if (state.status != Status::kNone) {
    return fail(ErrorCode::kConflict, "payment.exists", "this payment is started already");
  }
  if (!is_provider(command.provider)) {
    return fail(ErrorCode::kInvalid, "payment.provider_invalid", "a provider has 1 to 32 characters of a-z, 0-9, _");
  }
  if (command.amount.amount < 0 || command.amount.amount > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "payment.amount_invalid", "an amount is 0 to 2^53-1 minor units");
  }
  return Events{Started{command.order, command.account, command.provider, command.amount, command.at}};
}

Result<Events> on(const State& state, const RecordOutcome& command) {
  if (state.status == Status::kNone) {
    return fail(ErrorCode::kNotFound, "payment.not_found", "there is no such payment");
  }
  if (!is_line_of(command.provider_reference, 0, kReferenceBytesMax)) {
    return fail(ErrorCode::kInvalid, "payment.reference_invalid", "a reference has at most 256 characters");
  }
  const bool failed = state.status == Status::kFailed;
  if (command.succeeded && (failed || state.status == Status::kStarted)) {
    return Events{Succeeded{state.order, command.provider_reference, state.amount, command.at}};
  }
  if (!command.succeeded && state.status == Status::kStarted) {
    return Events{Failed{state.order, command.provider_reference, command.at}};
  }
  return Events{};
}

Result<Events> on(const State& state, const Refund& command) {
  const bool may_try =
      state.status == Status::kSucceeded || (state.status == Status::kRefundFailed && state.refund != command.attempt);
  if (!may_try) return Events{};
  const Money left{state.captured - state.refunded, state.amount.currency};
  return Events{RefundRequested{command.attempt, state.provider, left, command.reason}};
}

Result<Events> on(const State& state, const RecordRefund& command) {
  if (state.refund != command.attempt) return Events{};
  const bool is_open = state.status == Status::kRefunding;
  // A provider that first reported a failure may find out later that the money left after all.
  if (command.succeeded && (is_open || state.status == Status::kRefundFailed)) {
    const Money left{state.captured - state.refunded, state.amount.currency};
    return Events{Refunded{command.attempt, left, command.at}};
  }
  if (!command.succeeded && is_open) return Events{RefundFailed{command.attempt, command.at}};
  return Events{};
}

void apply(State& state, const Started& event) {
  state.status = Status::kStarted;
  state.order = event.order;
  state.account = event.account;
  state.provider = event.provider;
  state.amount = event.amount;
}
void apply(State& state, const Succeeded& event) {
  state.status = Status::kSucceeded;
  state.captured = event.amount.amount;
  state.provider_reference = event.provider_reference;
}
void apply(State& state, const Failed& event) {
  state.status = Status::kFailed;
  state.provider_reference = event.provider_reference;
}
void apply(State& state, const RefundRequested& event) {
  state.status = Status::kRefunding;
  state.refund = event.attempt;
}
void apply(State& state, const Refunded& event) {
  state.status = Status::kRefunded;
  state.refunded += event.amount.amount;
}
void apply(State& state, const RefundFailed& /*event*/) {
  state.status = Status::kRefundFailed;
}

template <class Event>
void request(PaymentId /*self*/, const Event& /*event*/, Effects& /*effects*/) {}

void request(PaymentId self, const Succeeded& event, Effects& effects) {
  effects.tells.push_back(tell<Order>(event.order, order::RecordPayment{self, event.amount}));
}
void request(PaymentId self, const RefundRequested& event, Effects& effects) {
  effects.calls.emplace_back(ProviderRefund{self, event.provider, event.attempt, event.amount});
}

}  // namespace

Result<std::vector<Payment::Event>> Payment::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Payment::State Payment::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Payment::react(Id self, const Event& event) {
  Effects effects;
  std::visit([&](const auto& happened) { request(self, happened, effects); }, event);
  return effects;
}

std::optional<Payment::Command> Payment::on_timer(std::string_view /*name*/, Time /*due*/) {
  return std::nullopt;
}

namespace payment {

RefundId first_refund_of(PaymentId payment) {
  // Frozen: providers know attempts by it. Any constant does that keeps the two ids apart.
  constexpr Id128 kApart{0x7265'6675'6e64'2d31ULL, 0};
  return RefundId{{payment.value.high ^ kApart.high, payment.value.low ^ kApart.low}};
}

}  // namespace payment
}  // namespace souk
