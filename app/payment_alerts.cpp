#include "app/payment_alerts.hpp"

#include "engine/payment/payment.hpp"
#include "engine/reconciliation/reconciliation.hpp"

namespace souk {
namespace {

/// A comparison that found nothing new is no alarm.
bool is_quiet(const EventRecord& record) {
  if (record.type != reconciliation::Compared::kType) return false;
  const auto event = decode<reconciliation::Compared>(record.payload, UnknownFields::kIgnored);
  return event && event->found.empty() && event->back.empty();
}

}  // namespace

PaymentAlerts::PaymentAlerts(Metrics& metrics, std::function<void(const std::string&)> tell) : tell_(std::move(tell)) {
  for (const auto type : {payment::ReportRefused::kType, payment::RefundFailed::kType, payment::RefundDeclined::kType,
                          reconciliation::Compared::kType, reconciliation::Failed::kType}) {
    counts_.emplace(type, metrics.counter("souk_payment_alerts_total", "Things about payments that need a person",
                                          {{"event", std::string(type)}}));
  }
}

void PaymentAlerts::take(const EventRecord& record) {
  const auto found = counts_.find(record.type);
  if (found == counts_.end() || is_quiet(record)) return;
  found->second.increment();
  tell_("alert: " + std::string(record.stream.text()) + ": " + record.type + " " + record.payload);
}

}  // namespace souk
