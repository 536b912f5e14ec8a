#include <doctest/doctest.h>

#include "engine/account/account.hpp"
#include "engine/testing/account_sample.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::account;
using namespace souk::testing;

namespace {

const Personal<std::string> kFraud{"personal:v1:ZnJhdWQ"};
const Personal<std::string> kResells{"personal:v1:cmVzZWxscw"};
const Personal<std::string> kAbuse{"personal:v1:YWJ1c2U"};

Given<Account> active() {
  return given<Account>(registered());
}
Given<Account> banned() {
  auto past = registered();
  past.emplace_back(Banned{kFraud, {}, 1, Time{8}});
  return given<Account>(past);
}

}  // namespace

TEST_CASE("who is banned is out at once, for a reason and until a time") {
  const auto after = active().when(Ban{kResells, Time{50}, Time{9}}).then(Banned{kResells, Time{50}, 1, Time{9}});
  CHECK(is_banned(after, Time{49}));
  CHECK_FALSE(is_banned(after, Time{50}));
  CHECK(after.generation == 1);
  const Effects expected{{tell<Sessions>(kSelf, sessions::Outdate{1, Time{9}})}, {}, {}};
  CHECK((Account::react(kSelf, Banned{kResells, Time{50}, 1, Time{9}}) == expected));
}

TEST_CASE("a ban without an end lasts until it is released") {
  const auto after = active().when(Ban{kFraud, {}, Time{9}}).then(Banned{kFraud, {}, 1, Time{9}});
  CHECK(is_banned(after, Time{1'000'000'000'000'000}));
  CHECK_FALSE(is_banned(banned().when(Release{Time{10}}).then(account::Released{Time{10}}), Time{10}));
  active().when(Release{Time{10}}).then_nothing();
}

TEST_CASE("the same ban again changes nothing, another one takes its place") {
  banned().when(Ban{kFraud, {}, Time{10}}).then_nothing();
  banned().when(Ban{kFraud, Time{50}, Time{10}}).then(Banned{kFraud, Time{50}, 2, Time{10}});
  banned().when(Ban{kAbuse, {}, Time{10}}).then(Banned{kAbuse, {}, 2, Time{10}});
}

TEST_CASE("a ban needs a reason and a time that is still to come, and somebody to be banned") {
  active().when(Ban{{}, {}, Time{9}}).then_rejected(ErrorCode::kInvalid, "account.incomplete");
  active().when(Ban{kFraud, Time{9}, Time{9}}).then_rejected(ErrorCode::kInvalid, "account.ban_expiry_invalid");
  given<Account>().when(Ban{kFraud, {}, Time{9}}).then_rejected(ErrorCode::kNotFound, "account.not_found");
  given<Account>().when(Release{Time{9}}).then_rejected(ErrorCode::kNotFound, "account.not_found");
}

TEST_CASE("a ban that was written with a reason in the clear is one whose reason nobody sees") {
  const auto event = decode_event<Account::Event>(
      "account.banned", 1, R"({"reason":"resells","generation":1,"at":"2026-11-23T07:31:46.000000Z"})");
  REQUIRE(event);
  const auto after = Account::evolve({}, *event);
  REQUIRE(after.ban);
  CHECK(after.ban->reason.sealed.empty());
  CHECK(after.generation == 1);
}
