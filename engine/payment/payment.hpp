/// One attempt to pay an order with a provider, and what became of the money. Commands and the entity; events and
/// state are in payment/events.hpp and payment/state.hpp, the provider's side in payment/provider.hpp.
///
///   started ─paid→ succeeded ─refunds, whole or in parts
///      ├─closed by the provider→ closed ─paid after all→ succeeded
///      └─never known to the provider→ failed ─likewise→ succeeded
///
/// captured ≥ refunded ≥ 0 always holds, and refunds never claim more than was captured. What a provider says is
/// recorded first and judged after; money that arrives late has arrived, and the order says what becomes of it. An
/// open payment asks its provider by itself, ever more rarely, until it is paid or closed; a refund until it is
/// answered. So calls may be answered late, twice or never.
/// Limits: of what a provider says that does not fit, each reason is recorded once, and 16 reasons at most.
/// Errors of Start: kConflict "payment.exists"; kInvalid "payment.provider_invalid", "payment.amount_invalid".
/// Errors of RecordReport: kNotFound "payment.not_found".
/// Errors of RetryRefund: kNotFound "payment.refund_not_found"; kConflict "payment.refund_not_refused".
/// Errors of TakeWrongAmount: kNotFound "payment.not_found"; kConflict "payment.no_wrong_amount".
/// The others are effects, timers or answers to calls and never fail.
#pragma once

#include "engine/payment/state.hpp"

namespace souk::payment {

inline constexpr std::size_t kProviderSizeMax = 32;  ///< of a–z, 0–9 and '_'
inline constexpr std::size_t kReferenceSizeMax = 256;
inline constexpr std::size_t kProblemSizeMax = 300;
inline constexpr std::size_t kPayTextBytesMax = 4'096;  ///< of an address to pay at, or of a code to scan
inline constexpr std::size_t kRefusedReportsMax = 16;
inline constexpr std::size_t kRefundsMax = 200;

inline constexpr std::string_view kPollTimer = "poll";
inline constexpr std::string_view kRefundTimer = "refund";
inline constexpr Duration kFirstPoll = Duration::seconds(15);
inline constexpr Duration kFirstRefundRepeat = Duration::seconds(30);
inline constexpr Duration kRepeatMax = Duration::minutes(6 * 60);
/// So long after its end a payment that the provider has never heard of counts as closed.
inline constexpr Duration kUnknownIsClosedAfter = Duration::minutes(10);

struct Start {
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  Time at;
  provider::Presentation presentation = provider::Presentation::kQr;
  Time expires_at;
  friend bool operator==(const Start&, const Start&) = default;
};

/// What became of provider::Create.
struct RecordCreated {
  provider::Created created;
  Time at;
  friend bool operator==(const RecordCreated&, const RecordCreated&) = default;
};

/// What the provider says became of the money: a notification, or the answer to a query or close.
struct RecordReport {
  provider::Report report;
  Time at;
  friend bool operator==(const RecordReport&, const RecordReport&) = default;
};

/// Effect: the order does not want this payment any more.
struct Close {
  std::string reason;
  Time at;
  friend bool operator==(const Close&, const Close&) = default;
};

/// Timer: time to ask the provider how things stand.
struct Poll {
  Time due;
  friend bool operator==(const Poll&, const Poll&) = default;
};

/// Effect: give back `amount`, or all that no other refund has a claim to. An attempt known already is not made again.
struct Refund {
  RefundId attempt;
  std::string reason;
  std::optional<Money> amount{};
  Time at{};
  friend bool operator==(const Refund&, const Refund&) = default;
};

/// What became of provider::Refund.
struct RecordRefund {
  RefundId attempt;
  provider::RefundReport report;
  Time at;
  friend bool operator==(const RecordRefund&, const RecordRefund&) = default;
};

/// Timer: time to ask again for refunds that nobody answered.
struct RepeatRefunds {
  Time due;
  friend bool operator==(const RepeatRefunds&, const RepeatRefunds&) = default;
};

/// An administrator has a refused refund tried again.
struct RetryRefund {
  RefundId attempt;
  Time at;
  friend bool operator==(const RetryRefund&, const RetryRefund&) = default;
};

/// An administrator lets money that arrived with a wrong amount count as captured. Its order has no use for it and
/// gives it back.
struct TakeWrongAmount {
  Time at;
  friend bool operator==(const TakeWrongAmount&, const TakeWrongAmount&) = default;
};

/// The refund of a payment that its order has no use for: always the same, so that asking twice is asking once.
RefundId first_refund_of(PaymentId payment);

}  // namespace souk::payment

namespace souk {

struct Payment {
  static constexpr std::string_view kKind = "payment";
  static constexpr std::uint32_t kStateSchema = 3;
  using Id = PaymentId;
  using State = payment::State;
  using Command = std::variant<payment::Start, payment::RecordCreated, payment::RecordReport, payment::Close,
                               payment::Poll, payment::Refund, payment::RecordRefund, payment::RepeatRefunds,
                               payment::RetryRefund, payment::TakeWrongAmount>;
  using Event =
      std::variant<payment::Started, payment::Created, payment::CreationFailed, payment::CreationRepeated,
                   payment::QueryRequested, payment::CloseRequested, payment::Reported, payment::ReportRefused,
                   payment::Succeeded, payment::Failed, payment::Closed, payment::RefundRequested,
                   payment::RefundsRepeated, payment::Refunded, payment::RefundFailed, payment::RefundDeclined>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
