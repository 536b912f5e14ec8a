// Messages with single-use tokens: resetting a password and verifying an e-mail address.
#include <doctest/doctest.h>

#include "engine/testing/account_sample.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::account;
using namespace souk::testing;

namespace {

const auto kFirst = id_of<MessageId>(1);

RequestMessage request(MessageKind kind, std::uint64_t number, Time at) {
  return {id_of<MessageId>(number), kind, "t" + std::to_string(number), at, Time{100}, Duration{10}};
}

std::vector<Account::Event> with(std::vector<Account::Event> more) {
  auto past = registered();
  past.insert(past.end(), more.begin(), more.end());
  return past;
}

}  // namespace

TEST_CASE("a message is requested with the hash of its token, and the sender is called") {
  for (const auto kind : {MessageKind::kPasswordReset, MessageKind::kEmailVerification}) {
    const auto event = requested(kind, 1);
    given<Account>(registered()).when(request(kind, 1, Time{6})).then(event);
    const SendMessage call{kSelf, kFirst, kind, registration().email, Time{6}, Time{100}};
    CHECK((Account::react(kSelf, event) == Effects{{}, {}, {call}}));
  }
}

TEST_CASE("a message without an id or a token is refused") {
  auto command = request(MessageKind::kPasswordReset, 1, Time{6});
  command.token_hash.clear();
  given<Account>(registered()).when(command).then_rejected(ErrorCode::kInvalid, "account.incomplete");
  command = request(MessageKind::kPasswordReset, 0, Time{6});
  given<Account>(registered()).when(command).then_rejected(ErrorCode::kInvalid, "account.incomplete");
}

TEST_CASE("a token cannot expire before it is made") {
  given<Account>(registered())
      .when(request(MessageKind::kPasswordReset, 1, Time{100}))
      .then_rejected(ErrorCode::kInvalid, "account.expiry_invalid");
}

TEST_CASE("messages of one kind keep their distance") {
  const auto past = given<Account>(with({requested(MessageKind::kPasswordReset, 1)}));
  past.when(request(MessageKind::kPasswordReset, 2, Time{15}))
      .then_rejected(ErrorCode::kTooMany, "account.message_too_soon");
  past.when(request(MessageKind::kEmailVerification, 2, Time{15}))
      .then(MessageRequested{id_of<MessageId>(2), MessageKind::kEmailVerification, registration().email, "t2", Time{15},
                             Time{100}});
  past.when(request(MessageKind::kPasswordReset, 2, Time{16}))
      .then(MessageRequested{id_of<MessageId>(2), MessageKind::kPasswordReset, registration().email, "t2", Time{16},
                             Time{100}});
}

TEST_CASE("what became of a message is recorded once") {
  const auto past = given<Account>(with({requested(MessageKind::kPasswordReset, 1)}));
  CHECK(past.when(RecordMessage{kFirst, true, Time{7}}).then(MessageSent{kFirst, Time{7}}).reset->delivery ==
        Delivery::kSent);
  CHECK(past.when(RecordMessage{kFirst, false, Time{7}}).then(MessageFailed{kFirst, Time{7}}).reset->delivery ==
        Delivery::kFailed);
  given<Account>(with({requested(MessageKind::kPasswordReset, 1), MessageSent{kFirst, Time{7}}}))
      .when(RecordMessage{kFirst, true, Time{8}})
      .then_nothing();
  CHECK(Account::react(kSelf, MessageSent{kFirst, Time{7}}).empty());
}

TEST_CASE("what became of a message that a newer one has replaced does not matter") {
  given<Account>(with({requested(MessageKind::kPasswordReset, 1), requested(MessageKind::kPasswordReset, 2)}))
      .when(RecordMessage{kFirst, true, Time{7}})
      .then_nothing();
  given<Account>().when(RecordMessage{kFirst, true, Time{7}}).then_nothing();
}

TEST_CASE("a token resets the password and makes older access tokens void") {
  const auto after = given<Account>(with({requested(MessageKind::kPasswordReset, 1)}))
                         .when(ResetPassword{"t1", kOtherHash, Time{99}})
                         .then(PasswordReset{kFirst, kOtherHash, 1, Time{99}});
  CHECK((after.password_hash == kOtherHash));
  CHECK(after.generation == 1);
}

TEST_CASE("a token resets one password, not two") {
  given<Account>(with({requested(MessageKind::kPasswordReset, 1), PasswordReset{kFirst, kOtherHash, 1, Time{7}}}))
      .when(ResetPassword{"t1", kHash, Time{8}})
      .then_rejected(ErrorCode::kConflict, "account.token_used");
}

TEST_CASE("a token of yesterday resets nothing") {
  given<Account>(with({requested(MessageKind::kPasswordReset, 1)}))
      .when(ResetPassword{"t1", kOtherHash, Time{100}})
      .then_rejected(ErrorCode::kConflict, "account.token_expired");
}

TEST_CASE("a newer message makes the token of the older one void") {
  const auto past =
      given<Account>(with({requested(MessageKind::kPasswordReset, 1), requested(MessageKind::kPasswordReset, 2)}));
  past.when(ResetPassword{"t1", kOtherHash, Time{8}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
  past.when(ResetPassword{"t2", kOtherHash, Time{8}}).then(PasswordReset{id_of<MessageId>(2), kOtherHash, 1, Time{8}});
}

TEST_CASE("a token is good for what it was made for only") {
  const auto past = given<Account>(with({requested(MessageKind::kPasswordReset, 1)}));
  past.when(VerifyEmail{"t1", Time{8}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
  past.when(ResetPassword{"", kHash, Time{8}}).then_rejected(ErrorCode::kInvalid, "account.token_invalid");
  past.when(ResetPassword{"t1", {}, Time{8}}).then_rejected(ErrorCode::kInvalid, "account.incomplete");
}

TEST_CASE("whoever knows the password and changes it makes the token of a reset void") {
  given<Account>(with({requested(MessageKind::kPasswordReset, 1), PasswordChanged{kOtherHash, 1, Time{7}}}))
      .when(ResetPassword{"t1", kHash, Time{8}})
      .then_rejected(ErrorCode::kInvalid, "account.token_invalid");
}

TEST_CASE("a token verifies the e-mail address once and in time") {
  const auto past = with({requested(MessageKind::kEmailVerification, 1)});
  const auto after = given<Account>(past).when(VerifyEmail{"t1", Time{99}}).then(EmailVerified{kFirst, Time{99}});
  CHECK(after.email_verified);
  CHECK(Account::react(kSelf, EmailVerified{kFirst, Time{99}}).empty());
  given<Account>(past).when(VerifyEmail{"t1", Time{100}}).then_rejected(ErrorCode::kConflict, "account.token_expired");
  given<Account>(with({requested(MessageKind::kEmailVerification, 1), EmailVerified{kFirst, Time{7}}}))
      .when(VerifyEmail{"t1", Time{8}})
      .then_rejected(ErrorCode::kConflict, "account.token_used");
}

TEST_CASE("a verified e-mail address need not be verified") {
  given<Account>(with({requested(MessageKind::kEmailVerification, 1), EmailVerified{kFirst, Time{7}}}))
      .when(request(MessageKind::kEmailVerification, 2, Time{50}))
      .then_rejected(ErrorCode::kConflict, "account.email_verified");
}
