/// What comes in and claims to be a provider's: checked by the provider, recorded by the payment, which judges it.
#pragma once

#include <functional>

#include "gateway/api.hpp"
#include "payments/provider.hpp"

namespace souk {

enum class Taken : std::uint8_t {
  kAccepted,     ///< recorded, or known already
  kRefused,      ///< authentic, but it does not fit the payment: that is recorded
  kForged,       ///< not authentic: recorded if it names a payment; or unreadable, or about no payment
  kUnavailable,  ///< nothing was done; it may come again
};

/// The position is what an answer has to wait for.
using NotificationThen = std::function<void(Taken taken, Position position)>;

/// What is refused is counted and told to `PaymentServices::alert`. `then` is called ahead of durability.
void take_notification(Api& api, std::string_view provider_name, const Provider& provider,
                       const IncomingNotification& incoming, CommandMeta meta, NotificationThen then);

/// Callbacks of the sandbox that runs in this process come by this way, without a network between.
void deliver_sandbox_callbacks(Api& api);

}  // namespace souk
