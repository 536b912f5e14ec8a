#include "engine/cart/cart.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace cart;
using Events = std::vector<Cart::Event>;

Line line_of(const State& state, ProductId product) {
  const Line* line = cart::find(state.lines, product);
  return line == nullptr ? Line{product, 0, true, std::nullopt} : *line;
}

Result<Events> on(const State& state, const AddItem& command) {
  auto line = added(state.lines, command);
  if (!line) return tl::unexpected<Error>(std::move(line.error()));
  return Events{ItemAdded{command.product, command.quantity, line->quantity, line->seen}};
}

Result<Events> on(const State& state, const SetItem& command) {
  auto line = cart::set(state.lines, command);
  if (!line) return tl::unexpected<Error>(std::move(line.error()));
  const Line before = line_of(state, command.product);
  Events events;
  if (line->quantity != before.quantity || line->seen != before.seen) {
    events.emplace_back(ItemSet{command.product, line->quantity, line->seen});
  }
  if (line->selected != before.selected) events.emplace_back(ItemSelected{command.product, line->selected});
  return events;
}

Result<Events> on(const State& state, const RemoveItem& command) {
  if (cart::find(state.lines, command.product) == nullptr) return Events{};
  return Events{ItemRemoved{command.product}};
}

Result<Events> on(const State& state, const Clear& /*command*/) {
  return state.lines.empty() ? Events{} : Events{Cleared{}};
}

Result<Events> on(const State& state, const TakeOrdered& command) {
  if (state.last_ordered == command.order) return Events{};
  Ordered ordered{command.order, {}};
  for (const auto& item : command.items) {
    const std::int64_t taken = std::min(item.quantity, line_of(state, item.product).quantity);
    const bool repeated = std::any_of(ordered.items.begin(), ordered.items.end(),
                                      [&](const Item& other) { return other.product == item.product; });
    if (taken > 0 && !repeated) ordered.items.push_back(Item{item.product, taken});
  }
  return Events{std::move(ordered)};
}

Result<Events> on(const State& state, const Merge& command) {
  if (std::find(state.merged.begin(), state.merged.end(), command.guest) != state.merged.end()) return Events{};
  Merged merged{command.guest, {}, {}};
  Lines all = state.lines;
  for (const auto& line : command.lines) {
    if (line.quantity < 1) continue;
    const Line* mine = cart::find(all, line.product);
    if (mine == nullptr && all.size() >= kLinesMax) {
      merged.left_out.push_back({line.product, line.quantity});
      continue;
    }
    const std::int64_t present = mine == nullptr ? 0 : mine->quantity;
    Line together = mine == nullptr ? line : joined(*mine, line);
    together.quantity = std::min(kQuantityMax, together.quantity);
    const std::int64_t over = present + line.quantity - together.quantity;
    if (over > 0) merged.left_out.push_back({line.product, over});
    put(all, together);
    put(merged.lines, std::move(together));
  }
  return Events{std::move(merged)};
}

void apply(State& state, const ItemAdded& event) {
  Line line = line_of(state, event.product);
  line.quantity = event.total;
  if (event.seen) line.seen = event.seen;
  put(state.lines, std::move(line));
}
void apply(State& state, const ItemSet& event) {
  Line line = line_of(state, event.product);
  line.quantity = event.quantity;
  if (event.seen) line.seen = event.seen;
  put(state.lines, std::move(line));
}
void apply(State& state, const ItemSelected& event) {
  Line line = line_of(state, event.product);
  line.selected = event.selected;
  put(state.lines, std::move(line));
}
void apply(State& state, const ItemRemoved& event) {
  remove(state.lines, event.product);
}
void apply(State& state, const Cleared& /*event*/) {
  state.lines.clear();
}
void apply(State& state, const Ordered& event) {
  for (const auto& item : event.items) {
    Line line = line_of(state, item.product);
    line.quantity -= item.quantity;
    if (line.quantity > 0) {
      put(state.lines, std::move(line));
    } else {
      remove(state.lines, item.product);
    }
  }
  state.last_ordered = event.order;
}
void apply(State& state, const Merged& event) {
  for (const auto& line : event.lines) put(state.lines, line);
  if (state.merged.size() == kMergesKnownMax) state.merged.erase(state.merged.begin());
  state.merged.push_back(event.guest);
}

}  // namespace

Result<std::vector<Cart::Event>> Cart::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Cart::State Cart::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Cart::react(Id self, const Event& event) {
  Effects effects;
  if (const auto* merged = std::get_if<Merged>(&event)) {
    effects.tells.push_back(tell<GuestCart>(merged->guest, guest_cart::RecordMerged{self}));
  }
  return effects;
}

std::optional<Cart::Command> Cart::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
