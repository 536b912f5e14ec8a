/// What an account is.
#pragma once

#include "engine/account/events.hpp"

namespace souk::account {

enum class Status : std::uint8_t { kNone, kPending, kActive, kRejected, kDeleted };
enum class Answer : std::uint8_t { kPending, kGranted, kRefused };
enum class Delivery : std::uint8_t { kPending, kSent, kFailed };

}  // namespace souk::account

template <>
struct souk::EnumNames<souk::account::Status> {
  static constexpr std::array<std::string_view, 5> values{"none", "pending", "active", "rejected", "deleted"};
};
template <>
struct souk::EnumNames<souk::account::Answer> {
  static constexpr std::array<std::string_view, 3> values{"pending", "granted", "refused"};
};
template <>
struct souk::EnumNames<souk::account::Delivery> {
  static constexpr std::array<std::string_view, 3> values{"pending", "sent", "failed"};
};

namespace souk::account {

/// New names that are asked for and not all answered.
struct PendingChange {
  Details details;
  Answer username_answer = Answer::kPending;
  Answer email_answer = Answer::kPending;

  static constexpr auto fields() {
    return field_list(field("details", &PendingChange::details),
                      field("username_answer", &PendingChange::username_answer),
                      field("email_answer", &PendingChange::email_answer));
  }
  friend bool operator==(const PendingChange&, const PendingChange&) = default;
};

/// The newest message of its kind and the token in it; an older one's token counts no more.
struct Message {
  MessageId id;
  std::string token_hash;
  Time requested_at;
  Time expires_at;
  bool used = false;
  Delivery delivery = Delivery::kPending;

  static constexpr auto fields() {
    return field_list(field("id", &Message::id), field("token_hash", &Message::token_hash),
                      field("requested_at", &Message::requested_at), field("expires_at", &Message::expires_at),
                      field("used", &Message::used), field("delivery", &Message::delivery));
  }
  friend bool operator==(const Message&, const Message&) = default;
};

/// Who is kept out, and why.
struct CurrentBan {
  Personal<std::string> reason;  ///< none: it was said to an earlier program, which did not seal it
  std::optional<Time> until;     ///< none: until it is released
  Time at;

  static constexpr auto fields() {
    return field_list(field("reason", &CurrentBan::reason), field("until", &CurrentBan::until),
                      field("at", &CurrentBan::at));
  }
  friend bool operator==(const CurrentBan&, const CurrentBan&) = default;
};

struct State {
  Status status = Status::kNone;
  Personal<std::string> username;
  Personal<std::string> email;
  Secret<std::string> password_hash;
  ClaimId username_claim;
  ClaimId email_claim;
  Answer username_answer = Answer::kPending;  ///< to the registration
  Answer email_answer = Answer::kPending;
  Role role = Role::kUser;
  Time requested_at;
  Personal<Profile> profile;
  bool email_verified = false;
  std::optional<PendingChange> change;
  std::vector<ClaimId> refused_claims;  ///< that the last change wanted and did not get
  std::optional<Message> reset;
  std::optional<Message> verification;
  std::int64_t generation = 0;  ///< of access tokens: older ones are void
  std::optional<Time> deleted_at;
  std::optional<CurrentBan> ban;  ///< the last one, which may be over

  static constexpr auto fields() {
    return field_list(field("status", &State::status), field("username", &State::username),
                      field("email", &State::email), field("password_hash", &State::password_hash),
                      field("username_claim", &State::username_claim), field("email_claim", &State::email_claim),
                      field("username_answer", &State::username_answer), field("email_answer", &State::email_answer),
                      field("role", &State::role), field("requested_at", &State::requested_at),
                      field("profile", &State::profile), field("email_verified", &State::email_verified),
                      field("change", &State::change), field("refused_claims", &State::refused_claims),
                      field("reset", &State::reset), field("verification", &State::verification),
                      field("generation", &State::generation), field("deleted_at", &State::deleted_at),
                      field("ban", &State::ban));
  }
  friend bool operator==(const State&, const State&) = default;
};

inline bool is_banned(const State& state, Time now) {
  return state.ban && (!state.ban->until || now < *state.ban->until);
}

/// Whether the token may be used now. Errors: kInvalid "account.token_invalid" (none of the newest message's);
/// kConflict "account.token_used", "account.token_expired".
Result<void> check_token(const std::optional<Message>& message, std::string_view token_hash, Time now);

}  // namespace souk::account
