/// The stock of one product: how many are on hand and who has reserved them. Its `decide` is the only check there is.
///
/// At every position on_hand = received + adjusted − sold and 0 ≤ reserved ≤ on_hand.
/// Receive and Adjust come from people and may fail: kInvalid "stock.quantity_invalid", "stock.reason_invalid";
/// kConflict "stock.stale" (somebody else was quicker: look again), "stock.below_reserved", "stock.too_large".
/// The others are effects and never fail.
#pragma once

#include "engine/entity.hpp"

namespace souk::stock {

inline constexpr std::size_t kReasonSizeMax = 200;

struct Reservation {
  std::int64_t quantity = 0;
  Time expires_at;  ///< information: only the order's own timer ends a reservation

  static constexpr auto fields() {
    return field_list(field("quantity", &Reservation::quantity), field("expires_at", &Reservation::expires_at));
  }
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

struct State {
  std::int64_t received = 0;
  std::int64_t adjusted = 0;  ///< the sum of all corrections, of either sign
  std::int64_t sold = 0;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;  ///< the sum of the reservations
  std::map<OrderId, Reservation> reservations;

  [[nodiscard]] std::int64_t available() const { return on_hand - reserved; }

  static constexpr auto fields() {
    return field_list(field("received", &State::received), field("adjusted", &State::adjusted),
                      field("sold", &State::sold), field("on_hand", &State::on_hand),
                      field("reserved", &State::reserved), field("reservations", &State::reservations));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

struct Receive {
  std::int64_t quantity = 0;
  std::string reason;
  friend bool operator==(const Receive&, const Receive&) = default;
};

/// Corrects what is on hand after counting; `from` is what the person who counted was told.
struct Adjust {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string reason;
  friend bool operator==(const Adjust&, const Adjust&) = default;
};

/// Effect: answered by Reserved or ReservationRefused.
struct Reserve {
  OrderId order;
  std::int64_t quantity = 0;
  Time expires_at;
  friend bool operator==(const Reserve&, const Reserve&) = default;
};

/// Effect: what the order has reserved is sold.
struct Deduct {
  OrderId order;
  friend bool operator==(const Deduct&, const Deduct&) = default;
};

/// Effect: what the order has reserved can be had by others again.
struct Release {
  OrderId order;
  std::string reason;
  friend bool operator==(const Release&, const Release&) = default;
};

// --- events

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

}  // namespace souk::stock

namespace souk {

struct Stock {
  static constexpr std::string_view kKind = "stock";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = ProductId;
  using State = stock::State;
  using Command = std::variant<stock::Receive, stock::Adjust, stock::Reserve, stock::Deduct, stock::Release>;
  using Event = std::variant<stock::Received, stock::Adjusted, stock::Reserved, stock::ReservationRefused,
                             stock::Deducted, stock::Released>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
