#include "engine/cart/lines.hpp"

#include <algorithm>
#include <tuple>

namespace souk::cart {
namespace {

auto iterator_of(Lines& lines, ProductId product) {
  return std::find_if(lines.begin(), lines.end(), [&](const Line& line) { return line.product == product; });
}

Result<void> check_quantity(std::int64_t quantity) {
  if (quantity < 1) return fail(ErrorCode::kInvalid, "cart.quantity_invalid", "a quantity is at least 1");
  if (quantity <= kQuantityMax) return {};
  return fail(ErrorCode::kInvalid, "cart.quantity_too_large", "a line holds at most 9,999");
}

Result<Line> line_for(const Lines& lines, ProductId product) {
  if (const Line* line = find(lines, product)) return *line;
  if (lines.size() < kLinesMax) return Line{product, 0, true, std::nullopt};
  return fail(ErrorCode::kConflict, "cart.too_many_lines", "a cart holds at most 100 different products");
}

const std::optional<Seen>& later(const std::optional<Seen>& a, const std::optional<Seen>& b) {
  if (!a || !b) return a ? a : b;
  const auto rank = [](const Seen& seen) {
    return std::make_tuple(seen.product_version.value, seen.price.amount, seen.price.currency.letters,
                           std::string_view(seen.name));
  };
  return rank(*a) < rank(*b) ? b : a;
}

}  // namespace

const Line* find(const Lines& lines, ProductId product) {
  const auto found =
      std::find_if(lines.begin(), lines.end(), [&](const Line& line) { return line.product == product; });
  return found == lines.end() ? nullptr : &*found;
}

void put(Lines& lines, Line line) {
  const auto found = iterator_of(lines, line.product);
  if (found == lines.end()) {
    lines.push_back(std::move(line));
  } else {
    *found = std::move(line);
  }
}

void remove(Lines& lines, ProductId product) {
  const auto found = iterator_of(lines, product);
  if (found != lines.end()) lines.erase(found);
}

Result<Line> added(const Lines& lines, const AddItem& command) {
  if (auto checked = check_quantity(command.quantity); !checked) return tl::unexpected<Error>(checked.error());
  auto line = line_for(lines, command.product);
  if (!line) return line;
  if (line->quantity + command.quantity > kQuantityMax) {
    return fail(ErrorCode::kConflict, "cart.quantity_too_large",
                "a line holds at most 9,999 and this one has " + std::to_string(line->quantity));
  }
  line->quantity += command.quantity;
  if (!line->seen) line->seen = command.seen;
  return line;
}

Result<Line> set(const Lines& lines, const SetItem& command) {
  if (!command.quantity && !command.selected) {
    return fail(ErrorCode::kInvalid, "cart.change_empty", "say a quantity, or whether it is selected");
  }
  if (command.quantity) {
    if (auto checked = check_quantity(*command.quantity); !checked) return tl::unexpected<Error>(checked.error());
  } else if (find(lines, command.product) == nullptr) {
    return fail(ErrorCode::kNotFound, "cart.item_not_found", "it is not in the cart");
  }
  auto line = line_for(lines, command.product);
  if (!line) return line;
  if (command.selected) line->selected = *command.selected;
  if (command.quantity) {
    line->quantity = *command.quantity;
    if (!line->seen) line->seen = command.seen;
  }
  return line;
}

Line joined(const Line& a, const Line& b) {
  return {a.product, std::min(kQuantityMax, a.quantity + b.quantity), a.selected || b.selected, later(a.seen, b.seen)};
}

}  // namespace souk::cart
