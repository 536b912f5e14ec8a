#include "peers/circuit_breaker.hpp"

#include <doctest/doctest.h>

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
