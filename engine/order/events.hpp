/// What happens to an order, as it is stored.
#pragma once

#include "engine/cart/cart.hpp"
#include "engine/entity.hpp"
#include "engine/order/address.hpp"

namespace souk::order {

enum class CancelReason : std::uint8_t { kUser, kPaymentTimeout, kAdministrator };
enum class ReturnReason : std::uint8_t { kOrderUnknown, kOrderNotPayable, kOrderAlreadyPaid, kWrongAmount };

}  // namespace souk::order

template <>
struct souk::EnumNames<souk::order::CancelReason> {
  static constexpr std::array<std::string_view, 3> values{"user", "payment_timeout", "administrator"};
};
template <>
struct souk::EnumNames<souk::order::ReturnReason> {
  static constexpr std::array<std::string_view, 4> values{"order_unknown", "order_not_payable", "order_already_paid",
                                                          "wrong_amount"};
};

namespace souk::order {

/// One product of an order, with what it was called and cost at that moment.
struct Line {
  ProductId product;
  Version product_version;  ///< of the product's stream that the snapshot was taken from
  std::string sku;
  std::string name;
  std::string picture;
  std::string description;
  Money unit_price;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &Line::product), field("product_version", &Line::product_version),
                      defaulted("sku", &Line::sku), field("name", &Line::name), field("picture", &Line::picture),
                      field("description", &Line::description), field("unit_price", &Line::unit_price),
                      field("quantity", &Line::quantity));
  }
  friend bool operator==(const Line&, const Line&) = default;
};

struct Shortage {
  ProductId product;
  std::int64_t asked = 0;
  std::int64_t available = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &Shortage::product), field("asked", &Shortage::asked),
                      field("available", &Shortage::available));
  }
  friend bool operator==(const Shortage&, const Shortage&) = default;
};

struct Placed {
  static constexpr std::string_view kType = "order.placed";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;
  std::vector<Line> lines;  ///< one for each product
  Personal<Address> address;
  bool from_cart = false;
  Time placed_at;
  Time payment_due_at;
  Money total;

  static constexpr auto fields() {
    return field_list(field("account_id", &Placed::account), field("lines", &Placed::lines),
                      field("address", &Placed::address), field("from_cart", &Placed::from_cart),
                      field("placed_at", &Placed::placed_at), field("payment_due_at", &Placed::payment_due_at),
                      field("total", &Placed::total));
  }
  friend bool operator==(const Placed&, const Placed&) = default;
};

struct LineReserved {
  static constexpr std::string_view kType = "order.line_reserved";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;

  static constexpr auto fields() { return field_list(field("product_id", &LineReserved::product)); }
  friend bool operator==(const LineReserved&, const LineReserved&) = default;
};

struct LineRefused {
  static constexpr std::string_view kType = "order.line_refused";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  std::int64_t asked = 0;
  std::int64_t available = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &LineRefused::product), field("asked", &LineRefused::asked),
                      field("available", &LineRefused::available));
  }
  friend bool operator==(const LineRefused&, const LineRefused&) = default;
};

/// Every line is reserved.
struct AwaitingPayment {
  static constexpr std::string_view kType = "order.awaiting_payment";
  static constexpr std::uint16_t kSchema = 1;
  std::optional<AccountId> cart;  ///< whose cart the order was placed from, if from one
  std::vector<cart::Item> items;

  static constexpr auto fields() {
    return field_list(field("cart_of", &AwaitingPayment::cart), field("items", &AwaitingPayment::items));
  }
  friend bool operator==(const AwaitingPayment&, const AwaitingPayment&) = default;
};

/// Every line is answered and at least one was refused.
struct Rejected {
  static constexpr std::string_view kType = "order.rejected";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<Shortage> shortages;
  std::vector<ProductId> reserved;  ///< to be released

  static constexpr auto fields() {
    return field_list(field("shortages", &Rejected::shortages), field("reserved", &Rejected::reserved));
  }
  friend bool operator==(const Rejected&, const Rejected&) = default;
};

/// A reservation was granted to an order that no longer wants it.
struct ReservationReturned {
  static constexpr std::string_view kType = "order.reservation_returned";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;

  static constexpr auto fields() { return field_list(field("product_id", &ReservationReturned::product)); }
  friend bool operator==(const ReservationReturned&, const ReservationReturned&) = default;
};

struct Cancelled {
  static constexpr std::string_view kType = "order.cancelled";
  static constexpr std::uint16_t kSchema = 1;
  CancelReason reason = CancelReason::kUser;
  std::vector<ProductId> reserved;  ///< to be released
  Time at;
  std::optional<PaymentId> open_payment{};  ///< to be closed

  static constexpr auto fields() {
    return field_list(field("reason", &Cancelled::reason), field("reserved", &Cancelled::reserved),
                      field("at", &Cancelled::at), field("open_payment", &Cancelled::open_payment));
  }
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};

/// An order that costs nothing is paid by a payment that has the order's own number, and that nobody ever makes.
struct Paid {
  static constexpr std::string_view kType = "order.paid";
  static constexpr std::uint16_t kSchema = 1;
  PaymentId payment;
  Money amount;
  std::vector<ProductId> products;  ///< to be deducted
  Time at{};
  std::optional<PaymentId> open_payment{};  ///< another one than the one that paid: to be closed

  static constexpr auto fields() {
    return field_list(field("payment_id", &Paid::payment), field("amount", &Paid::amount),
                      field("products", &Paid::products), defaulted("at", &Paid::at),
                      field("open_payment", &Paid::open_payment));
  }
  friend bool operator==(const Paid&, const Paid&) = default;
};

