#include "payments/sandbox/ledger.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace souk::sandbox {

std::string reference_of(PaymentId payment) {
  return "sandbox-" + payment.str();
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::string& path) {
  std::unique_ptr<Ledger> ledger(new Ledger());
  if (path.empty()) return ledger;
  {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      // The last line may have been cut off.
      if (const auto entry = decode<Entry>(line, UnknownFields::kIgnored)) ledger->apply(*entry);
    }
  }
  ledger->file_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (ledger->file_ < 0) return fail(ErrorCode::kUnavailable, "sandbox.ledger", path + " cannot be written");
  return ledger;
}

Ledger::~Ledger() {
  if (file_ >= 0) ::close(file_);
}

const Trade* Ledger::find(PaymentId payment) const {
  const auto found = trades_.find(payment);
  return found == trades_.end() ? nullptr : &found->second;
}

void Ledger::add(const Entry& entry) {
  if (file_ >= 0) {
    // Begins a line as well, so that one that was cut off spoils no other.
    const std::string line = "\n" + encode(entry) + "\n";
    [[maybe_unused]] const auto written = ::write(file_, line.data(), line.size());
  }
  apply(entry);
}

void Ledger::apply(const Entry& entry) {
  if (entry.what == "created") {
    const Trade trade{entry.order.value_or(OrderId{}),
                      entry.amount.value_or(Money{}),
                      entry.expires_at.value_or(entry.at),
                      provider::Outcome::kPending,
                      {},
                      {},
                      {}};
    if (!trades_.try_emplace(entry.payment, trade).second) return;
    oldest_.push_back(entry.payment);
    if (oldest_.size() <= kTradesMax) return;
    trades_.erase(oldest_.front());
    oldest_.pop_front();
    return;
  }
  const auto found = trades_.find(entry.payment);
  if (found == trades_.end()) return;
  auto& trade = found->second;
  if (entry.what == "paid") {
    trade.outcome = provider::Outcome::kPaid;
    trade.paid_at = entry.at;
  } else if (entry.what == "closed") {
    trade.outcome = provider::Outcome::kClosed;
  } else if (entry.what == "refunded") {
    trade.refunds.push_back({entry.refund.value_or(RefundId{}), entry.amount.value_or(Money{}), entry.at});
  } else if (entry.what == "told") {
    trade.faults = entry.faults.value_or(Faults{});
  }
}

std::vector<reconciliation::BillLine> Ledger::booked(Time begins, Time ends) const {
  const auto is_within = [&](Time at) { return begins <= at && at < ends; };
  std::vector<reconciliation::BillLine> lines;
  for (const auto& [payment, trade] : trades_) {
    if (trade.outcome != provider::Outcome::kPaid) continue;
    if (is_within(trade.paid_at)) lines.push_back({payment.str(), {}, reference_of(payment), trade.amount});
    for (const auto& refund : trade.refunds) {
      if (is_within(refund.at)) {
        lines.push_back({payment.str(), refund.attempt.str(), reference_of(payment), refund.amount});
      }
    }
  }
  return lines;
}

}  // namespace souk::sandbox
