/// The lines of a cart and the rules over them, the same for an account's cart and a guest's.
///
/// Errors of `added` and `set`: kInvalid "cart.quantity_invalid" (below 1), "cart.quantity_too_large" (one command
/// asks for more than a line may hold), "cart.change_empty"; kNotFound "cart.item_not_found"; kConflict
/// "cart.quantity_too_large" (together with what is there), "cart.too_many_lines".
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

/// What a product cost and was called when its line was put in, whatever was added to it or set since: what "changed
/// since" is measured by.
struct Seen {
  Money price;
  std::string name;
  Version product_version;

  static constexpr auto fields() {
    return field_list(field("price", &Seen::price), field("name", &Seen::name),
                      field("product_version", &Seen::product_version));
  }
  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Line {
  ProductId product;
  std::int64_t quantity = 0;
  bool selected = true;                     ///< whether it is ordered with the cart
  std::optional<Seen> seen = std::nullopt;  ///< none: put in before this was remembered

  static constexpr auto fields() {
    return field_list(field("product_id", &Line::product), field("quantity", &Line::quantity),
                      field("selected", &Line::selected), field("seen", &Line::seen));
  }
  friend bool operator==(const Line&, const Line&) = default;
};

using Lines = std::vector<Line>;

// --- commands of both kinds of carts

/// Adds to what is there already; saying it twice adds twice.
struct AddItem {
  ProductId product;
  std::int64_t quantity = 0;
  std::optional<Seen> seen = std::nullopt;
  friend bool operator==(const AddItem&, const AddItem&) = default;
};

/// What is absent stays as it is; a line that is not there needs a quantity.
struct SetItem {
  ProductId product;
  std::optional<std::int64_t> quantity;
  std::optional<bool> selected = std::nullopt;
  std::optional<Seen> seen = std::nullopt;
  friend bool operator==(const SetItem&, const SetItem&) = default;
};

struct RemoveItem {
  ProductId product;
  friend bool operator==(const RemoveItem&, const RemoveItem&) = default;
};

struct Clear {
  friend bool operator==(const Clear&, const Clear&) = default;
};

// --- rules

/// Null: there is none of this product.
const Line* find(const Lines& lines, ProductId product);
void put(Lines& lines, Line line);
void remove(Lines& lines, ProductId product);

/// The line as the command makes it.
Result<Line> added(const Lines& lines, const AddItem& command);
Result<Line> set(const Lines& lines, const SetItem& command);

/// Two lines of one product made one: the quantities together up to what a line may hold, selected if either is, and
/// what was seen last. In whichever order lines are joined, the result is the same.
Line joined(const Line& a, const Line& b);

}  // namespace souk::cart
