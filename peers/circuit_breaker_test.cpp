#include "peers/circuit_breaker.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace souk;
using State = CircuitBreaker::State;

namespace {

constexpr Time at(std::int64_t seconds) {
  return Time{seconds * 1'000'000};
}

void call(CircuitBreaker& breaker, bool succeeded, Time now) {
  const auto ticket = breaker.admit(now);
  REQUIRE(ticket.has_value());
  breaker.report(*ticket, succeeded, now);
}

void open(CircuitBreaker& breaker, Time now) {
  for (int i = 0; i < 5; ++i) call(breaker, false, now);
}

}  // namespace

TEST_CASE("a breaker opens after five failures in a row") {
  CircuitBreaker breaker({});
  for (int i = 0; i < 4; ++i) call(breaker, false, at(1));
  call(breaker, true, at(1));
  for (int i = 0; i < 4; ++i) call(breaker, false, at(1));
  CHECK(breaker.state(at(1)) == State::kClosed);
  call(breaker, false, at(1));
  CHECK(breaker.state(at(1)) == State::kOpen);
  CHECK_FALSE(breaker.admit(at(1)).has_value());
  CHECK(breaker.refused_ever() == 1);
  CHECK(breaker.opened_ever() == 1);
}

TEST_CASE("a breaker opens when half of a window's calls fail") {
  CircuitBreaker breaker({});
  for (int i = 0; i < 9; ++i) {
    call(breaker, true, at(1));
    call(breaker, false, at(1));
  }
  call(breaker, true, at(1));
  CHECK(breaker.state(at(1)) == State::kClosed);
  call(breaker, false, at(1));
  CHECK(breaker.state(at(1)) == State::kOpen);
}

TEST_CASE("failures of an older window are forgotten") {
  CircuitBreaker breaker({});
  for (int i = 0; i < 9; ++i) {
    call(breaker, true, at(1));
    call(breaker, false, at(1));
  }
  call(breaker, true, at(40));
  call(breaker, false, at(40));
  CHECK(breaker.state(at(40)) == State::kClosed);
}

TEST_CASE("an open breaker lets one probe through, whose success closes it") {
  CircuitBreaker breaker({});
  open(breaker, at(1));
  CHECK_FALSE(breaker.admit(at(10)).has_value());
  const auto probe = breaker.admit(at(11));
  REQUIRE(probe.has_value());
  CHECK(breaker.state(at(11)) == State::kHalfOpen);
  CHECK_FALSE(breaker.admit(at(11)).has_value());
  breaker.report(*probe, true, at(12));
  CHECK(breaker.state(at(12)) == State::kClosed);
  CHECK(breaker.admit(at(12)).has_value());
}

TEST_CASE("a probe that fails opens it for as long again") {
  CircuitBreaker breaker({});
  open(breaker, at(1));
  breaker.report(*breaker.admit(at(11)), false, at(12));
  CHECK_FALSE(breaker.admit(at(21)).has_value());
  CHECK(breaker.admit(at(22)).has_value());
  CHECK(breaker.opened_ever() == 2);
}

TEST_CASE("a probe that was not made leaves the place to another one") {
  CircuitBreaker breaker({});
  open(breaker, at(1));
  const auto probe = breaker.admit(at(11));
  REQUIRE(probe.has_value());
  CHECK_FALSE(breaker.admit(at(11)).has_value());
  breaker.give_back(*probe);
  CHECK(breaker.state(at(11)) == State::kHalfOpen);
  CHECK(breaker.admit(at(11)).has_value());
}

TEST_CASE("a probe of which nothing is ever heard leaves its place to another one, after as long again") {
  CircuitBreaker breaker({.probes = 2});
  open(breaker, at(1));
  const auto lost = breaker.admit(at(11));
  REQUIRE(lost.has_value());
  const auto well = breaker.admit(at(11));
  breaker.report(*well, true, at(12));
  CHECK_FALSE(breaker.admit(at(21)).has_value());
  const auto next = breaker.admit(at(22));
  REQUIRE(next.has_value());
  // What it says after all counts no more.
  breaker.report(*lost, false, at(23));
  CHECK(breaker.state(at(23)) == State::kHalfOpen);
  breaker.report(*next, true, at(23));
  call(breaker, true, at(23));
  CHECK(breaker.state(at(23)) == State::kClosed);
}

TEST_CASE("probes that are well stay so, however long the next one takes to come") {
  CircuitBreaker breaker({.probes = 2});
  open(breaker, at(1));
  call(breaker, true, at(11));
  CHECK(breaker.state(at(500)) == State::kHalfOpen);
  call(breaker, true, at(500));
  CHECK(breaker.state(at(500)) == State::kClosed);
}

