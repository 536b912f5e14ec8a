#include "engine/account/account.hpp"

#include <doctest/doctest.h>

#include "engine/testing/account_sample.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::account;
using namespace souk::testing;

namespace {

const auto kName = kNameClaim;
const auto kMail = kMailClaim;

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

TEST_CASE("an account may be registered with a profile") {
  Register command = registration();
  command.profile = Personal<Profile>{"personal:v1:cHJvZmlsZQ"};
  RegistrationRequested event = requested();
  event.profile = command.profile;
  CHECK((given<Account>().when(command).then(event).profile == *command.profile));
}

TEST_CASE("another password makes a new generation of tokens") {
  const auto after = given<Account>(registered())
                         .when(ChangePassword{kHash, kOtherHash, Time{9}})
                         .then(PasswordChanged{kOtherHash, 1, Time{9}});
  CHECK((after.password_hash == kOtherHash));
  CHECK(after.generation == 1);
  const Effects expected{{tell<Sessions>(kSelf, sessions::Outdate{1, Time{9}})}, {}, {}};
  CHECK((Account::react(kSelf, PasswordChanged{kOtherHash, 1, Time{9}}) == expected));
  CHECK((Account::react(kSelf, TokensRevoked{1, Time{9}}) == expected));
}

TEST_CASE("of two changes of a password that looked at the same one only the first counts") {
  auto past = registered();
  past.emplace_back(PasswordChanged{kOtherHash, 1, Time{9}});
  given<Account>(past)
      .when(ChangePassword{kHash, {"secret:v1:dGhpcmQ"}, Time{9}})
      .then_rejected(ErrorCode::kConflict, "account.password_changed_meanwhile");
}

TEST_CASE("a password is changed to one") {
  given<Account>(registered())
      .when(ChangePassword{kHash, {}, Time{9}})
      .then_rejected(ErrorCode::kInvalid, "account.incomplete");
}

TEST_CASE("revoking makes a new generation of tokens each time") {
  auto past = registered();
  given<Account>(past).when(RevokeTokens{Time{9}}).then(TokensRevoked{1, Time{9}});
  past.emplace_back(TokensRevoked{1, Time{9}});
  CHECK(given<Account>(past).when(RevokeTokens{Time{10}}).then(TokensRevoked{2, Time{10}}).generation == 2);
}

TEST_CASE("a deleted account frees its names and its addresses, and keeps nothing of the person") {
  const Deleted deleted{{kName, kMail}, 1, Time{9}};
  const auto after = given<Account>(registered()).when(Delete{Time{9}}).then(deleted);
  CHECK(after.status == Status::kDeleted);
  CHECK(after.username.sealed.empty());
  CHECK(after.email.sealed.empty());
  CHECK(after.password_hash.sealed.empty());
  CHECK(after.profile.sealed.empty());
  CHECK(after.generation == 1);
  CHECK((after.deleted_at == Time{9}));
  const Effects expected{
      {tell<Claim>(kName, claim::Release{kSelf}), tell<Claim>(kMail, claim::Release{kSelf}),
       tell<AddressBook>(kSelf, address_book::Clear{}), tell<Sessions>(kSelf, sessions::Outdate{1, Time{9}})},
      {},
      {}};
  CHECK((Account::react(kSelf, deleted) == expected));
}

TEST_CASE("nothing is done with an account that is not there, not ready, rejected or deleted") {
  std::vector<std::vector<Account::Event>> pasts{
      {}, {requested()}, {requested(), RegistrationRejected{}}, registered()};
  pasts.back().emplace_back(Deleted{{kName, kMail}, 1, Time{9}});
  for (const auto& past : pasts) {
    const auto nobody = given<Account>(past);
    const auto refused = [&](const Account::Command& command) {
      nobody.when(command).then_rejected(ErrorCode::kNotFound, "account.not_found");
    };
    refused(Change{{}, Time{10}});
    refused(ChangePassword{kHash, kOtherHash, Time{10}});
    refused(RequestMessage{id_of<MessageId>(1), MessageKind::kPasswordReset, "t", Time{10}, Time{11}, {}});
    refused(RevokeTokens{Time{10}});
    refused(Delete{Time{10}});
    nobody.when(ResetPassword{"t", kHash, Time{10}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
    nobody.when(VerifyEmail{"t", Time{10}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
  }
}

TEST_CASE("a deleted account cannot be registered again; its names can, by another") {
  auto past = registered();
  past.emplace_back(Deleted{{kName, kMail}, 1, Time{9}});
  given<Account>(past).when(registration()).then_rejected(ErrorCode::kConflict, "account.exists");
}
