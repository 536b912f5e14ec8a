/// The permissions that a shop begins with: four roles, and what each route says about who may ask it.
///
/// Denied is what no rule allows. A role has what the one before it has: guest, user, support, admin; a guest who shows
/// a cart's token is a guest_cart.
#pragma once

#include <string_view>
#include <vector>

#include "engine/access_policy/access_policy.hpp"
#include "gateway/http/router.hpp"

namespace souk {

// Roles by default, which RouteInfo names.
inline constexpr std::string_view kGuest = "guest";
inline constexpr std::string_view kGuestCart = "guest_cart";
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kSupport = "support";
inline constexpr std::string_view kAdministrator = "admin";

std::string_view default_model();
/// How the roles stand to each other, and a rule for each route that asks for permission.
std::vector<access_policy::Row> default_rows(const http::Router& router);

}  // namespace souk
