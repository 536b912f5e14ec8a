/// An account: who somebody is, what they are called, and what proves that it is them. Commands and the entity; events
/// and state are in account/events.hpp and account/state.hpp.
///
/// Registering and taking other names are sagas: each name is claimed at a claim entity first, so that of two who want
/// one only one can win; the old name is given back only when the new one is granted. Of one change either everything
/// happens or nothing.
///
/// Errors of Register: kConflict "account.exists"; kInvalid "account.claims_equal", "account.incomplete".
/// Errors of all others from outside: kNotFound "account.not_found" (there is none, not yet or no more).
/// Errors of Change: kConflict "account.change_under_way"; kInvalid "account.incomplete", "account.claims_equal".
/// Errors of ChangePassword: kConflict "account.password_changed_meanwhile"; kInvalid "account.incomplete".
/// Errors of RequestMessage: kTooMany "account.message_too_soon"; kConflict "account.email_verified"; kInvalid
/// "account.incomplete", "account.expiry_invalid".
/// Errors of Ban: kInvalid "account.incomplete", "account.ban_expiry_invalid".
/// Errors of ResetPassword and VerifyEmail: as `check_token`, and "account.token_invalid" where there is no account, so
/// that nothing can be learned from it.
#pragma once

#include "engine/account/events.hpp"
#include "engine/account/state.hpp"

namespace souk::account {

struct Register {
  Personal<std::string> username;
  Personal<std::string> email;
  Secret<std::string> password_hash;
  ClaimId username_claim;
  ClaimId email_claim;
  Role role = Role::kUser;
  Time at;
  std::optional<Personal<Profile>> profile = {};
  friend bool operator==(const Register&, const Register&) = default;
};

/// Effect: a claim's answer.
struct RecordClaim {
  ClaimId claim;
  bool granted = false;
  friend bool operator==(const RecordClaim&, const RecordClaim&) = default;
};

/// A name comes with its claim, whether that is another one or not.
struct Change {
  Details details;
  Time at;
  friend bool operator==(const Change&, const Change&) = default;
};

/// Whoever asks has compared the current password with this very hash.
struct ChangePassword {
  Secret<std::string> verified_against;
  Secret<std::string> password_hash;
  Time at;
  friend bool operator==(const ChangePassword&, const ChangePassword&) = default;
};

struct RequestMessage {
  MessageId id;
  MessageKind kind = MessageKind::kPasswordReset;
  std::string token_hash;
  Time at;
  Time expires_at;
  Duration interval;  ///< no sooner than this after the last one of its kind
  friend bool operator==(const RequestMessage&, const RequestMessage&) = default;
};

/// Answer of the sender.
struct RecordMessage {
  MessageId id;
  bool sent = false;
  Time at;
  friend bool operator==(const RecordMessage&, const RecordMessage&) = default;
};

struct ResetPassword {
  std::string token_hash;
  Secret<std::string> password_hash;
  Time at;
  friend bool operator==(const ResetPassword&, const ResetPassword&) = default;
};

struct VerifyEmail {
  std::string token_hash;
  Time at;
  friend bool operator==(const VerifyEmail&, const VerifyEmail&) = default;
};

/// Makes every access token of the account void.
struct RevokeTokens {
  Time at;
  friend bool operator==(const RevokeTokens&, const RevokeTokens&) = default;
};

/// The account's tokens are void, and it is kept out until then. What is banned already is banned anew if it is said
/// for another reason (or the same, sealed anew) or time.
struct Ban {
  Personal<std::string> reason;
  std::optional<Time> until;
  Time at;
  friend bool operator==(const Ban&, const Ban&) = default;
};

struct Release {
  Time at;
  friend bool operator==(const Release&, const Release&) = default;
};

/// The names become free, tokens void, and the account is shown to nobody.
struct Delete {
  Time at;
  friend bool operator==(const Delete&, const Delete&) = default;
};

}  // namespace souk::account

namespace souk {

struct Account {
  static constexpr std::string_view kKind = "account";
  static constexpr std::uint32_t kStateSchema = 4;
  using Id = AccountId;
  using State = account::State;
  using Command =
      std::variant<account::Register, account::RecordClaim, account::Change, account::ChangePassword,
                   account::RequestMessage, account::RecordMessage, account::ResetPassword, account::VerifyEmail,
                   account::RevokeTokens, account::Ban, account::Release, account::Delete>;
  using Event =
      std::variant<account::RegistrationRequested, account::ClaimGranted, account::ClaimRefused, account::ClaimReturned,
                   account::Registered, account::RegistrationRejected, account::ChangeRequested, account::Changed,
                   account::ChangeRefused, account::PasswordChanged, account::MessageRequested, account::MessageSent,
                   account::MessageFailed, account::PasswordReset, account::EmailVerified, account::TokensRevoked,
                   account::Banned, account::Released, account::Deleted>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
