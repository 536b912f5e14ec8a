/// An account: who somebody is. Registration is a saga: the user name and the e-mail are each claimed at a claim
/// entity first, so that of two registrations of one name only one can win.
///
/// Errors of Register: kConflict "account.exists"; kInvalid "account.claims_equal", "account.incomplete".
#pragma once

#include "engine/claim/kind.hpp"
#include "engine/entity.hpp"

namespace souk::account {

enum class Role : std::uint8_t { kUser, kAdmin };
enum class Status : std::uint8_t { kNone, kPending, kActive, kRejected };
enum class Answer : std::uint8_t { kPending, kGranted, kRefused };

}  // namespace souk::account

template <>
struct souk::EnumNames<souk::account::Role> {
  static constexpr std::array<std::string_view, 2> values{"user", "admin"};
};
template <>
struct souk::EnumNames<souk::account::Status> {
  static constexpr std::array<std::string_view, 4> values{"none", "pending", "active", "rejected"};
};
template <>
struct souk::EnumNames<souk::account::Answer> {
  static constexpr std::array<std::string_view, 3> values{"pending", "granted", "refused"};
};

namespace souk::account {

struct State {
  Status status = Status::kNone;
  Personal<std::string> username;
  Personal<std::string> email;
  Secret<std::string> password_hash;
  ClaimId username_claim;
  ClaimId email_claim;
  Answer username_answer = Answer::kPending;
  Answer email_answer = Answer::kPending;
  Role role = Role::kUser;
  Time requested_at;

  static constexpr auto fields() {
    return field_list(field("status", &State::status), field("username", &State::username),
                      field("email", &State::email), field("password_hash", &State::password_hash),
                      field("username_claim", &State::username_claim), field("email_claim", &State::email_claim),
                      field("username_answer", &State::username_answer), field("email_answer", &State::email_answer),
                      field("role", &State::role), field("requested_at", &State::requested_at));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

struct Register {
  Personal<std::string> username;
  Personal<std::string> email;
  Secret<std::string> password_hash;
  ClaimId username_claim;
  ClaimId email_claim;
  Role role = Role::kUser;
  Time at;
  friend bool operator==(const Register&, const Register&) = default;
};

/// Effect: a claim's answer.
struct RecordClaim {
  ClaimId claim;
  bool granted = false;
  friend bool operator==(const RecordClaim&, const RecordClaim&) = default;
};

// --- events

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

  static constexpr auto fields() {
    using E = RegistrationRequested;
    return field_list(field("username", &E::username), field("email", &E::email),
                      field("password_hash", &E::password_hash), field("username_claim", &E::username_claim),
                      field("email_claim", &E::email_claim), field("role", &E::role), field("at", &E::at));
  }
  friend bool operator==(const RegistrationRequested&, const RegistrationRequested&) = default;
};

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

}  // namespace souk::account

namespace souk {

struct Account {
  static constexpr std::string_view kKind = "account";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = AccountId;
  using State = account::State;
  using Command = std::variant<account::Register, account::RecordClaim>;
  using Event = std::variant<account::RegistrationRequested, account::ClaimGranted, account::ClaimRefused,
                             account::Registered, account::RegistrationRejected>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
