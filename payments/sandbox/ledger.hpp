/// What the sandbox remembers of its payments, also when the shop is killed, as a provider elsewhere would.
///
/// A file of JSON lines, replayed when it is opened. Limits: the newest 200,000 payments.
/// Thread-safety: none.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>

#include "engine/payment/provider.hpp"
#include "engine/reconciliation/compare.hpp"
#include "payments/sandbox/faults.hpp"

namespace souk::sandbox {

struct GivenBack {
  RefundId attempt;
  Money amount;
  Time at;
};

struct Trade {
  OrderId order;
  Money amount;
  Time expires_at;
  provider::Outcome outcome = provider::Outcome::kPending;
  Time paid_at;
  std::vector<GivenBack> refunds;
  Faults faults;  ///< of this payment, beside those of all
};

/// One thing that happened, as it is written.
struct Entry {
  std::string what;  ///< "created", "paid", "closed", "refunded", "told"
  PaymentId payment;
  Time at;
  std::optional<OrderId> order;
  std::optional<Money> amount;
  std::optional<Time> expires_at;
  std::optional<RefundId> refund;
  std::optional<Faults> faults;

  static constexpr auto fields() {
    return field_list(field("what", &Entry::what), field("payment_id", &Entry::payment), field("at", &Entry::at),
                      field("order_id", &Entry::order), field("amount", &Entry::amount),
                      field("expires_at", &Entry::expires_at), field("refund_id", &Entry::refund),
                      field("faults", &Entry::faults));
  }
};

class Ledger {
 public:
  static constexpr std::size_t kTradesMax = 200'000;

  /// Errors: kUnavailable "sandbox.ledger". An empty path: nothing is kept.
  static Result<std::unique_ptr<Ledger>> open(const std::string& path);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  [[nodiscard]] const Trade* find(PaymentId payment) const;
  /// Writes it, then does it. What cannot be written is done all the same: it is a sandbox.
  void add(const Entry& entry);
  /// What was paid and given back in [begins, ends).
  [[nodiscard]] std::vector<reconciliation::BillLine> booked(Time begins, Time ends) const;

 private:
  Ledger() = default;
  void apply(const Entry& entry);

  int file_ = -1;
  std::unordered_map<PaymentId, Trade> trades_;
  std::deque<PaymentId> oldest_;
};

/// The number by which the sandbox itself knows a payment.
std::string reference_of(PaymentId payment);

}  // namespace souk::sandbox
