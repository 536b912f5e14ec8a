#include "engine/cart/cart.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace cart;
using Events = std::vector<Cart::Event>;

template <class Lines>
auto find_line(Lines& lines, ProductId product) {
  return std::find_if(lines.begin(), lines.end(), [&](const Item& line) { return line.product == product; });
}

std::int64_t quantity_of(const State& state, ProductId product) {
  const auto line = find_line(state.lines, product);
  return line == state.lines.end() ? 0 : line->quantity;
}

Result<void> check_quantity(std::int64_t quantity) {
  if (quantity < 1) return fail(ErrorCode::kInvalid, "cart.quantity_invalid", "a quantity is at least 1");
  if (quantity <= kQuantityMax) return {};
  return fail(ErrorCode::kInvalid, "cart.quantity_too_large", "a line holds at most 9,999");
}

Result<void> check_room(const State& state, ProductId product) {
  if (state.lines.size() < kLinesMax || quantity_of(state, product) > 0) return {};
  return fail(ErrorCode::kConflict, "cart.too_many_lines", "a cart holds at most 100 different products");
}

Result<Events> on(const State& state, const AddItem& command) {
  auto checked = check_quantity(command.quantity).and_then([&] { return check_room(state, command.product); });
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  const std::int64_t present = quantity_of(state, command.product);
  if (present + command.quantity > kQuantityMax) {
    return fail(ErrorCode::kConflict, "cart.quantity_too_large",
                "a line holds at most 9,999 and this one has " + std::to_string(present));
  }
  return Events{ItemAdded{command.product, command.quantity, present + command.quantity}};
}

Result<Events> on(const State& state, const SetItem& command) {
  auto checked = check_quantity(command.quantity).and_then([&] { return check_room(state, command.product); });
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  if (quantity_of(state, command.product) == command.quantity) return Events{};
  return Events{ItemSet{command.product, command.quantity}};
}

Result<Events> on(const State& state, const RemoveItem& command) {
  if (quantity_of(state, command.product) == 0) return Events{};
  return Events{ItemRemoved{command.product}};
}

Result<Events> on(const State& state, const Clear& /*command*/) {
  return state.lines.empty() ? Events{} : Events{Cleared{}};
}

Result<Events> on(const State& state, const TakeOrdered& command) {
  if (state.last_ordered == command.order) return Events{};
  Ordered ordered{command.order, {}};
  for (const auto& item : command.items) {
    const std::int64_t taken = std::min(item.quantity, quantity_of(state, item.product));
    const bool repeated = find_line(ordered.items, item.product) != ordered.items.end();
    if (taken > 0 && !repeated) ordered.items.push_back(Item{item.product, taken});
  }
  return Events{std::move(ordered)};
}

void put(State& state, ProductId product, std::int64_t quantity) {
  const auto line = find_line(state.lines, product);
  if (line == state.lines.end()) {
    state.lines.push_back(Item{product, quantity});
  } else {
    line->quantity = quantity;
  }
}

void remove(State& state, ProductId product) {
  const auto line = find_line(state.lines, product);
  if (line != state.lines.end()) state.lines.erase(line);
}

void apply(State& state, const ItemAdded& event) {
  put(state, event.product, event.total);
}
void apply(State& state, const ItemSet& event) {
  put(state, event.product, event.quantity);
}
void apply(State& state, const ItemRemoved& event) {
  remove(state, event.product);
}
void apply(State& state, const Cleared& /*event*/) {
  state.lines.clear();
}
void apply(State& state, const Ordered& event) {
  for (const auto& item : event.items) {
    const std::int64_t left = quantity_of(state, item.product) - item.quantity;
    if (left > 0) {
      put(state, item.product, left);
    } else {
      remove(state, item.product);
    }
  }
  state.last_ordered = event.order;
}

}  // namespace

Result<std::vector<Cart::Event>> Cart::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Cart::State Cart::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Cart::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Cart::Command> Cart::on_timer(std::string_view /*name*/, Time /*due*/) {
  return std::nullopt;
}

}  // namespace souk
