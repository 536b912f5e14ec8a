#include "gateway/sessions.hpp"

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
constexpr AccountId kDan{{0xacc, 4}};

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

Principal with_token_of(AccountId id, std::int64_t generation, SessionId session = {}) {
  Principal principal;
  principal.session = session;
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
  world.append_raw(stream_of<Account>(kDan), "account.of_another_program", 1, "{}");

  Revocations revocations;
  const auto accounts = std::move(Accounts::open(*world.follower).value());
  REQUIRE(restore_revocations(world.log, *accounts, revocations));
  CHECK(revocations.is_void(with_token_of(kAda, 1)));
  CHECK_FALSE(revocations.is_void(with_token_of(kAda, 2)));
  CHECK(revocations.is_void(with_token_of(kBob, 3)));
  CHECK_FALSE(revocations.is_void(with_token_of(kBob, 4)));
  CHECK(revocations.is_void(with_token_of(kEve, 1'000)));
  CHECK(revocations.is_void(with_token_of(kDan, 1'000)));
}

TEST_CASE("after a restart the tokens of sessions that ended are void, whether it is in a row, behind it or parked") {
  World world;
  const auto end = [&](AccountId id, SessionId session) {
    world.append<Sessions>(id, sessions::Started{session, 0, Time{5}, Time{50}, {}});
    world.append<Sessions>(id, sessions::Ended{{session}, sessions::Reason::kReplayed, world.clock.now()});
  };
  const SessionId in_row{{0x5e5, 1}};
  const SessionId behind{{0x5e5, 2}};
  const SessionId parked{{0x5e5, 3}};
  world.add(kAda);
  end(kAda, in_row);
  // What comes behind one that nobody understands is parked with it.
  world.append_raw(stream_of<Sessions>(kBob), "sessions.of_another_program", 1, "{}");
  end(kBob, parked);
  REQUIRE(testing::catch_up(*world.follower));
  REQUIRE(world.follower->status().parked == 3);
  end(kAda, behind);

  Revocations revocations;
  const auto accounts = std::move(Accounts::open(*world.follower).value());
  REQUIRE(restore_revocations(world.log, *accounts, revocations));
  CHECK(revocations.is_void(with_token_of(kAda, 0, in_row)));
  CHECK(revocations.is_void(with_token_of(kAda, 0, behind)));
  CHECK(revocations.is_void(with_token_of(kEve, 0, parked)));
  CHECK(revocations.is_void(with_token_of(kBob, 1'000)));
  CHECK_FALSE(revocations.is_void(with_token_of(kAda, 0, SessionId{{0x5e5, 4}})));
}

TEST_CASE("whoever refreshes is told what is known of the session, and nothing where it was not looked at") {
  const SessionId id{{7, 7}};
  sessions::State state;
  const auto asked = [&](const Error* refusal) {
    return next_turn({refusal == nullptr ? Verdict::kDone : Verdict::kRefused, refusal, state, {}, {}}, id);
  };
  const Error ended{ErrorCode::kUnauthenticated, "sessions.ended", ""};
  CHECK(asked(&ended).error().reason == "sessions.ended");
  const Error busy{ErrorCode::kUnavailable, "entity.busy", ""};
  CHECK(asked(&busy).error().reason == "entity.busy");
  state.ended.push_back({id, sessions::Reason::kReplayed, {}});
  CHECK(asked(nullptr).error().reason == "sessions.replayed");
  CHECK(asked(&ended).error().reason == "sessions.replayed");
  state.open.push_back({id, {}, {}, {}, 3, 0, {}, {}});
  CHECK(asked(nullptr)->turn == 3);
  state.ended.clear();
  CHECK(asked(&ended).error().reason == "sessions.ended");
}

}  // namespace souk
