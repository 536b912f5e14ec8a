// Taking other names: the saga of an account and the claims to its user name and its e-mail.
#include <doctest/doctest.h>

#include "engine/testing/account_sample.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/random_commands.hpp"
#include "engine/testing/world.hpp"

using namespace souk;
using namespace souk::account;
using namespace souk::testing;

namespace {

const auto kNewName = id_of<ClaimId>(21);
const auto kNewMail = id_of<ClaimId>(22);
const Personal<std::string> kName{"personal:v1:bmV3"};
const Personal<std::string> kMail{"personal:v1:bmV3bWFpbA"};
const Personal<Profile> kProfile{"personal:v1:cHJvZmlsZQ"};

Details new_username() {
  return {kName, kNewName, {}, {}, {}};
}
Details new_names() {
  return {kName, kNewName, kMail, kNewMail, {}};
}

}  // namespace

TEST_CASE("a profile changes at once") {
  const Details details{{}, {}, {}, {}, kProfile};
  const auto after = given<Account>(registered()).when(Change{details, Time{9}}).then(Changed{details, {}});
  CHECK((after.profile == kProfile));
  CHECK(Account::react(kSelf, Changed{details, {}}).empty());
}

TEST_CASE("a change to nothing new is none") {
  given<Account>(registered()).when(Change{{}, Time{9}}).then_nothing();
}

TEST_CASE("another user name is asked for first, and the old one is kept meanwhile") {
  const auto after =
      given<Account>(registered()).when(Change{new_username(), Time{9}}).then(ChangeRequested{new_username(), Time{9}});
  CHECK((after.username == registration().username));
  CHECK(after.username_claim == kNameClaim);
  CHECK((Account::react(kSelf, ChangeRequested{new_username(), Time{9}}) ==
         Effects{{tell<Claim>(kNewName, claim::Take{kSelf, claim::ClaimKind::kUsername})}, {}, {}}));
}

TEST_CASE("a granted user name takes the place of the old one, which becomes free") {
  auto past = registered();
  past.emplace_back(ChangeRequested{new_username(), Time{9}});
  const Changed changed{new_username(), {kNameClaim}};
  const auto after = given<Account>(past).when(RecordClaim{kNewName, true}).then(ClaimGranted{kNewName}, changed);
  CHECK((after.username == kName));
  CHECK(after.username_claim == kNewName);
  CHECK(!after.change);
  CHECK((Account::react(kSelf, changed) == Effects{{tell<Claim>(kNameClaim, claim::Release{kSelf})}, {}, {}}));
}

TEST_CASE("a refused user name leaves everything as it was") {
  auto past = registered();
  past.emplace_back(ChangeRequested{new_username(), Time{9}});
  const auto after = given<Account>(past)
                         .when(RecordClaim{kNewName, false})
                         .then(ClaimRefused{kNewName}, ChangeRefused{{kNewName}, {}});
  CHECK((after.username == registration().username));
  CHECK(after.username_claim == kNameClaim);
  CHECK((after.refused_claims == std::vector{kNewName}));
}

TEST_CASE("of a change of both names either both happen or none, and what was granted is given back") {
  auto past = registered();
  past.emplace_back(ChangeRequested{new_names(), Time{9}});
  const auto half = given<Account>(past).when(RecordClaim{kNewName, true}).then(ClaimGranted{kNewName});
  CHECK((half.username == registration().username));
  past.emplace_back(ClaimGranted{kNewName});

  const ChangeRefused refused{{kNewMail}, {kNewName}};
  given<Account>(past).when(RecordClaim{kNewMail, false}).then(ClaimRefused{kNewMail}, refused);
  CHECK((Account::react(kSelf, refused) == Effects{{tell<Claim>(kNewName, claim::Release{kSelf})}, {}, {}}));

  const Changed changed{new_names(), {kNameClaim, kMailClaim}};
  const auto after = given<Account>(past).when(RecordClaim{kNewMail, true}).then(ClaimGranted{kNewMail}, changed);
  CHECK((after.email == kMail));
  CHECK(after.email_claim == kNewMail);
}

TEST_CASE("another spelling of a name needs no other claim") {
  const Details asked{kName, kNameClaim, {}, {}, {}};
  const Details spelled{kName, {}, {}, {}, {}};
  const auto after = given<Account>(registered()).when(Change{asked, Time{9}}).then(Changed{spelled, {}});
  CHECK((after.username == kName));
  CHECK(after.username_claim == kNameClaim);
}

