/// What the tree of categories is made of, and questions about it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/fields.hpp"
#include "engine/base/id.hpp"

namespace souk::category_tree {

inline constexpr std::size_t kCategoriesMax = 10'000;  ///< deleted ones count
inline constexpr std::size_t kDepthMax = 8;
inline constexpr std::size_t kNameSizeMax = 64;  ///< on one line, without slashes
inline constexpr std::size_t kDescriptionSizeMax = 500;

struct Category {
  std::optional<CategoryId> parent = {};
  std::string name;
  std::string description = {};
  bool deleted = false;
  std::vector<CategoryId> children = {};  ///< in order

  static constexpr auto fields() {
    return field_list(field("parent_id", &Category::parent), field("name", &Category::name),
                      field("description", &Category::description), field("deleted", &Category::deleted),
                      field("children", &Category::children));
  }
  friend bool operator==(const Category&, const Category&) = default;
};

struct State {
  std::map<CategoryId, Category> categories;
  std::vector<CategoryId> roots;  ///< in order

  static constexpr auto fields() {
    return field_list(field("categories", &State::categories), field("roots", &State::roots));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Null if there is none with this id; a deleted one is there.
const Category* find(const State& state, CategoryId id);
/// Whether it is there and not deleted.
bool is_living(const State& state, CategoryId id);

/// The names from the root down with slashes between them; empty if there is none with this id.
std::string path_of(const State& state, CategoryId id);
/// The one with this path, deleted or not.
std::optional<CategoryId> find_path(const State& state, std::string_view path);

/// All of them, parents before their children, siblings in their order.
std::vector<CategoryId> in_order(const State& state);

/// The children of a category, or the roots.
const std::vector<CategoryId>& children_of(const State& state, std::optional<CategoryId> parent);
/// The child of that name, deleted or not.
std::optional<CategoryId> child_called(const State& state, std::optional<CategoryId> parent, std::string_view name);

}  // namespace souk::category_tree
