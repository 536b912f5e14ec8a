/// The stock of one product: how many are on hand and who has reserved them. Its `decide` is the only check there is.
///
/// At every position on_hand = received + adjusted + restocked − sold, and while it is tracked 0 ≤ reserved ≤ on_hand.
/// An untracked stock grants every reservation and goes on counting, so on_hand may fall below zero there; before it
/// is tracked again somebody has to count and adjust. Reservations are kept when the mode changes.
/// Receive, Adjust and Configure come from people and may fail: kInvalid "stock.quantity_invalid",
/// "stock.reason_invalid", "stock.threshold_invalid"; kConflict "stock.stale" (somebody else was quicker: look again),
/// "stock.below_reserved", "stock.too_large". The others are effects and never fail.
/// Limits: the last 256 refunds that brought goods back are known by name; an older one is known by its cause alone.
#pragma once

#include "engine/stock/events.hpp"

namespace souk::stock {

inline constexpr std::size_t kReasonSizeMax = 200;
inline constexpr std::size_t kRefundsKnownMax = 256;

struct Reservation {
  std::int64_t quantity = 0;
  Time expires_at;  ///< information: only the order's own timer ends a reservation

  static constexpr auto fields() {
    return field_list(field("quantity", &Reservation::quantity), field("expires_at", &Reservation::expires_at));
  }
  friend bool operator==(const Reservation&, const Reservation&) = default;
};

struct State {
  Mode mode = Mode::kTracked;
  std::optional<std::int64_t> low_threshold;
  bool low = false;  ///< stock.low was said and not taken back
  std::int64_t received = 0;
  std::int64_t adjusted = 0;   ///< the sum of all corrections, of either sign
  std::int64_t restocked = 0;  ///< returned by customers
  std::int64_t sold = 0;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;  ///< the sum of the reservations
  std::map<OrderId, Reservation> reservations;
  std::vector<RefundId> refunds;  ///< the last ones that brought goods back

  [[nodiscard]] std::int64_t available() const { return on_hand - reserved; }
  /// Whether so many can be reserved now.
  [[nodiscard]] bool has(std::int64_t quantity) const { return mode == Mode::kUntracked || quantity <= available(); }

  static constexpr auto fields() {
    return field_list(
        field("mode", &State::mode), field("low_threshold", &State::low_threshold), field("low", &State::low),
        field("received", &State::received), field("adjusted", &State::adjusted), field("restocked", &State::restocked),
        field("sold", &State::sold), field("on_hand", &State::on_hand), field("reserved", &State::reserved),
        field("reservations", &State::reservations), field("refunds", &State::refunds));
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

/// What is absent stays as it is; a threshold of `nullopt` within is none.
struct Configure {
  std::optional<Mode> mode;
  std::optional<std::optional<std::int64_t>> low_threshold;
  friend bool operator==(const Configure&, const Configure&) = default;
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

/// Effect: a refund brings sold goods back, once for each refund however often it is said.
struct Restock {
  RefundId refund;
  OrderId order;
  std::int64_t quantity = 0;
  friend bool operator==(const Restock&, const Restock&) = default;
};

}  // namespace souk::stock

namespace souk {

struct Stock {
  static constexpr std::string_view kKind = "stock";
  static constexpr std::uint32_t kStateSchema = 2;
  using Id = ProductId;
  using State = stock::State;
  using Command = std::variant<stock::Receive, stock::Adjust, stock::Configure, stock::Reserve, stock::Deduct,
                               stock::Release, stock::Restock>;
  using Event =
      std::variant<stock::Received, stock::Adjusted, stock::Reserved, stock::ReservationRefused, stock::Deducted,
                   stock::Released, stock::Restocked, stock::Configured, stock::Low, stock::Replenished>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
