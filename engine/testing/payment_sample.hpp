/// A payment of 5.00 and how it went on, for tests.
#pragma once

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

namespace souk::payment {

inline constexpr PaymentId kSelf{{0, 77}};
inline constexpr OrderId kOrder{{0, 1}};
inline constexpr AccountId kAccount{{0, 2}};
inline constexpr RefundId kAttempt{{0, 3}};
inline constexpr Time kAt{9};
inline constexpr Time kExpires{9 + 600'000'000};

inline Start start() {
  return {kOrder, kAccount, "sandbox", {500, {}}, kAt, provider::Presentation::kPage, kExpires};
}
inline Started started() {
  return {kOrder, kAccount, "sandbox", {500, {}}, kAt, provider::Presentation::kPage, kExpires};
}
inline Created created() {
  return {"https://pay.example", "", kAt};
}
inline provider::Report report_of(provider::Outcome outcome, provider::Source source = provider::Source::kCallback) {
  return {source, outcome, "ref-1", {500, {}}, {}, {}};
}
inline provider::Report paid_report() {
  return report_of(provider::Outcome::kPaid);
}
inline Succeeded succeeded() {
  return {kOrder, "ref-1", {500, {}}, kAt};
}
inline RefundRequested requested(RefundId attempt = kAttempt, std::int64_t amount = 500) {
  return {attempt, "sandbox", {amount, {}}, "wrong_amount", kAt, kAt + kFirstRefundRepeat};
}
inline RecordRefund answered(provider::RefundOutcome outcome, RefundId attempt = kAttempt) {
  return {attempt, {outcome, outcome == provider::RefundOutcome::kRefused ? "no" : ""}, kAt};
}

}  // namespace souk::payment
