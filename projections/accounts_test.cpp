#include "projections/accounts.hpp"

#include <doctest/doctest.h>

#include <map>

#include "engine/entities.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

const Personal<std::string> kFraud{"personal:v1:ZnJhdWQ"};
const Personal<std::string> kResells{"personal:v1:cmVzZWxscw"};

AccountId account(std::uint64_t n) {
  return {{0xacc, n}};
}

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower;
  std::unique_ptr<Accounts> accounts;

  World() {
    FollowerOptions options;
    options.path = scratch.file("accounts.sqlite");
    follower = std::move(Follower::open(log, clock, make_accounts_projection(), std::move(options)).value());
    accounts = std::move(Accounts::open(*follower).value());
  }

  void ask(std::uint64_t number) {
    account::RegistrationRequested event;
    event.username.sealed = "personal:v1:bmFtZQ";
    event.email.sealed = "personal:v1:bWFpbA";
    event.password_hash.sealed = "secret:v1:aGFzaA";
    event.at = clock.now();
    append<Account>(account(number), event);
  }
  void add(std::uint64_t number) {
    ask(number);
    append<Account>(account(number), account::Registered{});
  }
  AccountPage list(std::size_t limit = 20, std::optional<Position> after = {},
                   std::optional<std::string_view> status = {}) {
    REQUIRE(testing::catch_up(*follower));
    return accounts->list(limit, after, status).value();
  }
  std::map<AccountId, std::int64_t> generations() {
    REQUIRE(testing::catch_up(*follower));
    const auto found = accounts->void_tokens().value();
    CHECK(found.parked.empty());
    return {found.generations.begin(), found.generations.end()};
  }
};

TEST_CASE("accounts are listed with the newest first, and those that were never registered are not") {
  World world;
  world.add(1);
  world.ask(2);
  world.ask(3);
  world.append<Account>(account(3), account::RegistrationRejected{});
  world.add(4);
  const auto page = world.list();
  REQUIRE(page.items.size() == 2);
  CHECK((page.items[0].id == account(4)));
  CHECK((page.items[1].id == account(1)));
  CHECK(page.items[1].status == "active");
  CHECK(page.items[1].role == "user");
  CHECK(page.items[1].username.sealed == "personal:v1:bmFtZQ");
  CHECK(!page.items[1].email_verified);
  CHECK(!page.next);
}

TEST_CASE("a list of accounts goes on where it ended, whoever registers meanwhile") {
  World world;
  for (std::uint64_t i = 1; i <= 5; ++i) world.add(i);
  const auto first = world.list(2);
  REQUIRE(first.next);
  world.add(6);
  const auto second = world.list(2, first.next);
  REQUIRE(second.items.size() == 2);
  CHECK((second.items[0].id == account(3)));
  const auto last = world.list(2, second.next);
  REQUIRE(last.items.size() == 1);
  CHECK((last.items[0].id == account(1)));
  CHECK(!last.next);
}

TEST_CASE("a deleted account shows nothing of the person and is found by its status") {
  World world;
  world.add(1);
  world.add(2);
  world.append<Account>(account(1), account::Deleted{{}, 1, Time{9}});
  const auto gone = world.list(20, {}, "deleted");
  REQUIRE(gone.items.size() == 1);
  CHECK((gone.items[0].id == account(1)));
  CHECK(gone.items[0].username.sealed.empty());
  CHECK(gone.items[0].email.sealed.empty());
  CHECK(world.list(20, {}, "active").items.size() == 1);
}

TEST_CASE("another e-mail address is unverified until it is verified") {
  World world;
  world.add(1);
  world.append<Account>(account(1), account::EmailVerified{});
  CHECK(world.list().items[0].email_verified);
  world.append<Account>(account(1), account::Changed{{Personal<std::string>{"personal:v1:bmV3"}, {}, {}, {}, {}}, {}});
  CHECK(world.list().items[0].email_verified);
  CHECK(world.list().items[0].username.sealed == "personal:v1:bmV3");
  world.append<Account>(account(1), account::Changed{{{}, {}, Personal<std::string>{"personal:v1:bmV3"}, {}, {}}, {}});
  CHECK(!world.list().items[0].email_verified);
}

