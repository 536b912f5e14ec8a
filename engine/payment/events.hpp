/// What happens to a payment, as it is stored.
#pragma once

#include "engine/entity.hpp"
#include "engine/payment/provider.hpp"

namespace souk::payment {

/// `expires_at`: the provider must not take the money later.
struct Started {
  static constexpr std::string_view kType = "payment.started";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  Time at;
  provider::Presentation presentation = provider::Presentation::kQr;
  Time expires_at;

  static constexpr auto fields() {
    return field_list(field("order_id", &Started::order), field("account_id", &Started::account),
                      field("provider", &Started::provider), field("amount", &Started::amount),
                      field("at", &Started::at), defaulted("presentation", &Started::presentation),
                      defaulted("expires_at", &Started::expires_at));
  }
  friend bool operator==(const Started&, const Started&) = default;
};

/// The provider knows of it, and the customer can pay.
struct Created {
  static constexpr std::string_view kType = "payment.created";
  static constexpr std::uint16_t kSchema = 1;
  std::string pay_url;
  std::string qr_text;
  Time at;

  static constexpr auto fields() {
    return field_list(field("pay_url", &Created::pay_url), field("qr_text", &Created::qr_text),
                      field("at", &Created::at));
  }
  friend bool operator==(const Created&, const Created&) = default;
};

/// The provider could not be made to know of it; it is asked again.
struct CreationFailed {
  static constexpr std::string_view kType = "payment.creation_failed";
  static constexpr std::uint16_t kSchema = 1;
  std::string problem;
  Time at;

  static constexpr auto fields() {
    return field_list(field("problem", &CreationFailed::problem), field("at", &CreationFailed::at));
  }
  friend bool operator==(const CreationFailed&, const CreationFailed&) = default;
};

/// `tick` counts how often the provider was asked by itself, `next_at` is when it will be asked again.
struct CreationRepeated {
  static constexpr std::string_view kType = "payment.creation_repeated";
  static constexpr std::uint16_t kSchema = 1;
  OrderId order;
  std::string provider;
  provider::Presentation presentation = provider::Presentation::kQr;
  Money amount;
  Time expires_at;
  std::int64_t tick = 0;
  Time next_at;

  static constexpr auto fields() {
    using E = CreationRepeated;
    return field_list(field("order_id", &E::order), field("provider", &E::provider),
                      field("presentation", &E::presentation), field("amount", &E::amount),
                      field("expires_at", &E::expires_at), field("tick", &E::tick), field("next_at", &E::next_at));
  }
  friend bool operator==(const CreationRepeated&, const CreationRepeated&) = default;
};

struct QueryRequested {
  static constexpr std::string_view kType = "payment.query_requested";
  static constexpr std::uint16_t kSchema = 1;
  std::string provider;
  std::int64_t tick = 0;
  Time next_at;

  static constexpr auto fields() {
    return field_list(field("provider", &QueryRequested::provider), field("tick", &QueryRequested::tick),
                      field("next_at", &QueryRequested::next_at));
  }
  friend bool operator==(const QueryRequested&, const QueryRequested&) = default;
};

/// The customer shall not be able to pay any more.
struct CloseRequested {
  static constexpr std::string_view kType = "payment.close_requested";
  static constexpr std::uint16_t kSchema = 1;
  std::string provider;
  std::string reason;
  std::int64_t tick = 0;
  Time next_at;

  static constexpr auto fields() {
    return field_list(field("provider", &CloseRequested::provider), field("reason", &CloseRequested::reason),
                      field("tick", &CloseRequested::tick), field("next_at", &CloseRequested::next_at));
  }
  friend bool operator==(const CloseRequested&, const CloseRequested&) = default;
};

/// What the provider said, before it is judged; each thing once.
struct Reported {
  static constexpr std::string_view kType = "payment.reported";
  static constexpr std::uint16_t kSchema = 1;
  provider::Report report;
  Time at;

