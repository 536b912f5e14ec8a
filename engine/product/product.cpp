#include "engine/product/product.hpp"

#include "engine/entities.hpp"

namespace souk {

std::optional<Error> product::why_not_for_sale(const State& state) {
  if (!is_living(state)) return Error{ErrorCode::kNotFound, "product.not_found", "there is no such product"};
  if (!state.published) {
    return Error{ErrorCode::kConflict, "product.withdrawn", "the product is not for sale at the moment"};
  }
  return std::nullopt;
}

namespace {

using namespace product;
using Events = std::vector<Product::Event>;

tl::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, "product.not_found", "there is no such product");
}

/// An empty id stands for none.
template <class SomeId>
std::optional<SomeId> unless_empty(const SomeId& id) {
  return id.empty() ? std::nullopt : std::optional(id);
}

Result<Events> on(const State& state, const Create& command) {
  if (state.exists) {
    return fail(ErrorCode::kConflict, "product.exists",
                state.deleted ? "a deleted product has this sku; restore that one"
                              : "there is a product with this sku already");
  }
  auto checked = check_sku(command.sku)
                     .and_then([&] { return check_name(command.name); })
                     .and_then([&] { return check_description(command.description); })
                     .and_then([&] { return check_price(command.price); })
                     .and_then([&] { return check_pictures(command.pictures); })
                     .and_then([&] { return check_attributes(command.attributes); });
  if (checked && command.purchase_limit) checked = check_purchase_limit(*command.purchase_limit);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  return Events{Created{.sku = command.sku,
                        .name = command.name,
                        .description = command.description,
                        .price = command.price,
                        .pictures = command.pictures,
                        .category_id = unless_empty(command.category_id),
                        .brand_id = unless_empty(command.brand_id),
                        .attributes = command.attributes,
                        .purchase_limit = command.purchase_limit,
                        .published = command.published}};
}

Result<void> check(const State& state, const Change& command) {
  Result<void> checked;
  if (checked && command.name) checked = check_name(*command.name);
  if (checked && command.description) checked = check_description(*command.description);
  if (checked && command.price) checked = check_price(*command.price);
  if (checked && command.pictures) checked = check_pictures(*command.pictures);
  if (checked && command.attributes) checked = check_attributes(*command.attributes);
  if (checked && command.purchase_limit && *command.purchase_limit != 0) {
    checked = check_purchase_limit(*command.purchase_limit);
  }
  if (checked && command.price && command.price->currency != state.price.currency) {
    return fail(ErrorCode::kConflict, "product.currency_change", "a product keeps the currency it was created with");
  }
  return checked;
}

/// Copies `wanted` to `changed` if it is there and new.
template <class T>
bool note(const std::optional<T>& wanted, const T& current, std::optional<T>& changed) {
  if (!wanted || *wanted == current) return false;
  changed = wanted;
  return true;
}

/// What makes a product that is there be as it is wanted.
Result<Events> changes(const State& state, const Change& command) {
  if (auto checked = check(state, command); !checked) return tl::unexpected<Error>(std::move(checked.error()));
  Changed changed;
  bool any = note(command.name, state.name, changed.name);
  any |= note(command.description, state.description, changed.description);
  any |= note(command.price, state.price, changed.price);
  any |= note(command.pictures, state.pictures, changed.pictures);
  any |= note(command.attributes, state.attributes, changed.attributes);
  any |= note(command.purchase_limit, state.purchase_limit.value_or(0), changed.purchase_limit);
  // An older event's name is there without an id, and goes with the id that takes its place.
  any |= note(command.category_id, state.category_id, changed.category_id);
  any |= note(command.brand_id, state.brand_id, changed.brand_id);
  if (command.category_id && !changed.category_id && !state.category.empty()) {
    changed.category_id = command.category_id;
    any = true;
  }
  if (command.brand_id && !changed.brand_id && !state.brand.empty()) {
    changed.brand_id = command.brand_id;
    any = true;
  }
  Events events;
  if (any) events.emplace_back(std::move(changed));
  if (command.published && *command.published != state.published) {
    events.push_back(*command.published ? Product::Event{Published{}} : Product::Event{Withdrawn{}});
  }
  return events;
}

