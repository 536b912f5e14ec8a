#include "projections/guest_carts.hpp"

#include <doctest/doctest.h>

#include "engine/guest_cart/guest_cart.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using namespace guest_cart;
using testing::catch_up;

constexpr CartId kOne{{1, 1}};
constexpr CartId kTwo{{1, 2}};
constexpr AccountId kBuyer{{2, 1}};
constexpr ProductId kTea{{3, 1}};

/// Each event comes a second after the one before.
struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<GuestCarts> carts = std::move(GuestCarts::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("guest_carts.sqlite");
    auto opened = Follower::open(log, clock, make_guest_carts_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  std::vector<ExpiredGuestCart> expired(std::int64_t seconds_from_now, std::size_t limit = 20) {
    REQUIRE(catch_up(*follower));
    CHECK(follower->status().parked == 0);
    return carts->expired(clock.now() + Duration::seconds(seconds_from_now), limit).value();
  }
};

TEST_CASE("a guest's cart expires when nobody has changed it for as long as it was opened for") {
  World world;
  world.append<GuestCart>(kOne, Opened{Time{}, 60});
  CHECK(world.expired(59).empty());
  REQUIRE(world.expired(60).size() == 1);
  CHECK((world.expired(60)[0].id == kOne));
  CHECK((world.expired(60)[0].version == Version{1}));
}

TEST_CASE("every change of a guest's cart puts its end off") {
  World world;
  const std::vector<GuestCart::Event> changes{LinePut{{kTea, 1}}, LineRemoved{kTea}, Cleared{}};
  world.append<GuestCart>(kOne, Opened{Time{}, 60});
  for (std::uint64_t i = 0; i < changes.size(); ++i) {
    world.append<GuestCart>(kOne, changes[i]);
    CHECK(world.expired(59).empty());
    REQUIRE(world.expired(60).size() == 1);
    CHECK((world.expired(60)[0].version == Version{i + 2}));
  }
}

TEST_CASE("the carts longest unused come first, and no more than asked for") {
  World world;
  world.append<GuestCart>(kOne, Opened{Time{}, 60});
  world.append<GuestCart>(kTwo, Opened{Time{}, 60});
  world.append<GuestCart>(kOne, LinePut{{kTea, 1}});
  const auto both = world.expired(100);
  REQUIRE(both.size() == 2);
  CHECK((both[0].id == kTwo));
  CHECK(world.expired(100, 1).size() == 1);
}

TEST_CASE("a cart that was spent or told that it has expired needs no sweeping") {
  World world;
  world.append<GuestCart>(kOne, Opened{Time{}, 60});
  world.append<GuestCart>(kTwo, Opened{Time{}, 60});
  world.append<GuestCart>(kOne, Spent{kBuyer, {}});
  world.append<GuestCart>(kOne, Merged{kBuyer});
  world.append<GuestCart>(kTwo, Expired{});
  CHECK(world.expired(1'000).empty());
  CHECK(world.carts->count().value() == 0);
}

}  // namespace
}  // namespace souk
