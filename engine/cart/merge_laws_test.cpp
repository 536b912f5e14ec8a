// The laws of merging carts, over random carts: nothing lost, nothing twice, and the order does not matter.
#include <doctest/doctest.h>

#include <map>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/random.hpp"
#include "engine/testing/random_commands.hpp"
#include "engine/testing/world.hpp"

using namespace souk;
using namespace souk::cart;
using namespace souk::testing;

namespace {

constexpr int kRuns = 2'000;

/// `products` bounds how many different ones there are, and so whether lines can run out.
Lines random_lines(Random& random, std::uint64_t products) {
  Lines lines;
  for (auto count = random.below(kLinesMax + 1); count > 0; --count) {
    Line line{random_id<ProductId>(random, products), random.one_in(6) ? kQuantityMax : random.between(1, 9),
              !random.one_in(3), std::nullopt};
    const auto version = random.below(4);
    // What a product was at a version is the same for everybody.
    if (version > 0) line.seen = Seen{yuan(static_cast<std::int64_t>(version) * 100), "n", Version{version}};
    if (find(lines, line.product) == nullptr) lines.push_back(line);
  }
  return lines;
}

State with(State state, const Merge& merge) {
  const auto events = Cart::decide(state, merge);
  REQUIRE(events);
  for (const auto& event : *events) state = Cart::evolve(std::move(state), event);
  return state;
}

/// A cart as a client means it: the order of the lines is not part of it.
std::map<ProductId, std::string> content(const State& state) {
  std::map<ProductId, std::string> lines;
  for (const auto& line : state.lines) lines[line.product] = encode(line);
  return lines;
}

std::map<ProductId, std::int64_t> quantities(const Lines& lines) {
  std::map<ProductId, std::int64_t> sums;
  for (const auto& line : lines) sums[line.product] += line.quantity;
  return sums;
}

}  // namespace

TEST_CASE("carts that are merged give the same cart in whichever order they come") {
  const auto seed = seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  Random random(seed);
  for (int run = 0; run < kRuns; ++run) {
    const State mine{random_lines(random, 90), {}, {}};
    const Merge a{id_of<CartId>(1), random_lines(random, 90)};
    const Merge b{id_of<CartId>(2), random_lines(random, 90)};
    const Merge c{id_of<CartId>(3), random_lines(random, 90)};
    const auto expected = content(with(with(with(mine, a), b), c));
    REQUIRE((content(with(with(with(mine, c), b), a)) == expected));
    REQUIRE((content(with(with(with(mine, b), a), c)) == expected));
  }
}

TEST_CASE("a cart merged twice comes in once, whatever happened in between") {
  const auto seed = seed_of_tests();
  Random random(seed);
  for (int run = 0; run < kRuns; ++run) {
    const State mine{random_lines(random, 90), {}, {}};
    const Merge a{id_of<CartId>(1), random_lines(random, 90)};
    const Merge b{id_of<CartId>(2), random_lines(random, 90)};
    const State once = with(with(mine, a), b);
    REQUIRE((with(once, a) == once));
    REQUIRE((with(with(once, b), a) == once));
  }
}

TEST_CASE("merging loses nothing, doubles nothing and keeps to the limits") {
  const auto seed = seed_of_tests();
  Random random(seed);
  for (int run = 0; run < kRuns; ++run) {
    const State mine{random_lines(random, 150), {}, {}};
    const Merge merge{id_of<CartId>(1), random_lines(random, 150)};
    const auto events = Cart::decide(mine, merge).value();
    REQUIRE(events.size() == 1);
    const State after = with(mine, merge);
    REQUIRE(is_sound(after));
    auto total = quantities(mine.lines);
    for (const auto& [product, quantity] : quantities(merge.lines)) total[product] += quantity;
    auto accounted = quantities(after.lines);
    for (const auto& item : std::get<Merged>(events.front()).left_out) accounted[item.product] += item.quantity;
    REQUIRE((accounted == total));
  }
}

TEST_CASE("what guests put in arrives once in the accounts' carts, however often and late effects come") {
  const auto seed = seed_of_tests();
  Random random(seed);
  for (int run = 0; run < 300; ++run) {
    World world;
    std::map<ProductId, std::int64_t> put_in;
    for (int step = 0; step < 120; ++step) {
      const auto guest = random_id<CartId>(random, 5);
      const AddItem item{random_id<ProductId>(random), random.between(1, 5)};
      switch (random.below(6)) {
        case 0: world.ask<GuestCart>(guest, guest_cart::Open{Time{1}, 60}); break;
        case 1:
          if (random.one_in(3)) world.ask<GuestCart>(guest, guest_cart::Spend{random_id<AccountId>(random, 3)});
          break;
        case 2:
          if (world.ask<Cart>(random_id<AccountId>(random, 3), item)) put_in[item.product] += item.quantity;
          break;
        case 3:
          if (world.waiting() > 0) world.deliver(random.next(), random.one_in(3));
          break;
        default:
          if (world.ask<GuestCart>(guest, item)) put_in[item.product] += item.quantity;
          break;
      }
    }
    while (world.waiting() > 0) world.deliver(random.next(), random.one_in(3));
    std::map<ProductId, std::int64_t> found;
    for (const auto& [id, cart] : world.all<Cart>()) {
      for (const auto& line : cart.lines) found[line.product] += line.quantity;
    }
    for (const auto& [id, cart] : world.all<GuestCart>()) {
      REQUIRE(cart.status != guest_cart::Status::kSpent);
      for (const auto& line : cart.lines) found[line.product] += line.quantity;
    }
    REQUIRE((found == put_in));
  }
}
