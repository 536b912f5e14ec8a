/// The provider "sandbox": takes no money, but behaves like one that does, callbacks, bill and faults included.
///
/// Its pay page asks what shall become of a payment. It takes money even for a payment that was closed, so that money
/// that comes too late can be tried.
/// Thread-safety: every function from any thread; what they do is done on the scheduler's thread.
#pragma once

#include <mutex>

#include "engine/base/clock.hpp"
#include "payments/provider.hpp"
#include "payments/sandbox/faults.hpp"
#include "payments/sandbox/ledger.hpp"
#include "peers/scheduler.hpp"

namespace souk::sandbox {

struct SandboxOptions {
  std::string secret;                            ///< signs callbacks
  Faults faults;                                 ///< of every payment, until `set_faults`
  bool pays_by_itself = false;                   ///< a payment is paid as soon as it is created, as if by its customer
  Duration callback_delay{};                     ///< of every callback
  Duration late_by = Duration::seconds(2);       ///< on top, of one that is late
  Duration resend_first = Duration::seconds(1);  ///< a callback that is not acknowledged comes again, doubling, 8 times
};

/// Takes a callback to the shop and says whether it was acknowledged.
using Deliver = std::function<void(std::string body, std::function<void(bool acknowledged)> then)>;

class SandboxProvider final : public Provider {
 public:
  /// All but the ledger must outlive it.
  SandboxProvider(std::unique_ptr<Ledger> ledger, SandboxOptions options, Clock& clock, Scheduler& scheduler);

  void create(const provider::Create& asked, std::function<void(provider::Created)> answer) override;
  void query(const provider::Query& asked, std::function<void(provider::Report)> answer) override;
  void close(const provider::Close& asked, std::function<void(provider::Report)> answer) override;
  void refund(const provider::Refund& asked, std::function<void(provider::RefundReport)> answer) override;
  [[nodiscard]] Result<Notification> read_notification(const IncomingNotification& incoming) const override;
  void bill(const Day& day, BillThen then) override;
  [[nodiscard]] Duration calendar_offset() const override { return {}; }

  /// The customer's decision. Faults of this payment alone come on top of the others. Paid stays paid.
  /// Errors: kNotFound "payment.not_found".
  void settle(PaymentId payment, bool pays, Faults faults, std::function<void(Result<Trade>)> then);
  /// Errors: kNotFound "payment.not_found".
  void show(PaymentId payment, std::function<void(Result<Trade>)> then);

  void set_faults(Faults faults);
  [[nodiscard]] Faults faults() const;
  /// Where callbacks go; none: nowhere.
  void set_deliver(Deliver deliver);

 private:
  void call_back(PaymentId payment, const Trade& trade);
  /// Those of all payments, and this one's own.
  [[nodiscard]] Faults faults_of(const Trade* trade) const;
  void send(const std::string& body, int attempt);
  void run(std::function<void()> task) { scheduler_.after(Duration{}, std::move(task)); }
  [[nodiscard]] provider::Report report(provider::Source source, PaymentId payment, Fault fault) const;

  const std::unique_ptr<Ledger> ledger_;  ///< the scheduler's thread's
  const SandboxOptions options_;
  Clock& clock_;
  Scheduler& scheduler_;
  mutable std::mutex mutex_;  ///< of the two below
  Faults faults_;
  Deliver deliver_;
};

}  // namespace souk::sandbox
