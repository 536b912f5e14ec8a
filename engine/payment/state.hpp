/// How far a payment has come, and what became of its money.
#pragma once

#include "engine/payment/events.hpp"

namespace souk::payment {

enum class Status : std::uint8_t { kNone, kStarted, kSucceeded, kFailed, kClosed };
enum class RefundStatus : std::uint8_t { kRequested, kRefunded, kRefused };

/// A payment as people see it: its status, and what was given back of it.
enum class Standing : std::uint8_t {
  kNone,
  kStarted,
  kSucceeded,
  kFailed,
  kClosed,
  kRefunding,
  kRefundFailed,
  kPartiallyRefunded,
  kRefunded,
};

}  // namespace souk::payment

template <>
struct souk::EnumNames<souk::payment::Status> {
  static constexpr std::array<std::string_view, 5> values{"none", "started", "succeeded", "failed", "closed"};
};
template <>
struct souk::EnumNames<souk::payment::RefundStatus> {
  static constexpr std::array<std::string_view, 3> values{"requested", "refunded", "refused"};
};
template <>
struct souk::EnumNames<souk::payment::Standing> {
  static constexpr std::array<std::string_view, 9> values{"none",    "started",   "succeeded",     "failed",
                                                          "closed",  "refunding", "refund_failed", "partially_refunded",
                                                          "refunded"};
};

namespace souk::payment {

struct RefundState {
  RefundId attempt;
  Money amount;
  std::string reason;
  RefundStatus status = RefundStatus::kRequested;
  Time requested_at;
  std::optional<Time> ended_at;  ///< when the provider last said refunded or refused
  std::string problem;           ///< why it was refused

  static constexpr auto fields() {
    using S = RefundState;
    return field_list(field("refund_id", &S::attempt), field("amount", &S::amount), field("reason", &S::reason),
                      field("status", &S::status), field("requested_at", &S::requested_at),
                      field("ended_at", &S::ended_at), field("problem", &S::problem));
  }
  friend bool operator==(const RefundState&, const RefundState&) = default;
};

struct State {
  Status status = Status::kNone;
  OrderId order;
  AccountId account;
  std::string provider;
  provider::Presentation presentation = provider::Presentation::kQr;
  Money amount;
  Time started_at;
  Time expires_at;
  bool created = false;  ///< the customer could pay
  std::string pay_url;
  std::string qr_text;
  std::string creation_problem;
  bool closing = false;    ///< the provider was told not to take the money any more
  std::int64_t ticks = 0;  ///< how often the provider was asked without anybody's doing
  Time next_poll_at;       ///< before that the timer means nothing
  bool pending_reported = false;
  bool closed_reported = false;
  std::vector<std::string> refused_reports;  ///< the reasons, each once
  std::optional<Money> wrong_amount;         ///< that the provider says was paid instead, in the amount's currency
  std::int64_t captured = 0;                 ///< minor units of the amount's currency
  std::int64_t refunded = 0;                 ///< likewise
  std::string provider_reference;
  std::vector<RefundState> refunds;
  std::int64_t refund_ticks = 0;
  Time next_refund_at;  ///< likewise

  /// What no refund has a claim to: refused ones keep theirs, for they may be tried again.
  [[nodiscard]] std::int64_t refundable() const;

  static constexpr auto fields() {
    return field_list(
        field("status", &State::status), field("order_id", &State::order), field("account_id", &State::account),
        field("provider", &State::provider), field("presentation", &State::presentation),
        field("amount", &State::amount), field("started_at", &State::started_at),
        field("expires_at", &State::expires_at), field("created", &State::created), field("pay_url", &State::pay_url),
        field("qr_text", &State::qr_text), field("creation_problem", &State::creation_problem),
        field("closing", &State::closing), field("ticks", &State::ticks), field("next_poll_at", &State::next_poll_at),
        field("pending_reported", &State::pending_reported), field("closed_reported", &State::closed_reported),
        field("refused_reports", &State::refused_reports), field("wrong_amount", &State::wrong_amount),
        field("captured", &State::captured), field("refunded", &State::refunded),
        field("provider_reference", &State::provider_reference), field("refunds", &State::refunds),
        field("refund_ticks", &State::refund_ticks), field("next_refund_at", &State::next_refund_at));
  }
  friend bool operator==(const State&, const State&) = default;
};

Standing standing_of(const State& state);

}  // namespace souk::payment