/// A payment succeeded that the order has no use for; it is refunded.
struct PaymentReturned {
  static constexpr std::string_view kType = "order.payment_returned";
  static constexpr std::uint16_t kSchema = 1;
  PaymentId payment;
  Money amount;
  ReturnReason reason = ReturnReason::kOrderUnknown;
  Time at{};

  static constexpr auto fields() {
    return field_list(field("payment_id", &PaymentReturned::payment), field("amount", &PaymentReturned::amount),
                      field("reason", &PaymentReturned::reason), defaulted("at", &PaymentReturned::at));
  }
  friend bool operator==(const PaymentReturned&, const PaymentReturned&) = default;
};

/// A payment has begun; an order has at most one that the customer can still pay.
struct PaymentOpened {
  static constexpr std::string_view kType = "order.payment_opened";
  static constexpr std::uint16_t kSchema = 1;
  PaymentId payment;
  std::optional<PaymentId> superseded;  ///< to be closed
  Time at;

  static constexpr auto fields() {
    return field_list(field("payment_id", &PaymentOpened::payment), field("superseded", &PaymentOpened::superseded),
                      field("at", &PaymentOpened::at));
  }
  friend bool operator==(const PaymentOpened&, const PaymentOpened&) = default;
};

/// So many of one product leave the shop.
struct ShippedLine {
  ProductId product;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &ShippedLine::product), field("quantity", &ShippedLine::quantity));
  }
  friend bool operator==(const ShippedLine&, const ShippedLine&) = default;
};

struct Shipped {
  static constexpr std::string_view kType = "order.shipped";
  static constexpr std::uint16_t kSchema = 1;
  ShipmentId shipment;
  std::vector<ShippedLine> lines;  ///< one for each product
  std::string carrier;
  std::string tracking_number;
  bool complete = false;  ///< nothing is left to be shipped
  Time at;

  static constexpr auto fields() {
    return field_list(field("shipment_id", &Shipped::shipment), field("lines", &Shipped::lines),
                      field("carrier", &Shipped::carrier), field("tracking_number", &Shipped::tracking_number),
                      field("complete", &Shipped::complete), field("at", &Shipped::at));
  }
  friend bool operator==(const Shipped&, const Shipped&) = default;
};

struct Delivered {
  static constexpr std::string_view kType = "order.delivered";
  static constexpr std::uint16_t kSchema = 1;
  Time at;

  static constexpr auto fields() { return field_list(field("at", &Delivered::at)); }
  friend bool operator==(const Delivered&, const Delivered&) = default;
};

struct Completed {
  static constexpr std::string_view kType = "order.completed";
  static constexpr std::uint16_t kSchema = 1;
  bool confirmed = false;  ///< by its owner; otherwise time did it
  Time at;

  static constexpr auto fields() {
    return field_list(field("confirmed", &Completed::confirmed), field("at", &Completed::at));
  }
  friend bool operator==(const Completed&, const Completed&) = default;
};

/// So many of one product are given back for; `restock`: they can be sold again.
struct RefundedLine {
  ProductId product;
  std::int64_t quantity = 0;
  bool restock = false;

  static constexpr auto fields() {
    return field_list(field("product_id", &RefundedLine::product), field("quantity", &RefundedLine::quantity),
                      defaulted("restock", &RefundedLine::restock));
  }
  friend bool operator==(const RefundedLine&, const RefundedLine&) = default;
};

/// The payment is asked to give the lines' share back; what became of that the payment knows.
struct RefundRequested {
  static constexpr std::string_view kType = "order.refund_requested";
  static constexpr std::uint16_t kSchema = 1;
  RefundId refund;
  PaymentId payment;
  Money amount;
  std::vector<RefundedLine> lines;  ///< one for each product, or two: what can be sold again and what cannot
  std::string reason;
  bool completes_shipment = false;  ///< nothing is left to be shipped
  Time at;

  static constexpr auto fields() {
    using E = RefundRequested;
    return field_list(field("refund_id", &E::refund), field("payment_id", &E::payment), field("amount", &E::amount),
                      field("lines", &E::lines), field("reason", &E::reason),
                      field("completes_shipment", &E::completes_shipment), field("at", &E::at));
  }
  friend bool operator==(const RefundRequested&, const RefundRequested&) = default;
};

/// The money of one refund went back.
struct Refunded {
  static constexpr std::string_view kType = "order.refunded";
  static constexpr std::uint16_t kSchema = 1;
  RefundId refund;
  Money amount;
  Time at;

  static constexpr auto fields() {
    return field_list(field("refund_id", &Refunded::refund), field("amount", &Refunded::amount),
                      field("at", &Refunded::at));
  }
  friend bool operator==(const Refunded&, const Refunded&) = default;
};

/// All that was paid went back.
struct ClosedRefunded {
  static constexpr std::string_view kType = "order.closed_refunded";
  static constexpr std::uint16_t kSchema = 1;
  Time at;

  static constexpr auto fields() { return field_list(field("at", &ClosedRefunded::at)); }
  friend bool operator==(const ClosedRefunded&, const ClosedRefunded&) = default;
};

/// A payment has begun that the order has no use for; it is closed before anybody pays.
struct PaymentUnwanted {
  static constexpr std::string_view kType = "order.payment_unwanted";
  static constexpr std::uint16_t kSchema = 1;
  PaymentId payment;
  Time at;

  static constexpr auto fields() {
    return field_list(field("payment_id", &PaymentUnwanted::payment), field("at", &PaymentUnwanted::at));
  }
  friend bool operator==(const PaymentUnwanted&, const PaymentUnwanted&) = default;
};

}  // namespace souk::order
