#include "app/payment_alerts.hpp"

#include "engine/payment/payment.hpp"
#include "engine/reconciliation/reconciliation.hpp"

namespace souk {
namespace {

/// What there is to say of the event; nothing of a comparison that found nothing new. A comparison may have found
/// thousands of differences, so they are counted.
std::optional<std::string> text_of(const EventRecord& record) {
  if (record.type != reconciliation::Compared::kType) return record.payload;
  const auto event = decode<reconciliation::Compared>(record.payload, UnknownFields::kIgnored);
  if (!event) return record.payload;
  if (event->found.empty() && event->back.empty() && event->omitted == 0) return std::nullopt;
  return event->provider + " on " + event->day + ": " + std::to_string(event->found.size()) + " new differences, " +
         std::to_string(event->back.size()) + " are back, " + std::to_string(event->omitted) + " are not listed";
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
  if (found == counts_.end()) return;
  const auto text = text_of(record);
  if (!text) return;
  found->second.increment();
  tell_("alert: " + std::string(record.stream.text()) + ": " + record.type + " " + *text);
}

}  // namespace souk
