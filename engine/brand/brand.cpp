#include "engine/brand/brand.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace brands {

const Brand* find(const State& state, BrandId id) {
  const auto found = state.brands.find(id);
  return found == state.brands.end() ? nullptr : &found->second;
}

bool is_living(const State& state, BrandId id) {
  const Brand* brand = find(state, id);
  return brand != nullptr && !brand->deleted;
}

std::optional<BrandId> find_name(const State& state, std::string_view name) {
  const auto found = std::ranges::find_if(state.brands, [&](const auto& entry) { return entry.second.name == name; });
  return found == state.brands.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace brands

namespace {

using namespace brands;
using Events = std::vector<Brands::Event>;

Result<void> check_name(std::string_view name) {
  if (is_line_of(name, 1, kNameSizeMax) && !has_outer_space(name)) return {};
  return fail(ErrorCode::kInvalid, "brands.name_invalid",
              "a brand has a name of 1 to 100 characters on one line, without spaces around it");
}

Result<void> check_description(std::string_view description) {
  if (is_prose_of(description, 0, kDescriptionSizeMax)) return {};
  return fail(ErrorCode::kInvalid, "brands.description_invalid", "a description has at most 500 characters");
}

Result<void> check_logo(std::string_view logo) {
  if (logo.size() <= kLogoBytesMax && is_line_of(logo, 0, kLogoBytesMax) && logo.find(' ') == std::string_view::npos) {
    return {};
  }
  return fail(ErrorCode::kInvalid, "brands.logo_invalid", "a logo is an address of at most 2,048 bytes");
}

Result<void> check_free(const State& state, std::string_view name, BrandId self) {
  const auto other = find_name(state, name);
  if (!other || *other == self) return {};
  return fail(ErrorCode::kConflict, "brands.name_taken",
              is_living(state, *other) ? "there is a brand of this name already"
                                       : "a deleted brand of this name is there; restore that one");
}

tl::unexpected<Error> not_found() {
  return fail(ErrorCode::kNotFound, "brands.brand_not_found", "there is no such brand");
}

Result<Events> on(const State& state, const Add& command) {
  Result<void> checked = check_name(command.name);
  if (checked) checked = check_description(command.description);
  if (checked) checked = check_logo(command.logo);
  if (checked && command.id.empty()) checked = fail(ErrorCode::kInvalid, "brands.id_missing", "a brand needs an id");
  if (checked && find(state, command.id) != nullptr) {
    checked = fail(ErrorCode::kConflict, "brands.brand_exists", "there is a brand with this id already");
  }
  if (checked) checked = check_free(state, command.name, command.id);
  if (checked && state.brands.size() >= kBrandsMax) {
    checked = fail(ErrorCode::kConflict, "brands.full", "there are at most 10,000 brands");
  }
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  return Events{Added{command.id, command.name, command.description, command.logo}};
}

/// What makes a brand that is there be as it is wanted.
Result<Events> changes(const State& state, const Change& command) {
  const Brand* brand = find(state, command.id);
  Result<void> checked;
  if (command.name) checked = check_name(*command.name);
  if (checked && command.description) checked = check_description(*command.description);
  if (checked && command.logo) checked = check_logo(*command.logo);
  if (checked && command.name) checked = check_free(state, *command.name, command.id);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  Changed changed{command.id};
  if (command.name && *command.name != brand->name) changed.name = command.name;
  if (command.description && *command.description != brand->description) changed.description = command.description;
  if (command.logo && *command.logo != brand->logo) changed.logo = command.logo;
  if (!changed.name && !changed.description && !changed.logo) return Events{};
  return Events{std::move(changed)};
}

Result<Events> on(const State& state, const Change& command) {
  const Brand* brand = find(state, command.id);
  if (brand == nullptr) return not_found();
  if (brand->deleted) return fail(ErrorCode::kConflict, "brands.deleted", "it is deleted; restore it first");
  return changes(state, command);
}

Result<Events> on(const State& state, const Delete& command) {
  const Brand* brand = find(state, command.id);
  if (brand == nullptr) return not_found();
  return brand->deleted ? Events{} : Events{Deleted{command.id}};
}

Result<Events> on(const State& state, const Restore& command) {
  const Brand* brand = find(state, command.id);
  if (brand == nullptr) return not_found();
  return brand->deleted ? Events{Restored{command.id}} : Events{};
}

Result<Events> on(const State& state, const Put& command) {
  const auto known = find_name(state, command.name);
  auto events =
      known ? changes(state, Change{*known, std::nullopt, command.description, command.logo})
            : on(state, Add{command.id, command.name, command.description.value_or(""), command.logo.value_or("")});
  const bool is_deleted = known && !is_living(state, *known);
  if (!events || !command.deleted || *command.deleted == is_deleted) return events;
  const BrandId id = known.value_or(command.id);
  events->push_back(*command.deleted ? Brands::Event{Deleted{id}} : Brands::Event{Restored{id}});
  return events;
}

void apply(State& state, const Added& event) {
  state.brands[event.id] = Brand{event.name, event.description, event.logo};
}
void apply(State& state, const Changed& event) {
  Brand& brand = state.brands[event.id];
  if (event.name) brand.name = *event.name;
  if (event.description) brand.description = *event.description;
  if (event.logo) brand.logo = *event.logo;
}
void apply(State& state, const Deleted& event) {
  state.brands[event.id].deleted = true;
}
void apply(State& state, const Restored& event) {
  state.brands[event.id].deleted = false;
}

}  // namespace

Result<std::vector<Brands::Event>> Brands::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Brands::State Brands::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Brands::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Brands::Command> Brands::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
