#include "engine/account/account.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::account;
using namespace souk::testing;

namespace {

const auto kSelf = id_of<AccountId>(1);
const auto kName = id_of<ClaimId>(11);
const auto kMail = id_of<ClaimId>(12);

Register registration() {
  return {{"personal:v1:bmFtZQ"}, {"personal:v1:bWFpbA"}, {"secret:v1:aGFzaA"}, kName, kMail, Role::kAdmin, Time{5}};
}

RegistrationRequested requested() {
  const auto command = registration();
  return {command.username, command.email, command.password_hash, command.username_claim, command.email_claim,
          command.role,     command.at};
}

}  // namespace

TEST_CASE("registering asks for both names") {
  const auto after = given<Account>().when(registration()).then(requested());
  CHECK(after.status == Status::kPending);
  CHECK(after.role == Role::kAdmin);

  const Effects effects = Account::react(kSelf, requested());
  const Effects expected{{tell<Claim>(kName, claim::Take{kSelf, claim::ClaimKind::kUsername}),
                          tell<Claim>(kMail, claim::Take{kSelf, claim::ClaimKind::kEmail})},
                         {},
                         {}};
  CHECK((effects == expected));
}

TEST_CASE("an account is registered once") {
  given<Account>(requested()).when(registration()).then_rejected(ErrorCode::kConflict, "account.exists");
  given<Account>(requested(), RegistrationRejected{true, false, {}})
      .when(registration())
      .then_rejected(ErrorCode::kConflict, "account.exists");
}

TEST_CASE("a registration without a name, a mail, a password or a claim is refused") {
  for (int missing = 0; missing < 5; ++missing) {
    Register command = registration();
    if (missing == 0) command.username.sealed.clear();
    if (missing == 1) command.email.sealed.clear();
    if (missing == 2) command.password_hash.sealed.clear();
    if (missing == 3) command.username_claim = {};
    if (missing == 4) command.email_claim = {};
    given<Account>().when(command).then_rejected(ErrorCode::kInvalid, "account.incomplete");
  }
}

TEST_CASE("one claim cannot stand for both names") {
  Register command = registration();
  command.email_claim = command.username_claim;
  given<Account>().when(command).then_rejected(ErrorCode::kInvalid, "account.claims_equal");
}

TEST_CASE("an account with one name granted still waits for the other") {
  const auto after = given<Account>(requested()).when(RecordClaim{kMail, true}).then(ClaimGranted{kMail});
  CHECK(after.status == Status::kPending);
}

TEST_CASE("an account with both names granted is active") {
  const auto after = given<Account>(requested(), ClaimGranted{kMail})
                         .when(RecordClaim{kName, true})
                         .then(ClaimGranted{kName}, Registered{Role::kAdmin});
  CHECK(after.status == Status::kActive);
  CHECK(Account::react(kSelf, Registered{}).empty());
}

TEST_CASE("an account whose user name is taken is rejected and gives its e-mail back") {
  const RegistrationRejected rejected{true, false, {kMail}};
  const auto after = given<Account>(requested(), ClaimRefused{kName})
                         .when(RecordClaim{kMail, true})
                         .then(ClaimGranted{kMail}, rejected);
  CHECK(after.status == Status::kRejected);
  CHECK((Account::react(kSelf, rejected) == Effects{{tell<Claim>(kMail, claim::Release{kSelf})}, {}, {}}));
}

TEST_CASE("an account whose e-mail is taken is rejected and gives its user name back") {
  given<Account>(requested(), ClaimGranted{kName})
      .when(RecordClaim{kMail, false})
      .then(ClaimRefused{kMail}, RegistrationRejected{false, true, {kName}});
}

TEST_CASE("an account with both names taken has nothing to give back") {
  const RegistrationRejected rejected{true, true, {}};
  given<Account>(requested(), ClaimRefused{kName}).when(RecordClaim{kMail, false}).then(ClaimRefused{kMail}, rejected);
  CHECK(Account::react(kSelf, rejected).empty());
}

TEST_CASE("a claim's answer counts once, and only while it is awaited") {
  given<Account>(requested(), ClaimGranted{kName}).when(RecordClaim{kName, false}).then_nothing();
  given<Account>(requested()).when(RecordClaim{id_of<ClaimId>(99), true}).then_nothing();
  given<Account>().when(RecordClaim{kName, true}).then_nothing();
  given<Account>(requested(), ClaimGranted{kName}, ClaimGranted{kMail}, Registered{})
      .when(RecordClaim{kName, true})
      .then_nothing();
}
