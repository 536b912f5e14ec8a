/// Merging a guest's cart into an account's, for the route of its own and for logging in.
#pragma once

#include <functional>
#include <string_view>

#include "gateway/api_call.hpp"

namespace souk {

/// Spends the guest's cart for the account and calls `then` when its lines have arrived, or when it is refused:
/// kNotFound "cart.not_found", kConflict "cart.spent" (by another account), "cart.expired". `then` may be called late
/// or not at all when the call was answered meanwhile; the lines arrive nevertheless.
void merge_guest_cart(const ApiCallPtr& call, AccountId account, std::string_view token, CommandMeta meta,
                      std::function<void(Position, const Error*)> then);

}  // namespace souk
