/// How far an order has come.
#pragma once

#include <span>

#include "engine/order/events.hpp"

namespace souk::order {

enum class OrderState : std::uint8_t { kNone, kPlaced, kAwaitingPayment, kPaid, kRejected, kCancelled };
/// What a line's stock answered; `kReturned`: it granted too late, and was told to release again.
enum class LineStatus : std::uint8_t { kAsked, kReserved, kRefused, kReturned };

}  // namespace souk::order

template <>
struct souk::EnumNames<souk::order::OrderState> {
  static constexpr std::array<std::string_view, 6> values{"none", "placed",   "awaiting_payment",
                                                          "paid", "rejected", "cancelled"};
};
template <>
struct souk::EnumNames<souk::order::LineStatus> {
  static constexpr std::array<std::string_view, 4> values{"asked", "reserved", "refused", "returned"};
};

namespace souk::order {

struct State {
  OrderState state = OrderState::kNone;
  AccountId account;
  std::vector<Line> lines;           ///< as placed
  std::vector<LineStatus> statuses;  ///< what each line's stock answered, in the order of the lines
  std::vector<Shortage> shortages;
  Personal<Address> address;
  bool from_cart = false;
  Money total;
  Time placed_at;
  Time payment_due_at;
  PaymentId payment;  ///< the one that paid
  std::optional<CancelReason> cancel_reason;
  std::vector<PaymentId> returned;  ///< payments that came and were sent back
  std::optional<PaymentId> open_payment;  ///< the one that was begun last

  static constexpr auto fields() {
    return field_list(
        field("state", &State::state), field("account_id", &State::account), field("lines", &State::lines),
        field("statuses", &State::statuses), field("shortages", &State::shortages), field("address", &State::address),
        field("from_cart", &State::from_cart), field("total", &State::total), field("placed_at", &State::placed_at),
        field("payment_due_at", &State::payment_due_at), field("payment_id", &State::payment),
        field("cancel_reason", &State::cancel_reason), field("returned", &State::returned),
        field("open_payment", &State::open_payment));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// What somebody may still do with an order in this state: "place", "pay", "cancel"; nothing in a final one.
std::span<const std::string_view> legal_next_steps(OrderState state);

}  // namespace souk::order