TEST_CASE("a clock that goes back keeps it open no longer than from then on") {
  CircuitBreaker breaker({});
  open(breaker, at(5'000));
  CHECK_FALSE(breaker.admit(at(100)).has_value());
  CHECK_FALSE(breaker.admit(at(109)).has_value());
  CHECK(breaker.admit(at(110)).has_value());
}

TEST_CASE("a call admitted before the breaker opened says nothing about the probe") {
  CircuitBreaker breaker({});
  const auto early = breaker.admit(at(1));
  open(breaker, at(1));
  const auto probe = breaker.admit(at(11));
  breaker.report(*early, true, at(11));
  CHECK(breaker.state(at(11)) == State::kHalfOpen);
  breaker.report(*probe, true, at(11));
  CHECK(breaker.state(at(11)) == State::kClosed);
}

TEST_CASE("failures are counted over a window that moves, not one that begins anew") {
  CircuitBreaker breaker({});
  for (int i = 0; i < 10; ++i) {
    call(breaker, true, at(28));
    if (i < 9) call(breaker, false, at(28));
  }
  // Another window would have begun at 30 s; this one still has them.
  call(breaker, false, at(31));
  CHECK(breaker.state(at(31)) == State::kOpen);
}

namespace {

/// A call that is answered, after so long.
void slow_call(CircuitBreaker& breaker, Duration took, Time now) {
  const auto ticket = breaker.admit(now);
  REQUIRE(ticket.has_value());
  breaker.report(*ticket, true, now + took);
}

}  // namespace

TEST_CASE("a breaker opens when half of a window's calls are slow, though all succeed") {
  CircuitBreaker breaker({.slow_after = Duration::seconds(1)});
  for (int i = 0; i < 10; ++i) slow_call(breaker, Duration::milliseconds(1'000), at(1));
  for (int i = 0; i < 9; ++i) slow_call(breaker, Duration::milliseconds(1'001), at(1));
  CHECK(breaker.state(at(3)) == State::kClosed);
  slow_call(breaker, Duration::milliseconds(1'001), at(1));
  CHECK(breaker.state(at(3)) == State::kOpen);
}

TEST_CASE("a few slow calls are no sign, and none is slow where nothing says so") {
  CircuitBreaker few({.slow_after = Duration::seconds(1)});
  for (int i = 0; i < 19; ++i) slow_call(few, Duration::seconds(5), at(1));
  CHECK(few.state(at(6)) == State::kClosed);
  CircuitBreaker patient({});
  for (int i = 0; i < 100; ++i) slow_call(patient, Duration::seconds(600), at(1));
  CHECK(patient.state(at(601)) == State::kClosed);
}

TEST_CASE("so many probes are let through, and all have to be well") {
  CircuitBreaker breaker({.slow_after = Duration::seconds(1), .probes = 3});
  open(breaker, at(1));
  std::vector<CircuitBreaker::Ticket> probes;
  for (int i = 0; i < 3; ++i) {
    const auto probe = breaker.admit(at(11));
    REQUIRE(probe.has_value());
    probes.push_back(*probe);
  }
  CHECK_FALSE(breaker.admit(at(11)).has_value());
  breaker.report(probes[0], true, at(11));
  CHECK_FALSE(breaker.admit(at(11)).has_value());
  breaker.report(probes[1], true, at(11));
  CHECK(breaker.state(at(11)) == State::kHalfOpen);
  SUBCASE("the last one, too") {
    breaker.report(probes[2], true, at(12));
    CHECK(breaker.state(at(12)) == State::kClosed);
  }
  SUBCASE("one fails") {
    breaker.report(probes[2], false, at(12));
    CHECK(breaker.state(at(12)) == State::kOpen);
  }
  SUBCASE("one is slow") {
    breaker.report(probes[2], true, at(13));
    CHECK(breaker.state(at(13)) == State::kOpen);
  }
}

TEST_CASE("what is forced open stays so until it is released, and then a probe decides") {
  CircuitBreaker breaker({});
  breaker.force_open(at(1));
  CHECK(breaker.is_forced());
  CHECK_FALSE(breaker.admit(at(1'000)).has_value());
  CHECK(breaker.state(at(1'000)) == State::kOpen);
  breaker.release(at(1'000));
  CHECK_FALSE(breaker.is_forced());
  const auto probe = breaker.admit(at(1'000));
  REQUIRE(probe.has_value());
  CHECK_FALSE(breaker.admit(at(1'000)).has_value());
  breaker.report(*probe, true, at(1'000));
  CHECK(breaker.state(at(1'000)) == State::kClosed);
}

TEST_CASE("what is forced closed admits every call, whatever comes of them") {
  CircuitBreaker breaker({});
  open(breaker, at(1));
  breaker.force_closed(at(2));
  for (int i = 0; i < 100; ++i) call(breaker, false, at(2));
  CHECK(breaker.state(at(2)) == State::kClosed);
  const auto before = breaker.admit(at(2));
  breaker.release(at(3));
  breaker.report(*before, false, at(3));
  for (int i = 0; i < 4; ++i) call(breaker, false, at(3));
  CHECK(breaker.state(at(3)) == State::kClosed);
  call(breaker, false, at(3));
  CHECK(breaker.state(at(3)) == State::kOpen);
}