Result<Events> on(const State& state, const Change& command) {
  if (!state.exists) return not_found();
  if (state.deleted) return fail(ErrorCode::kConflict, "product.deleted", "it is deleted; restore it first");
  return changes(state, command);
}

Result<Events> put_new(const State& state, const Put& command) {
  return on(state, Create{.sku = command.sku,
                          .name = command.name,
                          .description = command.description,
                          .price = command.price,
                          .category_id = command.category_id,
                          .brand_id = command.brand_id,
                          .pictures = command.pictures,
                          .attributes = command.attributes,
                          .purchase_limit = command.purchase_limit,
                          .published = command.published.value_or(true)});
}

Result<Events> put_known(const State& state, const Put& command) {
  if (command.purchase_limit) {
    if (auto checked = check_purchase_limit(*command.purchase_limit); !checked) {
      return tl::unexpected<Error>(std::move(checked.error()));
    }
  }
  return changes(state, Change{.name = command.name,
                               .description = command.description,
                               .price = command.price,
                               .category_id = command.category_id,
                               .brand_id = command.brand_id,
                               .pictures = command.pictures,
                               .attributes = command.attributes,
                               .purchase_limit = command.purchase_limit.value_or(0),
                               .published = command.published});
}

Result<Events> on(const State& state, const Put& command) {
  if (state.deleted && !command.deleted) {
    return fail(ErrorCode::kConflict, "product.deleted", "it is deleted; say whether it shall be");
  }
  auto events = state.exists ? put_known(state, command) : put_new(state, command);
  if (!events || !command.deleted || *command.deleted == state.deleted) return events;
  events->push_back(*command.deleted ? Product::Event{Deleted{}} : Product::Event{Restored{}});
  return events;
}

Result<Events> on(const State& state, const Delete& /*command*/) {
  if (!state.exists) return not_found();
  return state.deleted ? Events{} : Events{Deleted{}};
}

Result<Events> on(const State& state, const Restore& /*command*/) {
  if (!state.exists) return not_found();
  return state.deleted ? Events{Restored{}} : Events{};
}

void apply(State& state, const Created& event) {
  state = State{.exists = true,
                .sku = event.sku,
                .name = event.name,
                .description = event.description,
                .price = event.price,
                .category_id = event.category_id.value_or(CategoryId{}),
                .brand_id = event.brand_id.value_or(BrandId{}),
                .pictures = event.pictures,
                .attributes = event.attributes,
                .purchase_limit = event.purchase_limit,
                .published = event.published,
                .deleted = false,
                .category = event.category.value_or(""),
                .brand = event.brand.value_or("")};
}

void apply(State& state, const Changed& event) {
  if (event.name) state.name = *event.name;
  if (event.description) state.description = *event.description;
  if (event.price) state.price = *event.price;
  if (event.category) state.category = *event.category;
  if (event.brand) state.brand = *event.brand;
  if (event.pictures) state.pictures = *event.pictures;
  if (event.attributes) state.attributes = *event.attributes;
  if (event.category_id) {
    state.category_id = *event.category_id;
    state.category.clear();
  }
  if (event.brand_id) {
    state.brand_id = *event.brand_id;
    state.brand.clear();
  }
  if (event.purchase_limit) {
    state.purchase_limit = *event.purchase_limit == 0 ? std::nullopt : event.purchase_limit;
  }
}

void apply(State& state, const Published& /*event*/) {
  state.published = true;
}
void apply(State& state, const Withdrawn& /*event*/) {
  state.published = false;
}
void apply(State& state, const Deleted& /*event*/) {
  state.deleted = true;
}
void apply(State& state, const Restored& /*event*/) {
  state.deleted = false;
}

}  // namespace

Result<std::vector<Product::Event>> Product::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Product::State Product::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Product::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Product::Command> Product::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
