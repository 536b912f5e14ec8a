#include "engine/category/state.hpp"

#include <algorithm>

namespace souk::category_tree {

const Category* find(const State& state, CategoryId id) {
  const auto found = state.categories.find(id);
  return found == state.categories.end() ? nullptr : &found->second;
}

bool is_living(const State& state, CategoryId id) {
  const Category* category = find(state, id);
  return category != nullptr && !category->deleted;
}

std::string path_of(const State& state, CategoryId id) {
  std::string path;
  for (const Category* at = find(state, id); at != nullptr; at = at->parent ? find(state, *at->parent) : nullptr) {
    path = path.empty() ? at->name : at->name + '/' + path;
  }
  return path;
}

std::optional<CategoryId> find_path(const State& state, std::string_view path) {
  std::optional<CategoryId> at;
  for (std::size_t begin = 0;;) {
    const auto slash = path.find('/', begin);
    at = child_called(state, at, path.substr(begin, slash == std::string_view::npos ? slash : slash - begin));
    if (!at || slash == std::string_view::npos) return at;
    begin = slash + 1;
  }
}

std::vector<CategoryId> in_order(const State& state) {
  std::vector<CategoryId> all;
  all.reserve(state.categories.size());
  std::vector<CategoryId> waiting(state.roots.rbegin(), state.roots.rend());
  while (!waiting.empty()) {
    const CategoryId id = waiting.back();
    waiting.pop_back();
    all.push_back(id);
    const auto& children = find(state, id)->children;
    waiting.insert(waiting.end(), children.rbegin(), children.rend());
  }
  return all;
}

const std::vector<CategoryId>& children_of(const State& state, std::optional<CategoryId> parent) {
  static const std::vector<CategoryId> kNone;
  if (!parent) return state.roots;
  const Category* category = find(state, *parent);
  return category == nullptr ? kNone : category->children;
}

std::optional<CategoryId> child_called(const State& state, std::optional<CategoryId> parent, std::string_view name) {
  for (const CategoryId id : children_of(state, parent)) {
    if (find(state, id)->name == name) return id;
  }
  return std::nullopt;
}

}  // namespace souk::category_tree
