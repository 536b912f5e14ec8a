#include "gateway/permissions/default_policy.hpp"

namespace souk {

std::string_view default_model() {
  return R"([request_definition]
r = sub, role, obj, act

[policy_definition]
p = sub, obj, act, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (g(r.sub, p.sub) || g(r.role, p.sub)) && keyMatch(r.obj, p.obj) && (r.act == p.act || p.act == "*")
)";
}

std::vector<access_policy::Row> default_rows(const http::Router& router) {
  std::vector<access_policy::Row> rows;
  const auto add = [&](std::string kind, std::vector<std::string_view> values) {
    rows.push_back({std::move(kind), {values.begin(), values.end()}});
  };
  add("g", {kGuestCart, kGuest});
  add("g", {kUser, kGuest});
  add("g", {kSupport, kUser});
  add("g", {kAdministrator, kSupport});
  for (const auto& route : router.routes()) {
    const auto& info = route.info;
    if (!info.asks_permission) continue;
    const auto role = !info.role.empty() ? info.role : info.is_public ? kGuest : kUser;
    add("p", {role, route.pattern, http::name_of(route.method), "allow"});
    if (info.takes_cart_token && !info.is_public) {
      add("p", {kGuestCart, route.pattern, http::name_of(route.method), "allow"});
    }
  }
  return rows;
}

}  // namespace souk
