#include "projections/stock_movements.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "engine/entities.hpp"
#include "engine/testing/random_commands.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using testing::catch_up;

constexpr ProductId kTea{{1, 1}};
constexpr ProductId kCup{{1, 2}};
constexpr OrderId kOrder{{2, 1}};
constexpr RefundId kRefund{{3, 1}};

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<StockMovements> movements = std::move(StockMovements::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("stock_movements.sqlite");
    auto opened = Follower::open(log, clock, make_stock_movements_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  Position add(ProductId product, const Stock::Event& event) { return append<Stock>(product, event); }
  StockMovementPage list(ProductId product, std::size_t limit = 20, std::optional<Position> after = {}) {
    REQUIRE(catch_up(*follower));
    CHECK(follower->status().parked == 0);
    auto page = movements->list(product, limit, after);
    REQUIRE(page);
    return std::move(*page);
  }
  std::vector<ProductId> stocks(bool low_only) {
    REQUIRE(catch_up(*follower));
    std::vector<ProductId> out;
    const auto page = movements->stocks(low_only, 20).value();
    for (const auto& entry : page.items) out.push_back(entry.product);
    return out;
  }
};

TEST_CASE("every movement is listed with why, for whom and what was there then, the newest first") {
  World world;
  world.add(kTea, stock::Received{10, "delivery"});
  world.add(kTea, stock::Reserved{kOrder, 3, Time{}});
  const auto sold = world.add(kTea, stock::Deducted{kOrder, 3});
  world.add(kTea, stock::Restocked{kRefund, kOrder, 1});
  const auto counted = world.add(kTea, stock::Adjusted{8, 5, "broken"});
  world.add(kCup, stock::Received{7, ""});
  const auto page = world.list(kTea);
  REQUIRE(page.items.size() == 4);
  CHECK(page.items[0].kind == "adjusted");
  CHECK(page.items[0].change == -3);
  CHECK(page.items[0].balance == 5);
  CHECK(page.items[0].reason == "broken");
  CHECK(page.items[0].position == counted);
  CHECK(page.items[1].kind == "restocked");
  CHECK((page.items[1].refund == kRefund));
  CHECK((page.items[1].order == kOrder));
  CHECK(page.items[2].kind == "sold");
  CHECK(page.items[2].change == -3);
  CHECK(page.items[2].balance == 7);
  CHECK((page.items[2].order == kOrder));
  CHECK(page.items[2].position == sold);
  CHECK(page.items[3].kind == "received");
  CHECK(!page.items[3].order);
  CHECK(!page.next);
  CHECK(world.list(kCup).items[0].balance == 7);
}

TEST_CASE("movements are listed page by page, and new ones shift nothing") {
  World world;
  for (int i = 0; i < 5; ++i) world.add(kTea, stock::Received{1, ""});
  const auto first = world.list(kTea, 2);
  REQUIRE(first.next);
  world.add(kTea, stock::Received{1, ""});
  const auto second = world.list(kTea, 2, first.next);
  CHECK(second.items[0].balance == 3);
  const auto third = world.list(kTea, 2, second.next);
  CHECK(third.items.size() == 1);
  CHECK(!third.next);
}

TEST_CASE("stocks that are low are listed from the first to the last that became so") {
  World world;
  world.add(kTea, stock::Received{9, ""});
  world.add(kCup, stock::Received{9, ""});
  world.add(kCup, stock::Low{1, 5});
  world.add(kTea, stock::Low{2, 5});
  CHECK((world.stocks(true) == std::vector{kCup, kTea}));
  CHECK((world.stocks(false) == std::vector{kTea, kCup}));
  world.add(kCup, stock::Replenished{8, 5});
  CHECK((world.stocks(true) == std::vector{kTea}));
  world.add(kTea, stock::Configured{stock::Mode::kTracked, 7});
  CHECK((world.stocks(true) == std::vector{kTea}));
  world.add(kTea, stock::Configured{stock::Mode::kUntracked, 7});
  CHECK(world.stocks(true).empty());
}

TEST_CASE("the list of low stocks goes on behind its cursor") {
  World world;
  for (std::uint64_t i = 1; i <= 5; ++i) world.add(ProductId{{1, i}}, stock::Low{0, 0});
  REQUIRE(catch_up(*world.follower));
  const auto first = world.movements->stocks(true, 3);
  REQUIRE(first->next);
  const auto second = world.movements->stocks(true, 3, first->next);
  CHECK(second->items.size() == 2);
  CHECK((second->items[0].product == ProductId{{1, 4}}));
  CHECK(!second->next);
}

TEST_CASE("the ledger of movements balances at every position, whatever happens to the stocks") {
  const auto seed = testing::seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  testing::Random random(seed);
  World world;
  std::map<ProductId, stock::State> states;
  std::map<Position, std::int64_t> on_hand_at;
  for (int step = 0; step < 4'000; ++step) {
    const ProductId product{{1, 1 + random.below(3)}};
    auto& state = states[product];
    const auto decided = Stock::decide(state, testing::random_command(random, state));
    if (!decided) continue;
    for (const auto& event : *decided) {
      state = Stock::evolve(std::move(state), event);
      REQUIRE(state.on_hand == state.received + state.adjusted + state.restocked - state.sold);
      REQUIRE(state.reserved >= 0);
      REQUIRE((state.mode == stock::Mode::kUntracked || state.reserved <= state.on_hand));
      on_hand_at[world.add(product, event)] = state.on_hand;
    }
    REQUIRE(testing::is_sound(state));
  }
  for (const auto& [product, state] : states) {
    std::int64_t sum = 0;
    std::map<std::string, std::int64_t> by_kind;
    const auto page = world.list(product, 100'000);
    for (auto movement = page.items.rbegin(); movement != page.items.rend(); ++movement) {
      sum += movement->change;
      by_kind[movement->kind] += movement->change;
      REQUIRE(movement->balance == sum);
      REQUIRE(movement->balance == on_hand_at.at(movement->position));
    }
    CHECK(sum == state.on_hand);
    CHECK(by_kind["received"] == state.received);
    CHECK(by_kind["adjusted"] == state.adjusted);
    CHECK(by_kind["restocked"] == state.restocked);
    CHECK(by_kind["sold"] == -state.sold);
    const auto low = world.stocks(true);
    CHECK((std::find(low.begin(), low.end(), product) != low.end()) == state.low);
  }
}

}  // namespace
}  // namespace souk
