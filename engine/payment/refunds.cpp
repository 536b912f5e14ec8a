// Giving money back: never more than was captured, and each attempt until it is answered.
#include <algorithm>

#include "engine/payment/decisions.hpp"

namespace souk::payment {
namespace {

const RefundState* refund_of(const State& state, RefundId attempt) {
  const auto found = std::find_if(state.refunds.begin(), state.refunds.end(),
                                  [&](const RefundState& refund) { return refund.attempt == attempt; });
  return found == state.refunds.end() ? nullptr : &*found;
}

}  // namespace

std::int64_t State::refundable() const {
  std::int64_t left = captured;
  for (const auto& refund : refunds) left -= refund.amount.amount;
  return left;
}

Result<Events> on(const State& state, const Refund& command) {
  if (state.status != Status::kSucceeded || refund_of(state, command.attempt) != nullptr) return Events{};
  const std::int64_t left = state.refundable();
  const Money amount = command.amount.value_or(Money{left, state.amount.currency});
  if (!command.amount && left == 0) return Events{};
  const bool fits = amount.currency == state.amount.currency && amount.amount >= 1 && amount.amount <= left &&
                    state.refunds.size() < kRefundsMax;
  if (!fits) return Events{RefundDeclined{command.attempt, state.order, amount}};
  return Events{RefundRequested{command.attempt, state.provider, amount, command.reason, command.at,
                                command.at + kFirstRefundRepeat}};
}

Result<Events> on(const State& state, const RecordRefund& command) {
  const RefundState* refund = refund_of(state, command.attempt);
  if (refund == nullptr || refund->status == RefundStatus::kRefunded) return Events{};
  switch (command.report.outcome) {
    // A provider that first refused may find out later that the money left after all.
    case provider::RefundOutcome::kRefunded:
      return Events{Refunded{command.attempt, refund->amount, command.at, state.order}};
    case provider::RefundOutcome::kRefused:
      if (refund->status == RefundStatus::kRefused) return Events{};
      return Events{
          RefundFailed{command.attempt, command.at, line_or_nothing(command.report.problem, kProblemSizeMax)}};
    case provider::RefundOutcome::kUnknown: break;  // the timer asks again
  }
  return Events{};
}

Result<Events> on(const State& state, const RepeatRefunds& command) {
  if (command.due < state.next_refund_at) return Events{};
  RefundsRepeated repeated{state.provider, {}, state.refund_ticks + 1, {}};
  for (const auto& refund : state.refunds) {
    if (refund.status != RefundStatus::kRequested) continue;
    repeated.refunds.push_back({refund.attempt, refund.amount, refund.reason});
  }
  if (repeated.refunds.empty()) return Events{};
  repeated.next_at = command.due + back_off(kFirstRefundRepeat, repeated.tick);
  return Events{std::move(repeated)};
}

Result<Events> on(const State& state, const RetryRefund& command) {
  const RefundState* refund = refund_of(state, command.attempt);
  if (refund == nullptr) {
    return fail(ErrorCode::kNotFound, "payment.refund_not_found", "there is no such refund");
  }
  if (refund->status == RefundStatus::kRequested) return Events{};
  if (refund->status == RefundStatus::kRefunded) {
    return fail(ErrorCode::kConflict, "payment.refund_not_refused", "this refund was made");
  }
  return Events{RefundRequested{command.attempt, state.provider, refund->amount, refund->reason, command.at,
                                command.at + kFirstRefundRepeat}};
}

}  // namespace souk::payment
