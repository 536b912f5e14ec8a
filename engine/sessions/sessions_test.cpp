#include "engine/sessions/sessions.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::sessions;
using namespace souk::testing;

namespace {

const auto kPhone = id_of<SessionId>(1);
const auto kDesk = id_of<SessionId>(2);
const Personal<Device> kDevice{"personal:v1:cGhvbmU"};
constexpr Duration kGrace{10};

Start start(SessionId id, Time at, std::int64_t generation = 0) {
  return {id, generation, at, Time{at.us + 100}, kDevice, false};
}
Started started(SessionId id, Time at, std::int64_t generation = 0) {
  return {id, generation, at, Time{at.us + 100}, kDevice};
}
Refresh refresh(SessionId id, std::int64_t turn, Time at) {
  return {id, turn, at, Time{at.us + 100}, kGrace, "7"};
}
Refreshed refreshed(SessionId id, std::int64_t turn, Time at) {
  return {id, turn, at, Time{at.us + 100}, "7"};
}

}  // namespace

TEST_CASE("a session is started once, whoever says so again") {
  const auto after = given<Sessions>().when(start(kPhone, Time{5})).then(started(kPhone, Time{5}));
  REQUIRE(after.open.size() == 1);
  CHECK(after.open[0].turn == 0);
  given<Sessions>(started(kPhone, Time{5})).when(start(kPhone, Time{6})).then_nothing();
}

TEST_CASE("sessions stand beside each other, unless one is to be alone") {
  const auto past = given<Sessions>(started(kPhone, Time{5}));
  CHECK(past.when(start(kDesk, Time{6})).then(started(kDesk, Time{6})).open.size() == 2);
  Start alone = start(kDesk, Time{6});
  alone.alone = true;
  const auto after = past.when(alone).then(Ended{{kPhone}, Reason::kReplaced, Time{6}}, started(kDesk, Time{6}));
  REQUIRE(after.open.size() == 1);
  CHECK((after.open[0].id == kDesk));
}

TEST_CASE("what has expired goes when another one is started") {
  given<Sessions>(started(kPhone, Time{5}))
      .when(start(kDesk, Time{105}))
      .then(Ended{{kPhone}, Reason::kExpired, Time{105}}, started(kDesk, Time{105}));
}

TEST_CASE("of too many the one that was not refreshed for the longest time goes") {
  std::vector<Sessions::Event> past;
  for (std::uint64_t i = 1; i <= kOpenMax; ++i) past.emplace_back(started(id_of<SessionId>(i), Time{5}));
  past.emplace_back(refreshed(kPhone, 1, Time{6}));
  const auto one_more = id_of<SessionId>(1'000);
  given<Sessions>(past)
      .when(start(one_more, Time{7}))
      .then(Ended{{kDesk}, Reason::kCrowdedOut, Time{7}}, started(one_more, Time{7}));
}

TEST_CASE("refreshing begins the next turn") {
  const auto after =
      given<Sessions>(started(kPhone, Time{5})).when(refresh(kPhone, 0, Time{50})).then(refreshed(kPhone, 1, Time{50}));
  CHECK(after.open[0].turn == 1);
  CHECK((after.open[0].expires_at == Time{150}));
  CHECK(after.open[0].key_id == "7");
}

TEST_CASE("the turn before counts for a short while and changes nothing") {
  const auto past = given<Sessions>(started(kPhone, Time{5}), refreshed(kPhone, 1, Time{50}));
  past.when(refresh(kPhone, 0, Time{59})).then_nothing();
  past.when(refresh(kPhone, 0, Time{60})).then(Ended{{kPhone}, Reason::kReplayed, Time{60}});
}

TEST_CASE("a clock that was set back makes no turn before count for longer") {
  const auto past = given<Sessions>(started(kPhone, Time{5}), refreshed(kPhone, 1, Time{50}));
  past.when(refresh(kPhone, 0, Time{40})).then_nothing();
  past.when(refresh(kPhone, 0, Time{39})).then(Ended{{kPhone}, Reason::kReplayed, Time{39}});
}

TEST_CASE("a clock that leaps is believed an hour, and one that is set back nothing") {
  CHECK((believed_between(Time{5}, Time{7}) == Duration{2}));
  CHECK((believed_between(Time{7}, Time{5}) == Duration{}));
  CHECK((believed_between(Time{5}, Time{kTokenLifeMax.us}) == Duration::seconds(3'600)));
}

TEST_CASE("a refresh token that was used before the last one ends the session, for it is in two hands") {
  const auto past =
      given<Sessions>(started(kPhone, Time{5}), refreshed(kPhone, 1, Time{50}), refreshed(kPhone, 2, Time{51}));
  CHECK(past.when(refresh(kPhone, 0, Time{51})).then(Ended{{kPhone}, Reason::kReplayed, Time{51}}).open.empty());
}

TEST_CASE("what has ended, has expired or is of a log that was restored is not refreshed") {
  given<Sessions>().when(refresh(kPhone, 0, Time{5})).then_rejected(ErrorCode::kUnauthenticated, "sessions.ended");
  const auto past = given<Sessions>(started(kPhone, Time{5}));
  past.when(refresh(kPhone, 1, Time{6})).then_rejected(ErrorCode::kUnauthenticated, "sessions.ended");
  past.when(refresh(kPhone, 0, Time{105})).then_rejected(ErrorCode::kUnauthenticated, "sessions.expired");
}

TEST_CASE("a session is ended once, and it is remembered that it was") {
  const auto past = given<Sessions>(started(kPhone, Time{5}), started(kDesk, Time{5}));
  const auto after = past.when(End{kPhone, Time{9}}).then(Ended{{kPhone}, Reason::kLoggedOut, Time{9}});
  CHECK((after.ended == std::vector<EndedSession>{{kPhone, Reason::kLoggedOut, Time{9}}}));
  past.when(End{id_of<SessionId>(9), Time{9}}).then_rejected(ErrorCode::kNotFound, "sessions.not_found");
  std::vector<Sessions::Event> many;
  for (std::uint64_t i = 1; i <= kEndedMax + 1; ++i) {
    many.emplace_back(started(id_of<SessionId>(i), Time{5}));
    many.emplace_back(Ended{{id_of<SessionId>(i)}, Reason::kReplaced, Time{6}});
  }
  const auto last = given<Sessions>(many).when(start(kPhone, Time{9})).then(started(kPhone, Time{9}));
  REQUIRE(last.ended.size() == kEndedMax);
  CHECK((last.ended.front().id == kDesk));
}

TEST_CASE("another password ends what was begun with the old one, and nothing that was begun with it") {
  const auto past = given<Sessions>(started(kPhone, Time{5}), started(kDesk, Time{6}, 1));
  const auto after = past.when(Outdate{1, Time{7}}).then(Outdated{1, Time{7}});
  REQUIRE(after.open.size() == 1);
  CHECK((after.open[0].id == kDesk));
  const auto later = given<Sessions>(Outdated{1, Time{7}});
  later.when(Outdate{1, Time{8}}).then_nothing();
  later.when(start(kPhone, Time{8})).then_rejected(ErrorCode::kUnauthenticated, "sessions.outdated");
  later.when(start(kPhone, Time{8}, 1)).then(started(kPhone, Time{8}, 1));
}
