#include "actors/effect_ledger.hpp"

#include <doctest/doctest.h>

namespace souk {
namespace {

TEST_CASE("a fresh ledger covers what was done before it") {
  const EffectLedger ledger(Position{41});
  CHECK((ledger.covered() == Position{41}));
  CHECK(ledger.under_way() == 0);
}

TEST_CASE("an event without effects is covered as soon as it is seen") {
  EffectLedger ledger(Position{});
  ledger.seen(Position{1}, 0);
  ledger.seen(Position{2}, 0);
  CHECK((ledger.covered() == Position{2}));
}

TEST_CASE("an event is covered only when all its effects are done, and holds back all behind it") {
  EffectLedger ledger(Position{});
  ledger.seen(Position{1}, 0);
  ledger.seen(Position{2}, 2);
  ledger.seen(Position{3}, 1);
  ledger.seen(Position{4}, 0);
  CHECK((ledger.covered() == Position{1}));
  CHECK(ledger.under_way() == 2);
  ledger.done(Position{3});
  CHECK((ledger.covered() == Position{1}));
  ledger.done(Position{2});
  CHECK((ledger.covered() == Position{1}));
  ledger.done(Position{2});
  CHECK((ledger.covered() == Position{4}));
  CHECK(ledger.under_way() == 0);
}

TEST_CASE("with later events still under way the ledger covers up to the one before the first of them") {
  EffectLedger ledger(Position{10});
  ledger.seen(Position{11}, 1);
  CHECK((ledger.covered() == Position{10}));
  ledger.seen(Position{15}, 1);
  ledger.done(Position{11});
  CHECK((ledger.covered() == Position{14}));
}

}  // namespace
}  // namespace souk
