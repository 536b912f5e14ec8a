/// The sandbox's pay page as HTML.
#pragma once

#include <string>
#include <string_view>

#include "payments/sandbox/ledger.hpp"

namespace souk {

/// `faults`: what shall go wrong, as the page was asked for; goes back with the decision.
std::string sandbox_page(PaymentId payment, const sandbox::Trade& trade, std::string_view faults);

}  // namespace souk
