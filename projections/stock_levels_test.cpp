#include "projections/stock_levels.hpp"

#include <doctest/doctest.h>

#include "engine/stock/stock.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

ProductId product(std::uint64_t n) {
  return {{0xdee, n}};
}
OrderId order_id(std::uint64_t n) {
  return {{0x0bd, n}};
}

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<StockLevels> levels = std::move(StockLevels::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("stock_levels.sqlite");
    auto opened = Follower::open(log, clock, make_stock_levels_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  StockLevelPage list(std::size_t limit = 100, std::optional<Position> after = {}) {
    REQUIRE(testing::catch_up(*follower));
    CHECK(follower->status().parked == 0);
    return levels->list(limit, after).value();
  }
};

TEST_CASE("the levels are what the stocks themselves say, and each order that holds some is there") {
  World world;
  stock::State state;
  const auto happen = [&](const Stock::Event& event) {
    world.append<Stock>(product(1), event);
    state = Stock::evolve(std::move(state), event);
    const auto level = world.list().rows.at(0);
    CHECK(level.on_hand == state.on_hand);
    CHECK(level.reserved == state.reserved);
    CHECK(level.received == state.received);
    CHECK(level.adjusted == state.adjusted);
    CHECK(level.restocked == state.restocked);
    CHECK(level.sold == state.sold);
    CHECK(level.mode == name_of(state.mode));
    CHECK(level.holds == static_cast<std::int64_t>(state.reservations.size()));
  };
  happen(stock::Received{100, "first"});
  happen(stock::Reserved{order_id(1), 5, {}});
  happen(stock::Reserved{order_id(2), 7, {}});
  happen(stock::Adjusted{100, 90, "counted"});
  happen(stock::Released{order_id(1), 5, "cancelled"});
  happen(stock::Deducted{order_id(2), 7});
  happen(stock::Restocked{RefundId{{1, 1}}, order_id(2), 3});
  happen(stock::Configured{stock::Mode::kUntracked, {}});
}

TEST_CASE("stocks are listed a page at a time, in the order in which they began") {
  World world;
  for (std::uint64_t n = 1; n <= 5; ++n) world.append<Stock>(product(n), stock::Received{1, "first"});
  const auto first = world.list(2);
  REQUIRE(first.rows.size() == 2);
  REQUIRE(first.next);
  const auto rest = world.list(3, first.next);
  REQUIRE(rest.rows.size() == 3);
  CHECK((rest.rows[0].product_id == product(3)));
  CHECK_FALSE(rest.next);
}

TEST_CASE("all stocks are told in one read, in the order in which they began") {
  World world;
  Position last;
  for (std::uint64_t n = 1; n <= 5; ++n) last = world.append<Stock>(product(n), stock::Received{1, "first"});
  REQUIRE(testing::catch_up(*world.follower));
  std::vector<ProductId> told;
  const auto position = world.levels->each([&](const StockLevel& level) { told.push_back(level.product_id); });
  CHECK(position.value() == last);
  CHECK((told == std::vector{product(1), product(2), product(3), product(4), product(5)}));
}

}  // namespace
}  // namespace souk
