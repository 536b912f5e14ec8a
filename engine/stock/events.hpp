/// What happens to a product's stock, as it is stored.
#pragma once

#include "engine/entity.hpp"

namespace souk::stock {

/// Whether a stock is counted. An untracked one is never short: what is made to order, or sold as a file.
enum class Mode : std::uint8_t { kTracked, kUntracked };

}  // namespace souk::stock

template <>
struct souk::EnumNames<souk::stock::Mode> {
  static constexpr std::array<std::string_view, 2> values{"tracked", "untracked"};
};

namespace souk::stock {

struct Received {
  static constexpr std::string_view kType = "stock.received";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t quantity = 0;
  std::string reason;

  static constexpr auto fields() {
    return field_list(field("quantity", &Received::quantity), field("reason", &Received::reason));
  }
  friend bool operator==(const Received&, const Received&) = default;
};

struct Adjusted {
  static constexpr std::string_view kType = "stock.adjusted";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string reason;

  static constexpr auto fields() {
    return field_list(field("from", &Adjusted::from), field("to", &Adjusted::to), field("reason", &Adjusted::reason));
  }
  friend bool operator==(const Adjusted&, const Adjusted&) = default;
};

struct Reserved {
  static constexpr std::string_view kType = "stock.reserved";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::int64_t quantity = 0;
  Time expires_at;

  static constexpr auto fields() {
    return field_list(field("order_id", &Reserved::order), field("quantity", &Reserved::quantity),
                      field("expires_at", &Reserved::expires_at));
  }
  friend bool operator==(const Reserved&, const Reserved&) = default;
};

struct ReservationRefused {
  static constexpr std::string_view kType = "stock.reservation_refused";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::int64_t asked = 0;
  std::int64_t available = 0;

  static constexpr auto fields() {
    using E = ReservationRefused;
    return field_list(field("order_id", &E::order), field("asked", &E::asked), field("available", &E::available));
  }
  friend bool operator==(const ReservationRefused&, const ReservationRefused&) = default;
};

struct Deducted {
  static constexpr std::string_view kType = "stock.deducted";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("order_id", &Deducted::order), field("quantity", &Deducted::quantity));
  }
  friend bool operator==(const Deducted&, const Deducted&) = default;
};

struct Released {
  static constexpr std::string_view kType = "stock.released";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::int64_t quantity = 0;
  std::string reason;

  static constexpr auto fields() {
    return field_list(field("order_id", &Released::order), field("quantity", &Released::quantity),
                      field("reason", &Released::reason));
  }
  friend bool operator==(const Released&, const Released&) = default;
};

/// Goods that were sold came back and can be sold again.
struct Restocked {
  static constexpr std::string_view kType = "stock.restocked";
  static constexpr std::uint16_t kSchema = 1;
  RefundId refund;
  OrderId order;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("refund_id", &Restocked::refund), field("order_id", &Restocked::order),
                      field("quantity", &Restocked::quantity));
  }
  friend bool operator==(const Restocked&, const Restocked&) = default;
};

/// How the stock is kept from now on; no threshold: it is never called low.
struct Configured {
  static constexpr std::string_view kType = "stock.configured";
  static constexpr std::uint16_t kSchema = 1;
  Mode mode = Mode::kTracked;
  std::optional<std::int64_t> low_threshold;

  static constexpr auto fields() {
    return field_list(field("mode", &Configured::mode), field("low_threshold", &Configured::low_threshold));
  }
  friend bool operator==(const Configured&, const Configured&) = default;
};

/// What is available has come down to the threshold; said once, until it is replenished.
struct Low {
  static constexpr std::string_view kType = "stock.low";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t available = 0;
  std::int64_t threshold = 0;

  static constexpr auto fields() {
    return field_list(field("available", &Low::available), field("threshold", &Low::threshold));
  }
  friend bool operator==(const Low&, const Low&) = default;
};

/// What is available is above the threshold again.
struct Replenished {
  static constexpr std::string_view kType = "stock.replenished";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t available = 0;
  std::int64_t threshold = 0;

  static constexpr auto fields() {
    return field_list(field("available", &Replenished::available), field("threshold", &Replenished::threshold));
  }
  friend bool operator==(const Replenished&, const Replenished&) = default;
};

}  // namespace souk::stock
