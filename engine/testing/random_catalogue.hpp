/// Random commands for products, categories and brands, and what must hold of the tree. See random_commands.hpp.
#pragma once

#include <algorithm>

#include "engine/entities.hpp"
#include "engine/testing/random_values.hpp"

namespace souk::testing {

inline Product::Command random_command(Random& random, const product::State& /*state*/) {
  const auto name = [&] { return std::string(random.below(3), 'n'); };
  const auto limit = [&] { return random.between(-1, 3); };
  const auto attributes = [&] { return std::vector<product::Attribute>(random.below(3), {"a", {name()}}); };
  switch (random.below(18)) {
    case 16:
    case 17: {
      product::Put put{.sku = "SKU", .name = name(), .description = name(), .price = random_money(random)};
      put.category_id = random.one_in(2) ? CategoryId{} : random_id<CategoryId>(random);
      put.attributes = attributes();
      if (random.one_in(2)) put.purchase_limit = limit();
      if (random.one_in(2)) put.published = random.one_in(2);
      if (random.one_in(2)) put.deleted = random.one_in(2);
      return put;
    }
    case 0: return product::Delete{};
    case 1:
    case 2: return product::Restore{};
    case 3:
    case 4: {
      product::Create create{.sku = "SKU", .name = name(), .description = name(), .price = random_money(random)};
      create.category_id = random_id<CategoryId>(random);
      create.pictures = {"u"};
      create.attributes = attributes();
      if (random.one_in(2)) create.purchase_limit = limit();
      create.published = random.one_in(2);
      return create;
    }
    default: break;
  }
  product::Change change;
  if (random.one_in(2)) change.name = name();
  if (random.one_in(2)) change.description = name();
  if (random.one_in(2)) change.price = random_money(random);
  if (random.one_in(2)) change.category_id = random.one_in(4) ? CategoryId{} : random_id<CategoryId>(random);
  if (random.one_in(2)) change.brand_id = random.one_in(4) ? BrandId{} : random_id<BrandId>(random);
  if (random.one_in(2)) change.pictures = std::vector<std::string>(random.below(3), "p");
  if (random.one_in(2)) change.attributes = attributes();
  if (random.one_in(2)) change.purchase_limit = limit();
  if (random.one_in(2)) change.published = random.one_in(2);
  return change;
}

inline CategoryTree::Command random_command(Random& random, const category_tree::State& state) {
  const auto id = random_id<CategoryId>(random, 16);
  const auto parent = random.one_in(3) ? CategoryId{} : random_id<CategoryId>(random, 17);
  const auto name = [&] { return std::string(random.below(5), 'n') + (random.one_in(16) ? "/" : ""); };
  std::optional<CategoryId> before;
  if (random.one_in(2)) {
    const auto& siblings = category_tree::children_of(state, parent.empty() ? std::nullopt : std::optional(parent));
    before = siblings.empty() || random.one_in(4) ? id : siblings[random.below(siblings.size())];
  }
  switch (random.below(9)) {
    case 8: {
      category_tree::Put put{name(), {id}};
      for (; random.one_in(2); put.path += '/' + name()) put.ids.push_back(random_id<CategoryId>(random, 16));
      if (random.one_in(2)) put.description = name();
      if (random.one_in(2)) put.deleted = random.one_in(2);
      return put;
    }
    case 0: return category_tree::Delete{id};
    case 1: return category_tree::Restore{id};
    case 2: {
      category_tree::Change change{id};
      if (random.one_in(2)) change.name = name();
      if (random.one_in(2)) change.description = name();
      return change;
    }
    case 3:
    case 4: return category_tree::Move{id, parent, before};
    default: return category_tree::Add{id, parent, name(), name(), before};
  }
}

/// Each stands once below its parent, no name is there twice, no path is too long, and a living one's parent lives.
inline bool is_sound(const category_tree::State& state) {
  using namespace category_tree;
  const auto all = in_order(state);
  if (all.size() != state.categories.size()) return false;
  for (const CategoryId id : all) {
    const Category* category = find(state, id);
    if (category == nullptr || child_called(state, category->parent, category->name) != id) return false;
    if (!category->deleted && category->parent && !is_living(state, *category->parent)) return false;
    const std::string path = path_of(state, id);
    if (std::count(path.begin(), path.end(), '/') + 1 > static_cast<std::ptrdiff_t>(kDepthMax)) return false;
    if (find_path(state, path) != id) return false;
  }
  return true;
}

inline Brands::Command random_command(Random& random, const brands::State& /*state*/) {
  const auto id = random_id<BrandId>(random, 6);
  const auto text = [&] { return std::string(random.below(7), 'b'); };
  switch (random.below(7)) {
    case 6: {
      brands::Put put{id, text()};
      if (random.one_in(2)) put.description = text();
      if (random.one_in(2)) put.logo = text();
      if (random.one_in(2)) put.deleted = random.one_in(2);
      return put;
    }
    case 0: return brands::Delete{id};
    case 1: return brands::Restore{id};
    case 2: {
      brands::Change change{id};
      if (random.one_in(2)) change.name = text();
      if (random.one_in(2)) change.description = text();
      if (random.one_in(2)) change.logo = text();
      return change;
    }
    default: return brands::Add{id, text(), text(), text()};
  }
}

inline bool is_sound(const brands::State& state) {
  for (const auto& [id, brand] : state.brands) {
    if (brands::find_name(state, brand.name) != id) return false;
  }
  return true;
}

}  // namespace souk::testing
