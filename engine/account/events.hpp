/// What happens to an account, as it is stored.
#pragma once

#include "engine/account/profile.hpp"
#include "engine/claim/kind.hpp"
#include "engine/entity.hpp"

namespace souk {

/// A message to a person, and the single-use token in it.
using MessageId = Id<struct MessageTag>;

}  // namespace souk

namespace souk::account {

enum class Role : std::uint8_t { kUser, kAdmin };
enum class MessageKind : std::uint8_t { kPasswordReset, kEmailVerification };

}  // namespace souk::account

template <>
struct souk::EnumNames<souk::account::Role> {
  static constexpr std::array<std::string_view, 2> values{"user", "admin"};
};
template <>
struct souk::EnumNames<souk::account::MessageKind> {
  static constexpr std::array<std::string_view, 2> values{"password_reset", "email_verification"};
};

namespace souk::account {

struct RegistrationRequested {
  static constexpr std::string_view kType = "account.registration_requested";
  static constexpr std::uint16_t kSchema = 1;
  Personal<std::string> username;
  Personal<std::string> email;
  Secret<std::string> password_hash;
  ClaimId username_claim;
  ClaimId email_claim;
  Role role = Role::kUser;
  Time at;
  std::optional<Personal<Profile>> profile = {};

  static constexpr auto fields() {
    using E = RegistrationRequested;
    return field_list(field("username", &E::username), field("email", &E::email),
                      field("password_hash", &E::password_hash), field("username_claim", &E::username_claim),
                      field("email_claim", &E::email_claim), field("role", &E::role), field("at", &E::at),
                      field("profile", &E::profile));
  }
  friend bool operator==(const RegistrationRequested&, const RegistrationRequested&) = default;
};

/// A name that is being registered, or changed to, is ours.
struct ClaimGranted {
  static constexpr std::string_view kType = "account.claim_granted";
  static constexpr std::uint16_t kSchema = 1;
  ClaimId claim;

  static constexpr auto fields() { return field_list(field("claim", &ClaimGranted::claim)); }
  friend bool operator==(const ClaimGranted&, const ClaimGranted&) = default;
};

struct ClaimRefused {
  static constexpr std::string_view kType = "account.claim_refused";
  static constexpr std::uint16_t kSchema = 1;
  ClaimId claim;

  static constexpr auto fields() { return field_list(field("claim", &ClaimRefused::claim)); }
  friend bool operator==(const ClaimRefused&, const ClaimRefused&) = default;
};

/// A name was granted to an account that does not want it any more; it is given back.
struct ClaimReturned {
  static constexpr std::string_view kType = "account.claim_returned";
  static constexpr std::uint16_t kSchema = 1;
  ClaimId claim;

  static constexpr auto fields() { return field_list(field("claim", &ClaimReturned::claim)); }
  friend bool operator==(const ClaimReturned&, const ClaimReturned&) = default;
};

/// Both claims were granted: the account can be used.
struct Registered {
  static constexpr std::string_view kType = "account.registered";
  static constexpr std::uint16_t kSchema = 1;
  Role role = Role::kUser;

  static constexpr auto fields() { return field_list(field("role", &Registered::role)); }
  friend bool operator==(const Registered&, const Registered&) = default;
};

/// At least one name is another's; what was granted is given back.
struct RegistrationRejected {
  static constexpr std::string_view kType = "account.registration_rejected";
  static constexpr std::uint16_t kSchema = 1;
  bool username_taken = false;
  bool email_taken = false;
  std::vector<ClaimId> granted;

  static constexpr auto fields() {
    using E = RegistrationRejected;
    return field_list(field("username_taken", &E::username_taken), field("email_taken", &E::email_taken),
                      field("granted", &E::granted));
  }
  friend bool operator==(const RegistrationRejected&, const RegistrationRejected&) = default;
};

/// What an account is changed to; what is absent stays. A claim is there if the name needs another one than before,
/// and not if only its spelling changes.
struct Details {
  std::optional<Personal<std::string>> username;
  std::optional<ClaimId> username_claim;
  std::optional<Personal<std::string>> email;
  std::optional<ClaimId> email_claim;
  std::optional<Personal<Profile>> profile;

  static constexpr auto fields() {
    return field_list(field("username", &Details::username), field("username_claim", &Details::username_claim),
                      field("email", &Details::email), field("email_claim", &Details::email_claim),
                      field("profile", &Details::profile));
  }
  friend bool operator==(const Details&, const Details&) = default;
};

/// New names are wanted; nothing changes until all of them are granted.
struct ChangeRequested {
  static constexpr std::string_view kType = "account.change_requested";
  static constexpr std::uint16_t kSchema = 1;
  Details details;
  Time at;

  static constexpr auto fields() {
    return field_list(field("details", &ChangeRequested::details), field("at", &ChangeRequested::at));
  }
  friend bool operator==(const ChangeRequested&, const ChangeRequested&) = default;
};

struct Changed {
  static constexpr std::string_view kType = "account.changed";
  static constexpr std::uint16_t kSchema = 1;
  Details details;
  std::vector<ClaimId> freed;  ///< of the names it had before