  static constexpr auto fields() { return field_list(field("report", &Reported::report), field("at", &Reported::at)); }
  friend bool operator==(const Reported&, const Reported&) = default;
};

/// What the provider said does not fit this payment, so it does not count. Somebody has to look at it.
struct ReportRefused {
  static constexpr std::string_view kType = "payment.report_refused";
  static constexpr std::uint16_t kSchema = 1;
  std::string reason;  ///< "wrong_amount", "wrong_currency", or the objections
  Time at;

  static constexpr auto fields() {
    return field_list(field("reason", &ReportRefused::reason), field("at", &ReportRefused::at));
  }
  friend bool operator==(const ReportRefused&, const ReportRefused&) = default;
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

/// The customer was never led to pay: it could not be created in time, and the provider does not know of it.
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

/// The provider will not take the money any more, and has not taken it.
struct Closed {
  static constexpr std::string_view kType = "payment.closed";
  static constexpr std::uint16_t kSchema = 1;
  Time at;

  static constexpr auto fields() { return field_list(field("at", &Closed::at)); }
  friend bool operator==(const Closed&, const Closed&) = default;
};

/// One refund as its calls need it.
struct RefundAsked {
  RefundId attempt;
  Money amount;
  std::string reason;

  static constexpr auto fields() {
    return field_list(field("refund_id", &RefundAsked::attempt), field("amount", &RefundAsked::amount),
                      field("reason", &RefundAsked::reason));
  }
  friend bool operator==(const RefundAsked&, const RefundAsked&) = default;
};

struct RefundRequested {
  static constexpr std::string_view kType = "payment.refund_requested";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  std::string provider;
  Money amount;
  std::string reason;
  Time at;
  Time next_at;  ///< when it is asked for again should nobody have answered

  static constexpr auto fields() {
    using E = RefundRequested;
    return field_list(field("refund_id", &E::attempt), field("provider", &E::provider), field("amount", &E::amount),
                      field("reason", &E::reason), defaulted("at", &E::at), defaulted("next_at", &E::next_at));
  }
  friend bool operator==(const RefundRequested&, const RefundRequested&) = default;
};

/// These refunds had no answer; the provider is asked again for the same attempts.
struct RefundsRepeated {
  static constexpr std::string_view kType = "payment.refunds_repeated";
  static constexpr std::uint16_t kSchema = 1;
  std::string provider;
  std::vector<RefundAsked> refunds;
  std::int64_t tick = 0;
  Time next_at;

  static constexpr auto fields() {
    using E = RefundsRepeated;
    return field_list(field("provider", &E::provider), field("refunds", &E::refunds), field("tick", &E::tick),
                      field("next_at", &E::next_at));
  }
  friend bool operator==(const RefundsRepeated&, const RefundsRepeated&) = default;
};

struct Refunded {
  static constexpr std::string_view kType = "payment.refunded";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  Money amount;
  Time at;
  OrderId order;

  static constexpr auto fields() {
    return field_list(field("refund_id", &Refunded::attempt), field("amount", &Refunded::amount),
                      field("at", &Refunded::at), defaulted("order_id", &Refunded::order));
  }
  friend bool operator==(const Refunded&, const Refunded&) = default;
};

/// The provider refused; it may be asked again by hand.
struct RefundFailed {
  static constexpr std::string_view kType = "payment.refund_failed";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  Time at;
  std::string problem;

  static constexpr auto fields() {
    return field_list(field("refund_id", &RefundFailed::attempt), field("at", &RefundFailed::at),
                      defaulted("problem", &RefundFailed::problem));
  }
  friend bool operator==(const RefundFailed&, const RefundFailed&) = default;
};

/// More was to be given back than is left: nothing is asked of the provider.
struct RefundDeclined {
  static constexpr std::string_view kType = "payment.refund_declined";
  static constexpr std::uint16_t kSchema = 1;
  RefundId attempt;
  OrderId order;
  Money amount;

  static constexpr auto fields() {
    return field_list(field("refund_id", &RefundDeclined::attempt), field("order_id", &RefundDeclined::order),
                      field("amount", &RefundDeclined::amount));
  }
  friend bool operator==(const RefundDeclined&, const RefundDeclined&) = default;
};

}  // namespace souk::payment
