/// Double entry: what each event of a payment moves between accounts. The entries of an event sum to zero.
#pragma once

#include "engine/payment/payment.hpp"

namespace souk::payment {

enum class LedgerAccount : std::uint8_t {
  kCustomer,  ///< what the customer gave and was not promised back, as a negative number
  kPromised,  ///< refunds requested or refused and not yet made, as a negative number
  kProvider,  ///< what the provider holds for the shop
};

struct LedgerEntry {
  LedgerAccount account = LedgerAccount::kCustomer;
  std::int64_t amount = 0;  ///< minor units of the payment's currency
  friend bool operator==(const LedgerEntry&, const LedgerEntry&) = default;
};

/// `before` is the state that the event happened to: a refund that is tried again was promised already.
std::vector<LedgerEntry> entries_of(const State& before, const Payment::Event& event);

}  // namespace souk::payment
