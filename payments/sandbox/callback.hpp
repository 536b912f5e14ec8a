/// The sandbox's callbacks: a form, signed by a keyed hash (HMAC-SHA-256) over its sorted fields.
#pragma once

#include "payments/provider.hpp"
#include "payments/sandbox/ledger.hpp"

namespace souk::sandbox {

/// What is told of a payment. `wrong_amount`: it lies about the amount.
std::string signed_callback(std::string_view secret, PaymentId payment, const Trade& trade, Time now,
                            bool wrong_amount);

/// Errors: as Provider::read_notification.
Result<Notification> read_callback(std::string_view secret, std::string_view body);

}  // namespace souk::sandbox
