#include "privacy/revocations.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "privacy/keyed_hash.hpp"

using namespace souk;

namespace {

const AccountId kAda{Id128{1, 2}};
const AccountId kBob{Id128{1, 3}};
const SessionId kPhone{Id128{2, 1}};
const SessionId kDesk{Id128{2, 2}};

Principal bearer(AccountId account, std::int64_t generation, SessionId session = kPhone) {
  return {account, Principal::Role::kCustomer, generation, session, Id128{9, 9}, Time{}, {}};
}

}  // namespace

TEST_CASE("a token of an older generation than its account's is void") {
  Revocations revocations;
  CHECK(!revocations.is_void(bearer(kAda, 0)));
  revocations.raise(kAda, 2);
  CHECK(revocations.is_void(bearer(kAda, 0)));
  CHECK(revocations.is_void(bearer(kAda, 1)));
  CHECK(!revocations.is_void(bearer(kAda, 2)));
  CHECK(!revocations.is_void(bearer(kBob, 0)));
}

TEST_CASE("a token of a session that has ended is void, and those of others are not") {
  Revocations revocations;
  revocations.end(kAda, kPhone, Time{5});
  CHECK(revocations.is_void(bearer(kAda, 0, kPhone)));
  CHECK(!revocations.is_void(bearer(kAda, 0, kDesk)));
}

TEST_CASE("a generation never falls, and accounts that never raised theirs are not kept") {
  Revocations revocations;
  revocations.raise(kBob, 0);
  CHECK(revocations.size() == 0);
  revocations.raise(kAda, 2);
  revocations.raise(kAda, 1);
  CHECK(revocations.is_void(bearer(kAda, 1)));
  CHECK(revocations.size() == 1);
}

TEST_CASE("sessions are forgotten when none of their tokens can be shown any more, and no sooner") {
  constexpr std::int64_t kHour = 3'600'000'000;
  Revocations revocations;
  revocations.end(kAda, kPhone, Time{0});
  for (int i = 0; i < 10'000; ++i) revocations.end(kBob, SessionId{random_id()}, Time{0});
  revocations.end(kAda, kDesk, Time{1});
  CHECK(revocations.is_void(bearer(kAda, 0, kPhone)));
  for (int hour = 1; hour <= 24; ++hour) revocations.end(kBob, SessionId{random_id()}, Time{hour * kHour});
  for (int i = 0; i < 30'000; ++i) revocations.end(kBob, SessionId{random_id()}, Time{24 * kHour});
  CHECK(!revocations.is_void(bearer(kAda, 0, kPhone)));
  CHECK(revocations.is_void(bearer(kAda, 0, kDesk)));
  CHECK(revocations.size() < 31'000);
}

TEST_CASE("a clock that leaps ahead and back makes nobody forget which sessions have ended") {
  Revocations revocations;
  revocations.end(kAda, kPhone, Time{0});
  for (int i = 0; i < 30'000; ++i) revocations.end(kBob, SessionId{random_id()}, Time{9 * sessions::kTokenLifeMax.us});
  revocations.end(kAda, kDesk, Time{1});
  for (int i = 0; i < 30'000; ++i) revocations.end(kBob, SessionId{random_id()}, Time{2});
  CHECK(revocations.is_void(bearer(kAda, 0, kPhone)));
  CHECK(revocations.is_void(bearer(kAda, 0, kDesk)));
}

TEST_CASE("whatever makes tokens void is told once, when it counts already") {
  std::vector<AccountId> told;
  Revocations revocations([&](AccountId account) { told.push_back(account); });
  for (const int generation : {0, 1, 1, 3, 2, 3}) revocations.raise(kAda, generation);
  revocations.end(kBob, kPhone, Time{1});
  revocations.end(kBob, kPhone, Time{1});
  CHECK((told == std::vector<AccountId>{kAda, kAda, kBob}));
}
