/// One attempt to pay an order with a provider, and what became of the money.
///
/// captured ≥ refunded ≥ 0 always holds. What a provider says happened is recorded even when it is late: money that
/// arrives after a failure has arrived.
/// Errors of Start: kConflict "payment.exists"; kInvalid "payment.provider_invalid", "payment.amount_invalid".
/// Errors of RecordOutcome: kNotFound "payment.not_found"; kInvalid "payment.reference_invalid".
/// The others are effects or answers to calls and never fail.
#pragma once

#include "engine/entity.hpp"

namespace souk::payment {

inline constexpr std::size_t kProviderSizeMax = 32;  ///< of a–z, 0–9 and '_'
inline constexpr std::size_t kReferenceBytesMax = 256;

enum class Status : std::uint8_t { kNone, kStarted, kSucceeded, kFailed, kRefunding, kRefunded, kRefundFailed };

}  // namespace souk::payment

template <>
struct souk::EnumNames<souk::payment::Status> {
  static constexpr std::array<std::string_view, 7> values{"none",      "started",  "succeeded",    "failed",
                                                          "refunding", "refunded", "refund_failed"};
};

namespace souk::payment {

struct State {
  Status status = Status::kNone;
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  std::int64_t captured = 0;  ///< minor units of the amount's currency
  std::int64_t refunded = 0;  ///< likewise
  std::string provider_reference;
  RefundId refund;  ///< the last attempt to refund

  static constexpr auto fields() {
    return field_list(field("status", &State::status), field("order_id", &State::order),
                      field("account_id", &State::account), field("provider", &State::provider),
                      field("amount", &State::amount), field("captured", &State::captured),
                      field("refunded", &State::refunded), field("provider_reference", &State::provider_reference),
                      field("refund_id", &State::refund));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

struct Start {
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  Time at;
  friend bool operator==(const Start&, const Start&) = default;
};

/// What the provider says became of the payment. Saying it again changes nothing.
struct RecordOutcome {
  bool succeeded = false;
  std::string provider_reference;
  Time at;
  friend bool operator==(const RecordOutcome&, const RecordOutcome&) = default;
};

/// Effect: give back what was captured. An attempt that failed needs a new one.
struct Refund {
  RefundId attempt;
  std::string reason;
  friend bool operator==(const Refund&, const Refund&) = default;
};

/// What became of the call ProviderRefund.
struct RecordRefund {
  RefundId attempt;
  bool succeeded = false;
  Time at;
  friend bool operator==(const RecordRefund&, const RecordRefund&) = default;
};

/// The first attempt to refund a payment: always the same, so that asking twice is asking once.
RefundId first_refund_of(PaymentId payment);

// --- events

struct Started {
  static constexpr std::string_view kType = "payment.started";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  Time at;

  static constexpr auto fields() {
    return field_list(field("order_id", &Started::order), field("account_id", &Started::account),
                      field("provider", &Started::provider), field("amount", &Started::amount),
                      field("at", &Started::at));
  }
  friend bool operator==(const Started&, const Started&) = default;
};

struct Succeeded {
  static constexpr std::string_view kType = "payment.succeeded";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::string provider_reference;
  Money amount;
  Time at;

  static constexpr auto fields() {
    return field_list(field("order_id", &Succeeded::order), field("provider_reference", &Succeeded::provider_reference),
                      field("amount", &Succeeded::amount), field("at", &Succeeded::at));
  }
  friend bool operator==(const Succeeded&, const Succeeded&) = default;
};

struct Failed {
  static constexpr std::string_view kType = "payment.failed";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::string provider_reference;
  Time at;

  static constexpr auto fields() {
    return field_list(field("order_id", &Failed::order), field("provider_reference", &Failed::provider_reference),
                      field("at", &Failed::at));
  }
  friend bool operator==(const Failed&, const Failed&) = default;
};

struct RefundRequested {
  static constexpr std::string_view kType = "payment.refund_requested";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  std::string provider;
  Money amount;
  std::string reason;

  static constexpr auto fields() {
    using E = RefundRequested;
    return field_list(field("refund_id", &E::attempt), field("provider", &E::provider), field("amount", &E::amount),
                      field("reason", &E::reason));
  }
  friend bool operator==(const RefundRequested&, const RefundRequested&) = default;
};

struct Refunded {
  static constexpr std::string_view kType = "payment.refunded";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  Money amount;
  Time at;

  static constexpr auto fields() {
    return field_list(field("refund_id", &Refunded::attempt), field("amount", &Refunded::amount),
                      field("at", &Refunded::at));
  }
  friend bool operator==(const Refunded&, const Refunded&) = default;
};

struct RefundFailed {
  static constexpr std::string_view kType = "payment.refund_failed";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  Time at;

  static constexpr auto fields() {
    return field_list(field("refund_id", &RefundFailed::attempt), field("at", &RefundFailed::at));
  }
  friend bool operator==(const RefundFailed&, const RefundFailed&) = default;
};

}  // namespace souk::payment

namespace souk {

struct Payment {
  static constexpr std::string_view kKind = "payment";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = PaymentId;
  using State = payment::State;
  using Command = std::variant<payment::Start, payment::RecordOutcome, payment::Refund, payment::RecordRefund>;
  using Event = std::variant<payment::Started, payment::Succeeded, payment::Failed, payment::RefundRequested,
                             payment::Refunded, payment::RefundFailed>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