TEST_CASE("the generations of tokens are those of accounts that ended older ones") {
  World world;
  for (std::uint64_t i = 1; i <= 5; ++i) world.add(i);
  CHECK(world.generations().empty());
  world.append<Account>(account(1), account::PasswordChanged{{"secret:v1:aGFzaA"}, 1, Time{9}});
  world.append<Account>(account(2), account::PasswordReset{{}, {"secret:v1:aGFzaA"}, 1, Time{9}});
  world.append<Account>(account(2), account::TokensRevoked{2, Time{9}});
  world.append<Account>(account(3), account::Deleted{{}, 1, Time{9}});
  const std::map<AccountId, std::int64_t> expected{{account(1), 1}, {account(2), 2}, {account(3), 1}, {account(4), 1}};
  world.append<Account>(account(4), account::Banned{kFraud, {}, 1, Time{9}});
  CHECK((world.generations() == expected));
}

TEST_CASE("who is banned is found, with reason and end, until released or deleted") {
  World world;
  for (std::uint64_t i = 1; i <= 4; ++i) world.add(i);
  world.append<Account>(account(1), account::Banned{kFraud, {}, 1, Time{9}});
  world.append<Account>(account(2), account::Banned{kResells, Time{50}, 1, Time{9}});
  world.append<Account>(account(3), account::Banned{kFraud, {}, 1, Time{9}});
  world.append<Account>(account(3), account::Released{Time{10}});
  auto page = world.list(20, {}, Accounts::kBanned);
  REQUIRE(page.items.size() == 2);
  CHECK((page.items[0].ban == account::CurrentBan{kResells, Time{50}, Time{9}}));
  CHECK((page.items[1].ban == account::CurrentBan{kFraud, {}, Time{9}}));
  world.append<Account>(account(1), account::Deleted{{}, 2, Time{11}});
  page = world.list(20, {}, Accounts::kBanned);
  REQUIRE(page.items.size() == 1);
  CHECK((page.items[0].id == account(2)));
}

TEST_CASE("sessions that ended are known for as long as one of their tokens may hold") {
  constexpr std::int64_t kHour = 3'600'000'000;
  World world;
  const auto end = [&](std::uint64_t number, Time at) {
    world.append<Sessions>(account(number),
                           sessions::Ended{{SessionId{{0x5e5, number}}}, sessions::Reason::kLoggedOut, at});
  };
  const auto known = [&] {
    REQUIRE(testing::catch_up(*world.follower));
    return world.accounts->void_tokens().value().sessions;
  };
  world.append<Sessions>(account(1), sessions::Started{SessionId{{0x5e5, 1}}, 0, Time{5}, Time{50}, {}});
  end(1, Time{9});
  end(2, Time{10});
  for (std::uint64_t hour = 1; hour <= 23; ++hour) end(2 + hour, Time{9 + static_cast<std::int64_t>(hour) * kHour});
  CHECK(known().size() == 25);
  end(26, Time{9 + 24 * kHour});
  const auto left = known();
  REQUIRE(left.size() == 25);
  CHECK((left[0].account == account(2)));
  CHECK((left[0].id == SessionId{{0x5e5, 2}}));
  CHECK((left[0].ended_at == Time{10}));
}

TEST_CASE("a clock that leaps ahead and back makes no session forgotten that has ended, nor all of them kept") {
  constexpr std::int64_t kHour = 3'600'000'000;
  World world;
  std::uint64_t number = 0;
  const auto end = [&](std::int64_t at) {
    world.append<Sessions>(account(1), sessions::Ended{{SessionId{{0x5e5, ++number}}}, {}, Time{at}});
  };
  const auto known = [&] {
    REQUIRE(testing::catch_up(*world.follower));
    return world.accounts->void_tokens().value().sessions.size();
  };
  end(9);
  end(9'000 * kHour);
  end(10);
  end(11);
  CHECK(known() == 4);
  for (std::int64_t hour = 1; hour <= 24; ++hour) end(11 + hour * kHour);
  CHECK(known() == 24);
}

}  // namespace
}  // namespace souk
