// What a category lists after any turn of the tree, against a model kept by hand.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "projections/testing/catalogue_world.hpp"

namespace souk {
namespace {

using namespace testing;

/// What the lists must hold, kept by hand: a product is in every category from its own up, if its own one lives.
struct Model {
  std::map<std::uint64_t, std::uint64_t> parents;  ///< 0: none
  std::set<std::uint64_t> deleted;
  std::map<std::uint64_t, std::uint64_t> homes;  ///< of published products

  [[nodiscard]] bool is_within(std::uint64_t category, std::uint64_t ancestor) const {
    for (; category != 0; category = parents.at(category)) {
      if (category == ancestor) return true;
    }
    return false;
  }
  [[nodiscard]] bool lives(std::uint64_t category) const { return category == 0 || deleted.count(category) == 0; }
  [[nodiscard]] bool has_living_children(std::uint64_t category) const {
    return std::ranges::any_of(parents,
                               [&](const auto& entry) { return entry.second == category && lives(entry.first); });
  }
  [[nodiscard]] Numbers in(std::uint64_t category) const {
    Numbers out;
    for (const auto& [product, home] : homes) {
      if (home != 0 && lives(home) && is_within(home, category)) out.push_back(product);
    }
    return out;
  }
};

TEST_CASE("every category lists exactly what is in it, however the tree is turned about") {
  CatalogueWorld world;
  Model model;
  constexpr std::uint64_t kCategories = 9;
  constexpr std::uint64_t kProducts = 30;
  for (std::uint64_t i = 1; i <= kCategories; ++i) {
    model.parents[i] = i / 2;
    world.add_category(i, i / 2);
  }
  for (std::uint64_t i = 1; i <= kProducts; ++i) {
    model.homes[i] = 1 + i % kCategories;
    world.create(i, category(model.homes[i]));
  }
  std::uint64_t state = 42;
  const auto below = [&](std::uint64_t bound) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33U) % bound;
  };
  for (int step = 0; step < 300; ++step) {
    const auto one = 1 + below(kCategories);
    const auto other = below(kCategories + 1);
    const auto product = 1 + below(kProducts);
    switch (below(4)) {
      case 0:
        if (model.is_within(other, one) || !model.lives(one) || !model.lives(other)) break;
        model.parents[one] = other;
        world.move_category(one, other);
        break;
      case 1:
        if (model.lives(one) && !model.has_living_children(one)) {
          model.deleted.insert(one);
          world.tree(category_tree::Deleted{category(one)});
        } else if (!model.lives(one) && model.lives(model.parents[one])) {
          model.deleted.erase(one);
          world.tree(category_tree::Restored{category(one)});
        }
        break;
      case 2:
        model.homes[product] = other;
        world.put_into(product, other == 0 ? CategoryId{} : category(other));
        break;
      default:
        world.append<Product>(product_id(product), product::Withdrawn{});
        CHECK(world.in(one).size() <= kProducts);
        world.append<Product>(product_id(product), product::Published{});
    }
    for (std::uint64_t i = 1; i <= kCategories; ++i) {
      REQUIRE_MESSAGE(world.in(i) == model.in(i), "category ", i, " after step ", step);
    }
  }
  CHECK(world.follower->status().parked == 0);
}

}  // namespace
}  // namespace souk
