/// An order: what was bought at which price, and how far it has come. Commands and the entity; events and state are
/// in order/events.hpp and order/state.hpp.
///
///   none ─Place→ placed ─every line reserved→ awaiting_payment ─paid→ paid
///                   │  └─a line refused→ rejected        │
///                   └────────Cancel, payment due─────────┴→ cancelled
///
/// Errors of Place: kConflict "order.exists", "order.total_changed"; kInvalid "order.empty", "order.too_many_lines",
/// "order.quantity_invalid", "order.quantity_too_large", "order.price_invalid", "order.mixed_currencies",
/// "order.total_out_of_range", "order.address_missing", "order.payment_due_invalid".
/// Errors of Cancel: kNotFound "order.not_found"; kConflict "order.not_cancellable".
/// The others are effects and timers and never fail.
#pragma once

#include "engine/order/events.hpp"
#include "engine/order/state.hpp"

namespace souk::order {

inline constexpr std::size_t kLinesMax = 100;
inline constexpr std::int64_t kQuantityMax = 9'999;
inline constexpr std::string_view kPaymentDue = "payment_due";  ///< the order's one timer

/// Lines of one product are summed before anything else is looked at; the first one's snapshot counts.
struct Place {
  AccountId account;
  std::vector<Line> lines;
  Personal<Address> address;
  bool from_cart = false;
  Time placed_at;
  Time payment_due_at;
  std::optional<Money> expected_total;  ///< what the client saw, if it said so
  friend bool operator==(const Place&, const Place&) = default;
};

/// Effect: a product's stock is reserved for this order.
struct RecordReserved {
  ProductId product;
  friend bool operator==(const RecordReserved&, const RecordReserved&) = default;
};

/// Effect: a product's stock does not suffice.
struct RecordRefused {
  ProductId product;
  std::int64_t asked = 0;
  std::int64_t available = 0;
  friend bool operator==(const RecordRefused&, const RecordRefused&) = default;
};

struct Cancel {
  CancelReason reason = CancelReason::kUser;
  Time at;
  friend bool operator==(const Cancel&, const Cancel&) = default;
};

/// Timer: cancels an order that is still unpaid; any other order does not mind.
struct ExpirePayment {
  Time due;
  friend bool operator==(const ExpirePayment&, const ExpirePayment&) = default;
};

/// Effect: a payment has begun. One that was begun before is closed, and so is this one if the order cannot be paid.
struct RecordPaymentStarted {
  PaymentId payment;
  Time at;
  friend bool operator==(const RecordPaymentStarted&, const RecordPaymentStarted&) = default;
};

/// Effect: a payment succeeded. What the order has no use for is returned.
struct RecordPayment {
  PaymentId payment;
  Money amount;
  Time at{};
  friend bool operator==(const RecordPayment&, const RecordPayment&) = default;
};

}  // namespace souk::order

namespace souk {

struct Order {
  static constexpr std::string_view kKind = "order";
  static constexpr std::uint32_t kStateSchema = 2;
  using Id = OrderId;
  using State = order::State;
  using Command = std::variant<order::Place, order::RecordReserved, order::RecordRefused, order::Cancel,
                               order::ExpirePayment, order::RecordPaymentStarted, order::RecordPayment>;
  using Event =
      std::variant<order::Placed, order::LineReserved, order::LineRefused, order::AwaitingPayment, order::Rejected,
                   order::ReservationReturned, order::Cancelled, order::Paid, order::PaymentReturned,
                   order::PaymentOpened, order::PaymentUnwanted>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
