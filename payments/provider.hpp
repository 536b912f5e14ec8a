/// One payment provider as the shop knows it: what actors/payment_provider.hpp asks of all of them together, and what
/// only the outer parts of the shop need: reading notifications, and the day's bill.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/payment_provider.hpp"
#include "engine/reconciliation/compare.hpp"

namespace souk {

/// A call that came in and claims to be the provider's.
struct IncomingNotification {
  std::string_view media_type;  ///< without parameters, as sent
  std::string_view body;
};

/// What a notification says, and of which payment.
struct Notification {
  PaymentId payment;
  provider::Report report;
};

Notification forged_notification(PaymentId payment);

/// A day of the provider's calendar: "2026-11-23".
struct Day {
  std::string text;
  Time begins;
  Time ends;        ///< the next one's begin
  Duration offset;  ///< how far the calendar is ahead of UTC

  /// Nothing for what is no day.
  static std::optional<Day> parse(std::string_view text, Duration offset);
  [[nodiscard]] Day previous() const;
};

/// What a notification says that is about a payment but that its provider did not sign. It counts for nothing else.
inline constexpr std::string_view kNotSigned = "signature";

/// Thread-safety: called on any thread; answers on any thread, exactly once a call unless the shop ends before.
class Provider : public PaymentProvider {
 public:
  /// What it says; if it is forged, that one objection alone. Errors: kInvalid "notification.malformed": it is about
  /// nothing that could be a payment.
  [[nodiscard]] virtual Result<Notification> read_notification(const IncomingNotification& incoming) const = 0;

  /// Reads what was fetched: that may take a while, so not on a thread that others wait for. Errors: kUnavailable
  /// "bill.unreadable".
  using ReadBill = std::function<Result<std::vector<reconciliation::BillLine>>()>;
  using BillThen = std::function<void(Result<ReadBill>)>;
  /// Everything that the provider booked on that day of its calendar. Errors: kUnavailable "bill.none": nothing was,
  /// or it is not made yet; "bill.not_ready" and those of HTTP.
  virtual void bill(const Day& day, BillThen then) = 0;
  /// How far the provider's calendar is ahead of UTC.
  [[nodiscard]] virtual Duration calendar_offset() const = 0;
};

}  // namespace souk
