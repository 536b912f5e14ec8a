#include "gateway/accounts.hpp"

#include <doctest/doctest.h>

#include "projections/follower.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

constexpr AccountId kAda{{0xacc, 1}};
constexpr AccountId kBob{{0xacc, 2}};
constexpr AccountId kEve{{0xacc, 3}};

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("accounts.sqlite");
    auto opened = Follower::open(log, clock, make_accounts_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  void add(AccountId id) {
    append<Account>(id, account::RegistrationRequested{});
    append<Account>(id, account::Registered{});
  }
  void revoke(AccountId id, std::int64_t generation) {
    append<Account>(id, account::TokensRevoked{generation, clock.now()});
  }
};

Principal with_token_of(AccountId id, std::int64_t generation) {
  Principal principal;
  principal.account = id;
  principal.generation = generation;
  return principal;
}

}  // namespace

TEST_CASE("after a restart tokens are void that an event made so, whether it is in a row, behind it or parked") {
  World world;
  world.add(kAda);
  world.revoke(kAda, 1);
  // Nobody ever asked for this one, so no row takes the event in.
  world.revoke(kBob, 4);
  world.append_raw(stream_of<Account>(kEve), "account.of_another_program", 1, "{}");
  REQUIRE(testing::catch_up(*world.follower));
  REQUIRE(world.follower->status().parked == 2);
  world.revoke(kAda, 2);

  TokenGenerations generations;
  const auto accounts = std::move(Accounts::open(*world.follower).value());
  REQUIRE(restore_generations(world.log, *accounts, generations));
  CHECK(generations.is_void(with_token_of(kAda, 1)));
  CHECK_FALSE(generations.is_void(with_token_of(kAda, 2)));
  CHECK(generations.is_void(with_token_of(kBob, 3)));
  CHECK_FALSE(generations.is_void(with_token_of(kBob, 4)));
  CHECK(generations.is_void(with_token_of(kEve, 1'000)));
}

}  // namespace souk
