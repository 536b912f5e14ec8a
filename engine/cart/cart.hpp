/// The cart of one account: which products, how many, in the order in which they were first put in. No prices: what
/// something costs is asked when it is shown and when it is ordered.
///
/// Errors: kInvalid "cart.quantity_invalid" (below 1), "cart.quantity_too_large" (one command asks for more than a
/// line may hold); kConflict "cart.quantity_too_large" (together with what is there), "cart.too_many_lines".
#pragma once

#include "engine/entity.hpp"

namespace souk::cart {

inline constexpr std::size_t kLinesMax = 100;
inline constexpr std::int64_t kQuantityMax = 9'999;

struct Item {
  ProductId product;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &Item::product), field("quantity", &Item::quantity));
  }
  friend bool operator==(const Item&, const Item&) = default;
};

struct State {
  std::vector<Item> lines;
  OrderId last_ordered;  ///< the last order whose items were taken out

  static constexpr auto fields() {
    return field_list(field("lines", &State::lines), field("last_ordered", &State::last_ordered));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

/// Adds to what is there already; saying it twice adds twice.
struct AddItem {
  ProductId product;
  std::int64_t quantity = 0;
  friend bool operator==(const AddItem&, const AddItem&) = default;
};

struct SetItem {
  ProductId product;
  std::int64_t quantity = 0;
  friend bool operator==(const SetItem&, const SetItem&) = default;
};

struct RemoveItem {
  ProductId product;
  friend bool operator==(const RemoveItem&, const RemoveItem&) = default;
};

struct Clear {
  friend bool operator==(const Clear&, const Clear&) = default;
};

/// Effect: an order placed from the cart is sure of its stock, so its items leave the cart. What was put in since
/// then stays.
struct TakeOrdered {
  OrderId order;
  std::vector<Item> items;
  friend bool operator==(const TakeOrdered&, const TakeOrdered&) = default;
};

// --- events

struct ItemAdded {
  static constexpr std::string_view kType = "cart.item_added";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  std::int64_t quantity = 0;  ///< that came in
  std::int64_t total = 0;     ///< that the line has now

  static constexpr auto fields() {
    return field_list(field("product_id", &ItemAdded::product), field("quantity", &ItemAdded::quantity),
                      field("total", &ItemAdded::total));
  }
  friend bool operator==(const ItemAdded&, const ItemAdded&) = default;
};

struct ItemSet {
  static constexpr std::string_view kType = "cart.item_set";
  static constexpr std::uint16_t kSchema = 1;
  ProductId product;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &ItemSet::product), field("quantity", &ItemSet::quantity));
  }
  friend bool operator==(const ItemSet&, const ItemSet&) = default;
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

}  // namespace souk::cart

namespace souk {

struct Cart {
  static constexpr std::string_view kKind = "cart";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = AccountId;
  using State = cart::State;
  using Command = std::variant<cart::AddItem, cart::SetItem, cart::RemoveItem, cart::Clear, cart::TakeOrdered>;
  using Event = std::variant<cart::ItemAdded, cart::ItemSet, cart::ItemRemoved, cart::Cleared, cart::Ordered>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
