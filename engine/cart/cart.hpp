/// The cart of one account: which products, how many, in the order in which they were first put in. What something
/// costs is asked when it is shown and when it is ordered; what it cost when it was put in is remembered.
///
/// A guest's cart is merged into it once: quantities together, up to what a line may hold. Merging several carts gives
/// the same lines in whichever order they come, as long as they are not more than 100 different products; what does
/// not fit is named in the event.
/// Errors: as engine/cart/lines.hpp.
#pragma once

#include "engine/cart/lines.hpp"

namespace souk::cart {

inline constexpr std::size_t kMergesKnownMax = 32;

struct State {
  Lines lines;
  OrderId last_ordered;        ///< the last order whose items were taken out
  std::vector<CartId> merged;  ///< the last guests' carts that came in

  static constexpr auto fields() {
    return field_list(field("lines", &State::lines), field("last_ordered", &State::last_ordered),
                      field("merged", &State::merged));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands, besides those of lines.hpp

/// Effect: an order placed from the cart is sure of its stock, so its items leave the cart. What was put in since
/// then stays.
struct TakeOrdered {
  OrderId order;
  std::vector<Item> items;
  friend bool operator==(const TakeOrdered&, const TakeOrdered&) = default;
};

/// Effect: a guest's cart, which was spent for it, comes in. Answered by Merged.
struct Merge {
  CartId guest;
  Lines lines;
  friend bool operator==(const Merge&, const Merge&) = default;
};

// --- events

struct ItemAdded {
  static constexpr std::string_view kType = "cart.item_added";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  std::int64_t quantity = 0;  ///< that came in
  std::int64_t total = 0;     ///< that the line has now
  std::optional<Seen> seen = std::nullopt;

  static constexpr auto fields() {
    return field_list(field("product_id", &ItemAdded::product), field("quantity", &ItemAdded::quantity),
                      field("total", &ItemAdded::total), field("seen", &ItemAdded::seen));
  }
  friend bool operator==(const ItemAdded&, const ItemAdded&) = default;
};

struct ItemSet {
  static constexpr std::string_view kType = "cart.item_set";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  std::int64_t quantity = 0;
  std::optional<Seen> seen = std::nullopt;

  static constexpr auto fields() {
    return field_list(field("product_id", &ItemSet::product), field("quantity", &ItemSet::quantity),
                      field("seen", &ItemSet::seen));
  }
  friend bool operator==(const ItemSet&, const ItemSet&) = default;
};

struct ItemSelected {
  static constexpr std::string_view kType = "cart.item_selected";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  bool selected = true;

  static constexpr auto fields() {
    return field_list(field("product_id", &ItemSelected::product), field("selected", &ItemSelected::selected));
  }
  friend bool operator==(const ItemSelected&, const ItemSelected&) = default;
};

struct ItemRemoved {
  static constexpr std::string_view kType = "cart.item_removed";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;

  static constexpr auto fields() { return field_list(field("product_id", &ItemRemoved::product)); }
  friend bool operator==(const ItemRemoved&, const ItemRemoved&) = default;
};

struct Cleared {
  static constexpr std::string_view kType = "cart.cleared";
  static constexpr std::uint16_t kSchema = 1;

  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Cleared&, const Cleared&) = default;
};

struct Ordered {
  static constexpr std::string_view kType = "cart.ordered";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::vector<Item> items;  ///< what really left the cart

  static constexpr auto fields() {
    return field_list(field("order_id", &Ordered::order), field("items", &Ordered::items));
  }
  friend bool operator==(const Ordered&, const Ordered&) = default;
};

struct Merged {
  static constexpr std::string_view kType = "cart.merged";
  static constexpr std::uint16_t kSchema = 1;
  CartId guest;
  Lines lines;                 ///< the lines that changed, as they are now
  std::vector<Item> left_out;  ///< what did not fit

  static constexpr auto fields() {
    return field_list(field("guest_cart_id", &Merged::guest), field("lines", &Merged::lines),
                      field("left_out", &Merged::left_out));
  }
  friend bool operator==(const Merged&, const Merged&) = default;
};

}  // namespace souk::cart

namespace souk {

struct Cart {
  static constexpr std::string_view kKind = "cart";
  static constexpr std::uint32_t kStateSchema = 2;
  using Id = AccountId;
  using State = cart::State;
  using Command =
      std::variant<cart::AddItem, cart::SetItem, cart::RemoveItem, cart::Clear, cart::TakeOrdered, cart::Merge>;
  using Event = std::variant<cart::ItemAdded, cart::ItemSet, cart::ItemSelected, cart::ItemRemoved, cart::Cleared,
                             cart::Ordered, cart::Merged>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
