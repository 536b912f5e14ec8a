/// What the shop asks of a payment provider and what a provider says: data only. actors/payment_provider.hpp is who is
/// asked; the payment judges what it hears (payment.hpp), the provider only vouches that it was said.
///
/// Every call carries ids that make asking again harmless: the payment's for all but a refund, which has its own.
#pragma once

#include <string>
#include <vector>

#include "engine/base/codec.hpp"

namespace souk::provider {

/// How the customer is led to pay: a code to scan, or a page to open.
enum class Presentation : std::uint8_t { kQr, kPage };

/// What became of the money, as the provider tells it. `kUnknown`: it knows no such payment (yet) if the report names
/// no problem; otherwise it did not answer, and the problem says why.
enum class Outcome : std::uint8_t { kUnknown, kPending, kPaid, kClosed };

/// How the provider came to say so.
enum class Source : std::uint8_t { kCallback, kPoll, kClose };

enum class RefundOutcome : std::uint8_t { kUnknown, kRefunded, kRefused };

}  // namespace souk::provider

template <>
struct souk::EnumNames<souk::provider::Presentation> {
  static constexpr std::array<std::string_view, 2> values{"qr", "page"};
};
template <>
struct souk::EnumNames<souk::provider::Outcome> {
  static constexpr std::array<std::string_view, 4> values{"unknown", "pending", "paid", "closed"};
};
template <>
struct souk::EnumNames<souk::provider::Source> {
  static constexpr std::array<std::string_view, 3> values{"callback", "poll", "close"};
};
template <>
struct souk::EnumNames<souk::provider::RefundOutcome> {
  static constexpr std::array<std::string_view, 3> values{"unknown", "refunded", "refused"};
};

namespace souk::provider {

// --- what is asked

struct Create {
  PaymentId payment;
  std::string provider;
  Presentation presentation = Presentation::kQr;
  OrderId order;
  Money amount;
  Time expires_at;  ///< the provider must not take the money later
  friend bool operator==(const Create&, const Create&) = default;
};

struct Query {
  PaymentId payment;
  std::string provider;
  friend bool operator==(const Query&, const Query&) = default;
};

/// From now on the provider must not take the money. Answered with what it did: closed, or paid already.
struct Close {
  PaymentId payment;
  std::string provider;
  friend bool operator==(const Close&, const Close&) = default;
};

struct Refund {
  PaymentId payment;
  std::string provider;
  RefundId attempt;
  Money amount;
  std::string reason;
  friend bool operator==(const Refund&, const Refund&) = default;
};

// --- what is said

struct Created {
  bool succeeded = false;
  std::string pay_url;  ///< a page to open; empty: none
  std::string qr_text;  ///< what the code to scan says; empty: none
  std::string problem;  ///< why not; empty if it succeeded

  static constexpr auto fields() {
    return field_list(field("succeeded", &Created::succeeded), field("pay_url", &Created::pay_url),
                      field("qr_text", &Created::qr_text), field("problem", &Created::problem));
  }
  friend bool operator==(const Created&, const Created&) = default;
};

/// Authentic (signed, or over an authenticated channel), but not yet judged.
struct Report {
  Source source = Source::kPoll;
  Outcome outcome = Outcome::kUnknown;
  std::string reference;  ///< the provider's own number of the trade
  Money amount;           ///< what was paid; of no meaning unless `kPaid`
  /// What does not fit, found by the provider's side: "app_id", "seller", "order". Nothing with objections counts.
  std::vector<std::string> objections;
  std::string problem;  ///< why the outcome is unknown

  static constexpr auto fields() {
    return field_list(field("source", &Report::source), field("outcome", &Report::outcome),
                      field("reference", &Report::reference), field("amount", &Report::amount),
                      field("objections", &Report::objections), field("problem", &Report::problem));
  }
  friend bool operator==(const Report&, const Report&) = default;
};

struct RefundReport {
  RefundOutcome outcome = RefundOutcome::kUnknown;
  std::string problem;

  static constexpr auto fields() {
    return field_list(field("outcome", &RefundReport::outcome), field("problem", &RefundReport::problem));
  }
  friend bool operator==(const RefundReport&, const RefundReport&) = default;
};

}  // namespace souk::provider
