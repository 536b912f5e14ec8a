/// The cart of somebody who has not said who they are. Whoever has its token may use it; the token itself is not here.
///
/// It lives until nobody has changed it for as long as it was opened for (somebody must look and say Expire), or until
/// it is spent: its lines then go into an account's cart. From that moment on nothing can be changed in it, so that
/// no line can be lost or come twice.
/// Errors: as engine/cart/lines.hpp; kNotFound "cart.not_found"; kConflict "cart.spent", "cart.expired".
#pragma once

#include "engine/cart/lines.hpp"

namespace souk::guest_cart {

/// `kSpent`: its lines are on their way into an account's cart; `kMerged`: they have arrived.
enum class Status : std::uint8_t { kNone, kOpen, kSpent, kMerged, kExpired };

}  // namespace souk::guest_cart

template <>
struct souk::EnumNames<souk::guest_cart::Status> {
  static constexpr std::array<std::string_view, 5> values{"none", "open", "spent", "merged", "expired"};
};

namespace souk::guest_cart {

struct State {
  Status status = Status::kNone;
  Time opened_at;
  std::int64_t ttl_s = 0;  ///< from the last change
  cart::Lines lines;
  std::optional<AccountId> merged_into;

  static constexpr auto fields() {
    return field_list(field("status", &State::status), field("opened_at", &State::opened_at),
                      field("ttl_s", &State::ttl_s), field("lines", &State::lines),
                      field("merged_into", &State::merged_into));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Errors: kNotFound "cart.not_found"; kConflict "cart.spent", "cart.expired".
Result<void> check_open(const State& state);

// --- commands, besides those of engine/cart/lines.hpp

struct Open {
  Time at;
  std::int64_t ttl_s = 0;
  friend bool operator==(const Open&, const Open&) = default;
};

/// Its lines shall go into this account's cart. Saying it again for the same account changes nothing.
struct Spend {
  AccountId account;
  friend bool operator==(const Spend&, const Spend&) = default;
};

/// Effect: the account's cart has the lines.
struct RecordMerged {
  AccountId account;
  friend bool operator==(const RecordMerged&, const RecordMerged&) = default;
};

/// Nobody has changed it for so long. Whoever says so names the version it was judged at.
struct Expire {
  friend bool operator==(const Expire&, const Expire&) = default;
};

// --- events

struct Opened {
  static constexpr std::string_view kType = "guest_cart.opened";
  static constexpr std::uint16_t kSchema = 1;
  Time at;
  std::int64_t ttl_s = 0;

  static constexpr auto fields() { return field_list(field("at", &Opened::at), field("ttl_s", &Opened::ttl_s)); }
  friend bool operator==(const Opened&, const Opened&) = default;
};

/// A line came in or was changed: as it is now.
struct LinePut {
  static constexpr std::string_view kType = "guest_cart.line_put";
  static constexpr std::uint16_t kSchema = 1;
  cart::Line line;

  static constexpr auto fields() { return field_list(field("line", &LinePut::line)); }
  friend bool operator==(const LinePut&, const LinePut&) = default;
};

struct LineRemoved {
  static constexpr std::string_view kType = "guest_cart.line_removed";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;

  static constexpr auto fields() { return field_list(field("product_id", &LineRemoved::product)); }
  friend bool operator==(const LineRemoved&, const LineRemoved&) = default;
};

struct Cleared {
  static constexpr std::string_view kType = "guest_cart.cleared";
  static constexpr std::uint16_t kSchema = 1;

  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Cleared&, const Cleared&) = default;
};

struct Spent {
  static constexpr std::string_view kType = "guest_cart.spent";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;
  cart::Lines lines;

  static constexpr auto fields() {
    return field_list(field("account_id", &Spent::account), field("lines", &Spent::lines));
  }
  friend bool operator==(const Spent&, const Spent&) = default;
};

struct Merged {
  static constexpr std::string_view kType = "guest_cart.merged";
  static constexpr std::uint16_t kSchema = 1;
  AccountId account;

  static constexpr auto fields() { return field_list(field("account_id", &Merged::account)); }
  friend bool operator==(const Merged&, const Merged&) = default;
};

struct Expired {
  static constexpr std::string_view kType = "guest_cart.expired";
  static constexpr std::uint16_t kSchema = 1;

  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Expired&, const Expired&) = default;
};

}  // namespace souk::guest_cart

namespace souk {

struct GuestCart {
  static constexpr std::string_view kKind = "guest_cart";
  static constexpr std::string_view kReasonsBegin = "cart.";  ///< a client need not tell two kinds of carts apart
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = CartId;
  using State = guest_cart::State;
  using Command = std::variant<guest_cart::Open, cart::AddItem, cart::SetItem, cart::RemoveItem, cart::Clear,
                               guest_cart::Spend, guest_cart::RecordMerged, guest_cart::Expire>;
  using Event = std::variant<guest_cart::Opened, guest_cart::LinePut, guest_cart::LineRemoved, guest_cart::Cleared,
                             guest_cart::Spent, guest_cart::Merged, guest_cart::Expired>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