TEST_CASE("another e-mail address is not verified, and messages to the old one count no more") {
  auto past = registered();
  past.emplace_back(requested(MessageKind::kEmailVerification, 1));
  past.emplace_back(EmailVerified{id_of<MessageId>(1), Time{7}});
  past.emplace_back(requested(MessageKind::kPasswordReset, 2));
  const Details details{{}, {}, kMail, kNewMail, {}};
  past.emplace_back(ChangeRequested{details, Time{9}});
  CHECK(fold<Account>(past).email_verified);
  past.emplace_back(ClaimGranted{kNewMail});
  past.emplace_back(Changed{details, {kMailClaim}});
  CHECK(!fold<Account>(past).email_verified);
  given<Account>(past)
      .when(ResetPassword{"t2", kHash, Time{10}})
      .then_rejected(ErrorCode::kInvalid, "account.token_invalid");
  given<Account>(past).when(VerifyEmail{"t1", Time{10}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
}

TEST_CASE("a profile or a user name leaves a verified e-mail address verified") {
  auto past = registered();
  past.emplace_back(requested(MessageKind::kEmailVerification, 1));
  past.emplace_back(EmailVerified{id_of<MessageId>(1), Time{7}});
  past.emplace_back(Changed{{kName, {}, {}, {}, kProfile}, {}});
  CHECK(fold<Account>(past).email_verified);
}

TEST_CASE("while names are asked for no other change is taken") {
  auto past = registered();
  past.emplace_back(ChangeRequested{new_username(), Time{9}});
  given<Account>(past)
      .when(Change{{{}, {}, {}, {}, kProfile}, Time{9}})
      .then_rejected(ErrorCode::kConflict, "account.change_under_way");
}

TEST_CASE("a name without its claim, a claim without its name, and an empty text are refused") {
  const auto past = given<Account>(registered());
  for (const Details& details : {Details{kName, {}, {}, {}, {}}, Details{{}, kNewName, {}, {}, {}},
                                 Details{{}, {}, Personal<std::string>{}, kNewMail, {}},
                                 Details{kName, ClaimId{}, {}, {}, {}}, Details{{}, {}, {}, {}, Personal<Profile>{}}}) {
    past.when(Change{details, Time{9}}).then_rejected(ErrorCode::kInvalid, "account.incomplete");
  }
}

TEST_CASE("one claim cannot stand for both names of a change") {
  const auto past = given<Account>(registered());
  for (const Details& details : {Details{kName, kNewName, kMail, kNewName, {}}, Details{kName, kMailClaim, {}, {}, {}},
                                 Details{{}, {}, kMail, kNameClaim, {}}}) {
    past.when(Change{details, Time{9}}).then_rejected(ErrorCode::kInvalid, "account.claims_equal");
  }
}

TEST_CASE("a name that comes too late is given back") {
  auto past = registered();
  past.emplace_back(ChangeRequested{new_names(), Time{9}});
  past.emplace_back(ClaimGranted{kNewMail});
  // Deleted meanwhile: what was granted is freed at once, what is not answered yet when the answer comes.
  const Deleted deleted{{kNameClaim, kMailClaim, kNewMail}, 1, Time{10}};
  given<Account>(past).when(Delete{Time{10}}).then(deleted);
  past.emplace_back(deleted);
  given<Account>(past).when(RecordClaim{kNewName, true}).then(ClaimReturned{kNewName});
  given<Account>(past).when(RecordClaim{kNewName, false}).then_nothing();
  CHECK((Account::react(kSelf, ClaimReturned{kNewName}) ==
         Effects{{tell<Claim>(kNewName, claim::Release{kSelf})}, {}, {}}));
}

TEST_CASE("an answer about a name that the account has changes nothing") {
  given<Account>(registered()).when(RecordClaim{kNameClaim, true}).then_nothing();
  given<Account>(registered()).when(RecordClaim{kNameClaim, false}).then_nothing();
}

TEST_CASE("whoever takes which names in whatever order, every living account holds exactly its own two") {
  const std::uint64_t seed = seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  Random random(seed);
  const auto name = [&] { return ClaimId{Id128{1, random.below(5) + 1}}; };
  const auto mail = [&] { return ClaimId{Id128{2, random.below(5) + 1}}; };
  int changes = 0;
  for (int run = 0; run < 300; ++run) {
    World world;
    for (int i = 0; i < 60; ++i) {
      const AccountId id{Id128{3, random.below(4) + 1}};
      if (world.waiting() > 0 && random.one_in(2)) {
        world.deliver(random.next(), random.one_in(5));
      } else if (random.one_in(4)) {
        world.ask<Account>(id, Register{{"personal:v1:QQ"}, {"personal:v1:Qg"}, kHash, name(), mail(), {}, Time{1}});
      } else if (random.one_in(8)) {
        world.ask<Account>(id, Delete{Time{2}});
      } else {
        Details details;
        if (random.one_in(2)) details = {kName, name(), {}, {}, {}};
        if (random.one_in(2)) {
          details.email = kMail;
          details.email_claim = mail();
        }
        world.ask<Account>(id, Change{details, Time{3}});
      }
    }
    while (world.waiting() > 0) world.deliver(random.next(), random.one_in(5));

    std::map<ClaimId, AccountId> wanted;
    for (const auto& [id, state] : world.all<Account>()) {
      CHECK(!state.change);
      if (state.status != Status::kActive) continue;
      CHECK(wanted.emplace(state.username_claim, id).second);
      CHECK(wanted.emplace(state.email_claim, id).second);
      changes += state.username == kName ? 1 : 0;
    }
    std::map<ClaimId, AccountId> held;
    for (const auto& [id, state] : world.all<Claim>()) {
      if (state.holder) held.emplace(id, *state.holder);
    }
    REQUIRE((held == wanted));
  }
  CHECK(changes > 100);
}
