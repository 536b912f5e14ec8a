/// How far an order has come.
#pragma once

#include <algorithm>

#include "engine/order/events.hpp"

namespace souk::order {

enum class OrderState : std::uint8_t {
  kNone,
  kPlaced,
  kAwaitingPayment,
  kPaid,
  kRejected,
  kCancelled,
  kPartiallyShipped,
  kShipped,
  kDelivered,
  kCompleted,
  kClosedRefunded,
};
/// What a line's stock answered; `kReturned`: it granted too late, and was told to release again.
enum class LineStatus : std::uint8_t { kAsked, kReserved, kRefused, kReturned };

}  // namespace souk::order

template <>
struct souk::EnumNames<souk::order::OrderState> {
  static constexpr std::array<std::string_view, 11> values{"none",      "placed",    "awaiting_payment",  "paid",
                                                           "rejected",  "cancelled", "partially_shipped", "shipped",
                                                           "delivered", "completed", "closed_refunded"};
};
template <>
struct souk::EnumNames<souk::order::LineStatus> {
  static constexpr std::array<std::string_view, 4> values{"asked", "reserved", "refused", "returned"};
};

namespace souk::order {

/// How many of a line left the shop, and for how many money was given back or is about to be.
struct Progress {
  std::int64_t shipped = 0;
  std::int64_t refunded = 0;

  static constexpr auto fields() {
    return field_list(field("shipped", &Progress::shipped), field("refunded", &Progress::refunded));
  }
  friend bool operator==(const Progress&, const Progress&) = default;
};

struct Refund {
  RefundId id;
  Money amount;
  bool done = false;  ///< the money went back

  static constexpr auto fields() {
    return field_list(field("refund_id", &Refund::id), field("amount", &Refund::amount), field("done", &Refund::done));
  }
  friend bool operator==(const Refund&, const Refund&) = default;
};

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
  std::vector<PaymentId> returned;        ///< payments that came and were sent back
  std::optional<PaymentId> open_payment;  ///< the one that was begun last
  std::int64_t payments_opened = 0;
  std::vector<Progress> progress;  ///< of each line, once anything was shipped or refunded
  std::vector<Shipped> shipments;
  std::vector<Refund> refunds;
  std::optional<Time> delivered_at;

  /// Whether no other payment may be begun.
  [[nodiscard]] bool has_all_payments() const;
  [[nodiscard]] Progress progress_of(std::size_t line) const {
    return line < progress.size() ? progress[line] : Progress{};
  }
  /// How many of a line can still be given back for, and how many can still be shipped: a refund counts first against
  /// what was not shipped.
  [[nodiscard]] std::int64_t refundable(std::size_t line) const {
    return lines[line].quantity - progress_of(line).refunded;
  }
  [[nodiscard]] std::int64_t shippable(std::size_t line) const {
    return std::max<std::int64_t>(0, refundable(line) - progress_of(line).shipped);
  }

  static constexpr auto fields() {
    return field_list(
        field("state", &State::state), field("account_id", &State::account), field("lines", &State::lines),
        field("statuses", &State::statuses), field("shortages", &State::shortages), field("address", &State::address),
        field("from_cart", &State::from_cart), field("total", &State::total), field("placed_at", &State::placed_at),
        field("payment_due_at", &State::payment_due_at), field("payment_id", &State::payment),
        field("cancel_reason", &State::cancel_reason), field("returned", &State::returned),
        field("open_payment", &State::open_payment), field("payments_opened", &State::payments_opened),
        field("progress", &State::progress), field("shipments", &State::shipments), field("refunds", &State::refunds),
        field("delivered_at", &State::delivered_at));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// What somebody may still do with the order: "place", "pay", "cancel", "ship", "deliver", "confirm_receipt", "refund".
std::vector<std::string_view> legal_next_steps(const State& state);

}  // namespace souk::order
