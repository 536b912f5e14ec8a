/// What must hold of every order at all times, for tests.
#pragma once

#include "engine/entities.hpp"

namespace souk::testing {

/// Refunds sum to the shares of what they are for, and no line gives back or ships more than was ordered.
inline bool refunds_are_sound(const order::State& state) {
  std::int64_t wanted = 0;
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    const auto progress = state.progress_of(i);
    wanted += state.lines[i].unit_price.amount * progress.refunded;
    if (progress.refunded < 0 || progress.refunded > state.lines[i].quantity) return false;
    if (progress.shipped < 0 || progress.shipped > state.lines[i].quantity) return false;
  }
  for (const auto& refund : state.refunds) wanted -= refund.amount.amount;
  return wanted == 0;
}

inline bool is_sound(const order::State& state) {
  using order::LineStatus;
  using order::OrderState;
  if (state.statuses.size() != state.lines.size()) return false;
  Money total = state.total;
  total.amount = 0;
  bool all_reserved = true;
  bool any_asked = false;
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    total = add(total, multiply(state.lines[i].unit_price, state.lines[i].quantity).value()).value();
    all_reserved = all_reserved && state.statuses[i] == LineStatus::kReserved;
    any_asked = any_asked || state.statuses[i] == LineStatus::kAsked;
  }
  if (total != state.total) return false;
  switch (state.state) {
    case OrderState::kNone: return state.lines.empty();
    case OrderState::kPlaced: return any_asked && state.payment.empty();
    case OrderState::kAwaitingPayment: return all_reserved && state.payment.empty();
    case OrderState::kPaid:
    case OrderState::kPartiallyShipped:
    case OrderState::kShipped:
    case OrderState::kDelivered:
    case OrderState::kCompleted: return all_reserved && !state.payment.empty() && refunds_are_sound(state);
    case OrderState::kClosedRefunded: {
      std::int64_t back = 0;
      for (const auto& refund : state.refunds) back += refund.done ? refund.amount.amount : 0;
      return back == state.total.amount && refunds_are_sound(state);
    }
    case OrderState::kRejected: return !any_asked && !state.shortages.empty() && state.payment.empty();
    case OrderState::kCancelled: return state.cancel_reason.has_value() && refunds_are_sound(state);
  }
  return false;
}

}  // namespace souk::testing
