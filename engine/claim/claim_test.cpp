#include "engine/claim/claim.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::claim;
using namespace souk::testing;

namespace {
const auto kSelf = id_of<ClaimId>(7);
const auto kAnna = id_of<AccountId>(1);
const auto kBob = id_of<AccountId>(2);
}  // namespace

TEST_CASE("a free name is granted") {
  const Taken taken{kAnna, ClaimKind::kEmail};
  const auto after = given<Claim>().when(Take{kAnna, ClaimKind::kEmail}).then(taken);
  CHECK((after == State{kAnna, ClaimKind::kEmail}));
  CHECK((Claim::react(kSelf, taken) == Effects{{tell<Account>(kAnna, account::RecordClaim{kSelf, true})}, {}, {}}));
}

TEST_CASE("a name that another holds is refused, and the asker told") {
  const Refused refused{kBob};
  const auto after = given<Claim>(Taken{kAnna}).when(Take{kBob}).then(refused);
  CHECK((after.holder == kAnna));
  CHECK((Claim::react(kSelf, refused) == Effects{{tell<Account>(kBob, account::RecordClaim{kSelf, false})}, {}, {}}));
}

TEST_CASE("the holder who asks again is granted again") {
  const auto after = given<Claim>(Taken{kAnna}).when(Take{kAnna}).then(Taken{kAnna});
  CHECK((after == State{kAnna, ClaimKind::kUsername}));
}

TEST_CASE("a name given back is free for others") {
  const auto after = given<Claim>(Taken{kAnna}).when(Release{kAnna}).then(Released{kAnna});
  CHECK(!after.holder);
  CHECK(Claim::react(kSelf, Released{kAnna}).empty());
  given<Claim>(Taken{kAnna}, Released{kAnna}).when(Take{kBob}).then(Taken{kBob});
}

TEST_CASE("only its holder gives a name back") {
  given<Claim>(Taken{kAnna}).when(Release{kBob}).then_nothing();
  given<Claim>().when(Release{kBob}).then_nothing();
}
