#include "engine/payment/ledger.hpp"

#include <algorithm>

namespace souk::payment {
namespace {

using Entries = std::vector<LedgerEntry>;

template <class Event>
Entries on(const State& /*before*/, const Event& /*event*/) {
  return {};
}
Entries on(const State& /*before*/, const Succeeded& event) {
  return {{LedgerAccount::kCustomer, -event.amount.amount}, {LedgerAccount::kProvider, event.amount.amount}};
}
Entries on(const State& before, const RefundRequested& event) {
  const bool is_retry = std::any_of(before.refunds.begin(), before.refunds.end(),
                                    [&](const RefundState& refund) { return refund.attempt == event.attempt; });
  if (is_retry) return {};
  return {{LedgerAccount::kPromised, -event.amount.amount}, {LedgerAccount::kCustomer, event.amount.amount}};
}
Entries on(const State& /*before*/, const Refunded& event) {
  return {{LedgerAccount::kProvider, -event.amount.amount}, {LedgerAccount::kPromised, event.amount.amount}};
}

}  // namespace

std::vector<LedgerEntry> entries_of(const State& before, const Payment::Event& event) {
  return std::visit([&](const auto& happened) { return on(before, happened); }, event);
}

}  // namespace souk::payment