  static constexpr auto fields() {
    return field_list(field("details", &Changed::details), field("freed", &Changed::freed));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

/// At least one new name is another's: nothing changes, and what was granted is given back.
struct ChangeRefused {
  static constexpr std::string_view kType = "account.change_refused";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<ClaimId> refused;
  std::vector<ClaimId> granted;

  static constexpr auto fields() {
    return field_list(field("refused", &ChangeRefused::refused), field("granted", &ChangeRefused::granted));
  }
  friend bool operator==(const ChangeRefused&, const ChangeRefused&) = default;
};

/// From now on only access tokens of this generation count.
struct PasswordChanged {
  static constexpr std::string_view kType = "account.password_changed";
  static constexpr std::uint16_t kSchema = 1;
  Secret<std::string> password_hash;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    using E = PasswordChanged;
    return field_list(field("password_hash", &E::password_hash), field("generation", &E::generation),
                      field("at", &E::at));
  }
  friend bool operator==(const PasswordChanged&, const PasswordChanged&) = default;
};

/// A message with a single-use token is to be sent. The token itself is nowhere in the log: it is derived from the
/// message's id under a key of the installation, and only its hash stands here.
struct MessageRequested {
  static constexpr std::string_view kType = "account.message_requested";
  static constexpr std::uint16_t kSchema = 1;
  MessageId id;
  MessageKind kind = MessageKind::kPasswordReset;
  Personal<std::string> email;
  std::string token_hash;
  Time at;
  Time expires_at;

  static constexpr auto fields() {
    using E = MessageRequested;
    return field_list(field("id", &E::id), field("kind", &E::kind), field("email", &E::email),
                      field("token_hash", &E::token_hash), field("at", &E::at), field("expires_at", &E::expires_at));
  }
  friend bool operator==(const MessageRequested&, const MessageRequested&) = default;
};

struct MessageSent {
  static constexpr std::string_view kType = "account.message_sent";
  static constexpr std::uint16_t kSchema = 1;
  MessageId id;
  Time at;

  static constexpr auto fields() { return field_list(field("id", &MessageSent::id), field("at", &MessageSent::at)); }
  friend bool operator==(const MessageSent&, const MessageSent&) = default;
};

/// It could not be sent before its token expired.
struct MessageFailed {
  static constexpr std::string_view kType = "account.message_failed";
  static constexpr std::uint16_t kSchema = 1;
  MessageId id;
  Time at;

  static constexpr auto fields() {
    return field_list(field("id", &MessageFailed::id), field("at", &MessageFailed::at));
  }
  friend bool operator==(const MessageFailed&, const MessageFailed&) = default;
};

/// A new password by the token of a message.
struct PasswordReset {
  static constexpr std::string_view kType = "account.password_reset";
  static constexpr std::uint16_t kSchema = 1;
  MessageId message;
  Secret<std::string> password_hash;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    using E = PasswordReset;
    return field_list(field("message_id", &E::message), field("password_hash", &E::password_hash),
                      field("generation", &E::generation), field("at", &E::at));
  }
  friend bool operator==(const PasswordReset&, const PasswordReset&) = default;
};

struct EmailVerified {
  static constexpr std::string_view kType = "account.email_verified";
  static constexpr std::uint16_t kSchema = 1;
  MessageId message;
  Time at;

  static constexpr auto fields() {
    return field_list(field("message_id", &EmailVerified::message), field("at", &EmailVerified::at));
  }
  friend bool operator==(const EmailVerified&, const EmailVerified&) = default;
};

/// Logged out everywhere.
struct TokensRevoked {
  static constexpr std::string_view kType = "account.tokens_revoked";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    return field_list(field("generation", &TokensRevoked::generation), field("at", &TokensRevoked::at));
  }
  friend bool operator==(const TokensRevoked&, const TokensRevoked&) = default;
};

/// As Banned was first written: with a reason that everybody could read. It is not shown any more.
struct BannedInTheClear {
  static constexpr std::uint16_t kSchema = 1;
  std::string reason;
  std::optional<Time> until;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    using E = BannedInTheClear;
    return field_list(field("reason", &E::reason), field("until", &E::until), field("generation", &E::generation),
                      field("at", &E::at));
  }
};

/// An administrator keeps the account out: its tokens are void, and nobody is given another one before `until`.
struct Banned {
  static constexpr std::string_view kType = "account.banned";
  static constexpr std::uint16_t kSchema = 2;
  using Before = BannedInTheClear;
  static Result<std::string> upcast(std::uint16_t from, std::string_view payload);
  Personal<std::string> reason;
  std::optional<Time> until;  ///< none: until it is released
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    return field_list(field("reason", &Banned::reason), field("until", &Banned::until),
                      field("generation", &Banned::generation), field("at", &Banned::at));
  }
  friend bool operator==(const Banned&, const Banned&) = default;
};

struct Released {
  static constexpr std::string_view kType = "account.released";
  static constexpr std::uint16_t kSchema = 1;
  Time at;

  static constexpr auto fields() { return field_list(field("at", &Released::at)); }
  friend bool operator==(const Released&, const Released&) = default;
};

struct Deleted {
  static constexpr std::string_view kType = "account.deleted";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<ClaimId> freed;
  std::int64_t generation = 0;
  Time at;

  static constexpr auto fields() {
    using E = Deleted;
    return field_list(field("freed", &E::freed), field("generation", &E::generation), field("at", &E::at));
  }
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

}  // namespace souk::account
