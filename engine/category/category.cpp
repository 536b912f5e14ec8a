#include "engine/category/category.hpp"

#include <algorithm>
#include <span>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace category_tree;
using Events = std::vector<CategoryTree::Event>;

tl::unexpected<Error> conflict(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kConflict, reason, std::move(detail));
}

std::optional<CategoryId> unless_empty(CategoryId id) {
  return id.empty() ? std::nullopt : std::optional(id);
}

Result<void> check_name(std::string_view name) {
  if (is_line_of(name, 1, kNameSizeMax) && !has_outer_space(name) && name.find('/') == std::string_view::npos) {
    return {};
  }
  return fail(ErrorCode::kInvalid, "category_tree.name_invalid",
              "a category has a name of 1 to 64 characters on one line, without slashes and without spaces around it");
}

Result<void> check_description(std::string_view description) {
  if (is_prose_of(description, 0, kDescriptionSizeMax)) return {};
  return fail(ErrorCode::kInvalid, "category_tree.description_invalid", "a description has at most 500 characters");
}

Result<void> check_living(const State& state, CategoryId id) {
  const Category* category = find(state, id);
  if (category == nullptr) {
    return fail(ErrorCode::kNotFound, "category_tree.category_not_found", "there is no such category");
  }
  if (category->deleted) return conflict("category_tree.deleted", "it is deleted; restore it first");
  return {};
}

Result<void> check_free(const State& state, std::optional<CategoryId> parent, std::string_view name, CategoryId self) {
  const auto other = child_called(state, parent, name);
  if (!other || *other == self) return {};
  if (!is_living(state, *other)) {
    return conflict("category_tree.name_taken", "a deleted category of this name is there; restore that one");
  }
  return conflict("category_tree.name_taken", "there is a category of this name already");
}

/// How many categories there are from the root to this one.
std::size_t depth_of(const State& state, std::optional<CategoryId> id) {
  std::size_t depth = 0;
  for (; id; id = find(state, *id)->parent) ++depth;
  return depth;
}

/// How many levels a category has, itself included.
std::size_t height_of(const State& state, CategoryId id) {
  std::size_t below = 0;
  for (const CategoryId child : find(state, id)->children) below = std::max(below, height_of(state, child));
  return below + 1;
}

bool is_within(const State& state, std::optional<CategoryId> id, CategoryId ancestor) {
  for (; id; id = find(state, *id)->parent) {
    if (*id == ancestor) return true;
  }
  return false;
}

/// Whether something of that height may be put there.
Result<void> check_place(const State& state, std::optional<CategoryId> parent, std::optional<CategoryId> before,
                         std::size_t height) {
  if (parent && find(state, *parent) == nullptr) {
    return conflict("category_tree.parent_unknown", "there is no such parent");
  }
  if (parent && !is_living(state, *parent)) return conflict("category_tree.parent_deleted", "the parent is deleted");
  if (depth_of(state, parent) + height > kDepthMax) {
    return conflict("category_tree.too_deep", "a tree has at most 8 levels");
  }
  const auto& siblings = children_of(state, parent);
  if (before && std::ranges::find(siblings, *before) == siblings.end()) {
    return conflict("category_tree.before_unknown", "the category to stand before is not among the siblings");
  }
  return {};
}

Result<Events> on(const State& state, const Add& command) {
  const auto parent = unless_empty(command.parent);
  Result<void> checked = check_name(command.name);
  if (checked) checked = check_description(command.description);
  if (checked && command.id.empty()) {
    checked = fail(ErrorCode::kInvalid, "category_tree.id_missing", "a category needs an id");
  }
  if (checked && find(state, command.id) != nullptr) {
    checked = conflict("category_tree.category_exists", "there is a category with this id already");
  }
  if (checked) checked = check_place(state, parent, command.before, 1);
  if (checked) checked = check_free(state, parent, command.name, command.id);
  if (checked && state.categories.size() >= kCategoriesMax) {
    checked = conflict("category_tree.full", "there are at most 10,000 categories");
  }
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  return Events{Added{command.id, parent, command.name, command.description, command.before}};
}

Result<Events> on(const State& state, const Change& command) {
  Result<void> checked = check_living(state, command.id);
  if (checked && command.name) checked = check_name(*command.name);
  if (checked && command.description) checked = check_description(*command.description);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  const Category& category = *find(state, command.id);
  if (command.name) checked = check_free(state, category.parent, *command.name, command.id);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  Changed changed{command.id};
  if (command.name && *command.name != category.name) changed.name = command.name;
  if (command.description && *command.description != category.description) changed.description = command.description;
  if (!changed.name && !changed.description) return Events{};
  return Events{std::move(changed)};
}

/// The sibling behind it.
std::optional<CategoryId> next_of(const std::vector<CategoryId>& siblings, CategoryId id) {
  const auto at = std::ranges::find(siblings, id);
  if (at == siblings.end() || at + 1 == siblings.end()) return std::nullopt;
  return *(at + 1);
}

Result<Events> on(const State& state, const Move& command) {
  if (auto checked = check_living(state, command.id); !checked) return tl::unexpected<Error>(checked.error());
  const auto parent = unless_empty(command.parent);
  const Category& category = *find(state, command.id);
  Result<void> checked;
  if (is_within(state, parent && find(state, *parent) != nullptr ? parent : std::nullopt, command.id)) {
    checked = conflict("category_tree.cycle", "a category cannot be moved below itself");
  }
  if (checked) checked = check_place(state, parent, command.before, height_of(state, command.id));
  if (checked) checked = check_free(state, parent, category.name, command.id);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  const bool stays = category.parent == parent && (command.before == command.id ||
                                                   next_of(children_of(state, parent), command.id) == command.before);
  return stays ? Events{} : Events{Moved{command.id, parent, command.before}};
}

