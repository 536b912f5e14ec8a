/// Alipay's notifications: a form, signed over its sorted fields without `sign` and `sign_type`.
#pragma once

#include "payments/alipay/account.hpp"
#include "payments/provider.hpp"

namespace souk::alipay {

/// What it says, with an objection for each thing that is not ours: "app_id", "seller", "amount", "currency".
/// One that Alipay did not sign: the objection `kNotSigned` alone.
/// Errors: kInvalid "notification.malformed" (also when it is about nothing that could be a payment of ours).
Result<Notification> read_notification(const Account& account, std::string_view body);

/// What a trade's state means; `was_paid`: there is a time of payment, so that a closed trade is one that was paid and
/// given back. Other states than Alipay's four are unknown.
provider::Outcome outcome_of(std::string_view trade_status, bool was_paid);

}  // namespace souk::alipay
