/// What happens to an order, as it is stored.
#pragma once

#include "engine/cart/cart.hpp"
#include "engine/entity.hpp"
#include "engine/order/address.hpp"

namespace souk::order {

enum class CancelReason : std::uint8_t { kUser, kPaymentTimeout };
enum class ReturnReason : std::uint8_t { kOrderUnknown, kOrderNotPayable, kOrderAlreadyPaid, kWrongAmount };

}  // namespace souk::order

template <>
struct souk::EnumNames<souk::order::CancelReason> {
  static constexpr std::array<std::string_view, 2> values{"user", "payment_timeout"};
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
