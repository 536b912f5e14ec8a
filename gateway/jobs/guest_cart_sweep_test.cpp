#include "gateway/jobs/guest_cart_sweep.hpp"

#include <doctest/doctest.h>

#include "actors/testing/hosts.hpp"
#include "projections/follower.hpp"
#include "projections/testing/scratch.hpp"

namespace souk {
namespace {

using guest_cart::Status;

constexpr std::int64_t kTtl_s = 60;
constexpr CartId kOne{{1, 1}};
constexpr CartId kTwo{{1, 2}};
constexpr ProductId kTea{{3, 1}};

struct World {
  testing::ScratchDirectory scratch;
  testing::ManualClock clock;
  MemoryEventLog log{clock};
  testing::SteppedHost shop{log, clock};
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<GuestCarts> carts = std::move(GuestCarts::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("guest_carts.sqlite");
    auto opened = Follower::open(log, clock, make_guest_carts_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  void obey(CartId cart, const GuestCart::Command& command) {
    const auto answers = shop.ask<GuestCart>(cart, command);
    shop.run();
    REQUIRE(answers->size() == 1);
    REQUIRE(answers->front().reason.empty());
  }
  void open(CartId cart) { obey(cart, guest_cart::Open{clock.now(), kTtl_s}); }
  void catch_up() {
    while (follower->run_once().value() > 0) {
    }
  }
  Status status(CartId cart) {
    const auto answers = shop.read<GuestCart>(cart);
    shop.run();
    return answers->at(0).state.status;
  }
  BatchCount sweep(std::size_t limit = 10) {
    std::vector<BatchCount> told;
    sweep_guest_carts(shop.host, *carts, clock.now(), limit, {},
                      [&](const Result<BatchCount>& done) { told.push_back(done.value()); });
    shop.run();
    REQUIRE(told.size() == 1);
    return told.front();
  }
};

TEST_CASE("a sweep ends the guests' carts that nobody used, and no others") {
  World world;
  world.open(kOne);
  world.shop.advance(Duration::seconds(kTtl_s - 1));
  world.open(kTwo);
  world.catch_up();
  CHECK(world.sweep().done == 0);
  world.shop.advance(Duration::seconds(1));
  const auto done = world.sweep();
  CHECK(done.done == 1);
  CHECK(!done.more);
  CHECK(world.status(kOne) == Status::kExpired);
  CHECK(world.status(kTwo) == Status::kOpen);
}

TEST_CASE("a guest who uses the cart while it is swept keeps it") {
  World world;
  world.open(kOne);
  world.catch_up();
  world.shop.advance(Duration::seconds(kTtl_s));
  world.obey(kOne, cart::AddItem{kTea, 1});
  const auto done = world.sweep();
  CHECK(done.done == 0);
  CHECK(done.kept == 1);
  CHECK(world.status(kOne) == Status::kOpen);
}

TEST_CASE("a sweep said twice before the list has caught up ends a cart once") {
  World world;
  world.open(kOne);
  world.catch_up();
  world.shop.advance(Duration::seconds(kTtl_s));
  CHECK(world.sweep().done == 1);
  CHECK(world.sweep().done == 0);
  world.catch_up();
  const auto done = world.sweep();
  CHECK(done.done + done.kept == 0);
}

TEST_CASE("a sweep takes no more than it was told to, and says that there are more") {
  World world;
  world.open(kOne);
  world.open(kTwo);
  world.catch_up();
  world.shop.advance(Duration::seconds(kTtl_s));
  const auto first = world.sweep(1);
  CHECK(first.done == 1);
  CHECK(first.more);
  world.catch_up();
  CHECK(world.sweep(2).done == 1);
  world.catch_up();
  CHECK(!world.sweep(2).more);
}

}  // namespace
}  // namespace souk
