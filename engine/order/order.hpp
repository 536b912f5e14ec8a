/// An order: what was bought at which price, and how far it has come. Commands and the entity; events and state are
/// in order/events.hpp and order/state.hpp.
///
///   none ─Place→ placed ─every line reserved→ awaiting_payment ─paid→ paid
///                   │  └─a line refused→ rejected        │
///                   └────────Cancel, payment due─────────┴→ cancelled
///
///   paid ─Ship→ partially_shipped ─Ship→ shipped ─MarkDelivered→ delivered ─ConfirmReceipt, time→ completed
///     └─Cancel→ cancelled, and everything left is refunded
///   Once all of it was given back: closed_refunded, from any state behind paid.
///   What costs nothing is paid as soon as every line is reserved.
///
/// Errors of Place: kConflict "order.exists", "order.total_changed", "order.over_limit"; kInvalid "order.empty",
/// "order.too_many_lines",
/// "order.quantity_invalid", "order.quantity_too_large", "order.price_invalid", "order.mixed_currencies",
/// "order.total_out_of_range", "order.address_missing", "order.payment_due_invalid".
/// Errors of Cancel: kNotFound "order.not_found"; kConflict "order.not_cancellable".
/// Errors of Ship, MarkDelivered, ConfirmReceipt, Complete, RequestRefund: kNotFound "order.not_found"; kConflict
/// "order.illegal_transition". Of Complete: kConflict "order.too_early". Of Ship and RequestRefund: kInvalid
/// "order.quantity_invalid", "order.line_unknown"; kConflict "order.too_many", "order.too_many_parts". Of Ship:
/// kInvalid "order.carrier_invalid", "order.tracking_number_invalid". Of RequestRefund: kInvalid
/// "order.reason_invalid". The others are effects and timers and never fail.
#pragma once

#include "engine/order/events.hpp"
#include "engine/order/state.hpp"

namespace souk::order {

inline constexpr std::size_t kLinesMax = 100;
inline constexpr std::int64_t kQuantityMax = 9'999;
/// In how many parts an order is shipped or refunded; after so many, all that is left goes at once.
inline constexpr std::size_t kPartsMax = 100;
/// How many payments may be begun, one after the other; the last of them can still be paid.
inline constexpr std::int64_t kPaymentsMax = 50;
inline constexpr std::size_t kCarrierSizeMax = 100;
inline constexpr std::size_t kTrackingNumberSizeMax = 100;
inline constexpr std::size_t kRefundReasonSizeMax = 200;
inline constexpr std::string_view kPaymentDue = "payment_due";  ///< the order's one timer

/// Lines of one product are summed before anything else is looked at; the first one's snapshot counts.
struct Place {
  AccountId account;
  std::vector<Line> lines;
  Personal<Address> address;
  bool from_cart = false;
  Time placed_at;
  Time payment_due_at;
  std::optional<Money> expected_total;                     ///< what the client saw, if it said so
  std::map<ProductId, std::int64_t> purchase_limits = {};  ///< of the products that have one
  friend bool operator==(const Place&, const Place&) = default;
};

/// Effect: a product's stock is reserved for `order`, which is this one.
struct RecordReserved {
  ProductId product;
  OrderId order = {};
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

/// Effect: a payment has begun. One that was begun before is closed, and so is this one if the order cannot be paid or
/// has had too many.
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

/// Lines of one product are summed; no lines: everything that can be shipped. A shipment known already is not made
/// again.
struct Ship {
  ShipmentId shipment;
  std::vector<ShippedLine> lines;
  std::string carrier;
  std::string tracking_number;  ///< may be empty
  Time at;
  friend bool operator==(const Ship&, const Ship&) = default;
};

/// By an administrator.
struct MarkDelivered {
  Time at;
  friend bool operator==(const MarkDelivered&, const MarkDelivered&) = default;
};

/// By the owner, who has it: also what nobody has marked as delivered.
struct ConfirmReceipt {
  Time at;
  friend bool operator==(const ConfirmReceipt&, const ConfirmReceipt&) = default;
};

/// By time: an order delivered no less than `after` ago.
struct Complete {
  Duration after;
  Time at;
  friend bool operator==(const Complete&, const Complete&) = default;
};

/// Lines of one product are summed, those to be restocked and the others each for themselves; no lines: everything that
/// was not refunded, restocked if `restock_all`. A refund known already is not made again.
struct RequestRefund {
  RefundId refund;
  std::vector<RefundedLine> lines;
  bool restock_all = false;
  std::string reason;
  Time at;
  friend bool operator==(const RequestRefund&, const RequestRefund&) = default;
};

/// Effect: the money of a refund went back. Of other payments' it does not care.
struct RecordRefunded {
  PaymentId payment;
  RefundId refund;
  Time at;
  friend bool operator==(const RecordRefunded&, const RecordRefunded&) = default;
};

}  // namespace souk::order

namespace souk {

struct Order {
  static constexpr std::string_view kKind = "order";
  static constexpr std::uint32_t kStateSchema = 4;
  using Id = OrderId;
  using State = order::State;
  using Command =
      std::variant<order::Place, order::RecordReserved, order::RecordRefused, order::Cancel, order::ExpirePayment,
                   order::RecordPaymentStarted, order::RecordPayment, order::Ship, order::MarkDelivered,
                   order::ConfirmReceipt, order::Complete, order::RequestRefund, order::RecordRefunded>;
  using Event =
      std::variant<order::Placed, order::LineReserved, order::LineRefused, order::AwaitingPayment, order::Rejected,
                   order::ReservationReturned, order::Cancelled, order::Paid, order::PaymentReturned,
                   order::PaymentOpened, order::PaymentUnwanted, order::Shipped, order::Delivered, order::Completed,
                   order::RefundRequested, order::Refunded, order::ClosedRefunded>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