Result<Events> on(const State& state, const Delete& command) {
  const Category* category = find(state, command.id);
  if (category == nullptr) {
    return fail(ErrorCode::kNotFound, "category_tree.category_not_found", "there is no such category");
  }
  if (category->deleted) return Events{};
  if (std::ranges::any_of(category->children, [&](CategoryId child) { return is_living(state, child); })) {
    return conflict("category_tree.has_children", "there are categories below it; move or delete them first");
  }
  return Events{Deleted{command.id}};
}

Result<Events> on(const State& state, const Restore& command) {
  const Category* category = find(state, command.id);
  if (category == nullptr) {
    return fail(ErrorCode::kNotFound, "category_tree.category_not_found", "there is no such category");
  }
  if (!category->deleted) return Events{};
  if (category->parent && !is_living(state, *category->parent)) {
    return conflict("category_tree.parent_deleted", "the category above it is deleted; restore that one first");
  }
  return Events{Restored{command.id}};
}

std::vector<std::string_view> names_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (std::size_t begin = 0;;) {
    const auto slash = path.find('/', begin);
    names.push_back(path.substr(begin, slash == std::string_view::npos ? slash : slash - begin));
    if (slash == std::string_view::npos) return names;
    begin = slash + 1;
  }
}

/// The last of the path, which is there.
Result<Events> put_known(const State& state, CategoryId id, const Put& command) {
  const Category& category = *find(state, id);
  Events events;
  if (command.description && *command.description != category.description) {
    events.push_back(Changed{id, std::nullopt, command.description});
  }
  if (!command.deleted) return events;
  const auto moved = *command.deleted ? on(state, Delete{id}) : on(state, Restore{id});
  if (!moved) return tl::unexpected<Error>(moved.error());
  events.insert(events.end(), moved->begin(), moved->end());
  return events;
}

/// The last names of the path, which are missing below `parent`.
Result<Events> put_missing(const State& state, std::optional<CategoryId> parent,
                           std::span<const std::string_view> names, std::span<const CategoryId> ids,
                           const Put& command) {
  const bool is_below_deleted = parent && !is_living(state, *parent);
  Result<void> checked;
  if (is_below_deleted && command.deleted && !*command.deleted) {
    checked = conflict("category_tree.parent_deleted", "a category above it is deleted; restore that one first");
  }
  if (checked && state.categories.size() + names.size() > kCategoriesMax) {
    checked = conflict("category_tree.full", "there are at most 10,000 categories");
  }
  Events events;
  for (std::size_t i = 0; checked && i < names.size(); ++i) {
    if (find(state, ids[i]) != nullptr || std::ranges::count(ids, ids[i]) > 1) {
      checked = conflict("category_tree.category_exists", "there is a category with this id already");
    }
    const bool is_last = i + 1 == names.size();
    events.push_back(Added{ids[i], parent, std::string(names[i]), is_last ? command.description.value_or("") : "", {}});
    parent = ids[i];
  }
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  if (is_below_deleted) {
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) events.push_back(Deleted{*id});
  } else if (command.deleted.value_or(false)) {
    events.push_back(Deleted{ids.back()});
  }
  return events;
}

Result<Events> on(const State& state, const Put& command) {
  const auto names = names_of(command.path);
  Result<void> checked;
  if (names.size() > kDepthMax) checked = conflict("category_tree.too_deep", "a tree has at most 8 levels");
  for (const auto name : names) {
    if (checked) checked = check_name(name);
  }
  if (checked && command.description) checked = check_description(*command.description);
  const bool has_ids = command.ids.size() == names.size() && std::ranges::count(command.ids, CategoryId{}) == 0;
  if (checked && !has_ids) {
    checked = fail(ErrorCode::kInvalid, "category_tree.id_missing", "each category needs an id");
  }
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  std::optional<CategoryId> at;
  std::size_t known = 0;
  for (; known < names.size(); ++known) {
    const auto child = child_called(state, at, names[known]);
    if (!child) break;
    at = child;
  }
  if (known == names.size()) return put_known(state, *at, command);
  return put_missing(state, at, std::span(names).subspan(known), std::span(command.ids).subspan(known), command);
}

std::vector<CategoryId>& siblings_in(State& state, std::optional<CategoryId> parent) {
  return parent ? state.categories[*parent].children : state.roots;
}

void put(State& state, CategoryId id, std::optional<CategoryId> parent, std::optional<CategoryId> before) {
  auto& siblings = siblings_in(state, parent);
  siblings.insert(before ? std::ranges::find(siblings, *before) : siblings.end(), id);
}

void apply(State& state, const Added& event) {
  state.categories[event.id] = Category{event.parent, event.name, event.description};
  put(state, event.id, event.parent, event.before);
}
void apply(State& state, const Changed& event) {
  Category& category = state.categories[event.id];
  if (event.name) category.name = *event.name;
  if (event.description) category.description = *event.description;
}
void apply(State& state, const Moved& event) {
  Category& category = state.categories[event.id];
  std::erase(siblings_in(state, category.parent), event.id);
  category.parent = event.parent;
  put(state, event.id, event.parent, event.before);
}
void apply(State& state, const Deleted& event) {
  state.categories[event.id].deleted = true;
}
void apply(State& state, const Restored& event) {
  state.categories[event.id].deleted = false;
}

}  // namespace

Result<std::vector<CategoryTree::Event>> CategoryTree::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

CategoryTree::State CategoryTree::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects CategoryTree::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<CategoryTree::Command> CategoryTree::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
