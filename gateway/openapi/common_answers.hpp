/// What any route may answer by its kind, as problems and as headers of the OpenAPI document.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "gateway/http/router.hpp"

namespace souk::openapi {

/// By status, the reasons a client may see with it. An empty set: any.
using ProblemsByStatus = std::map<int, std::set<std::string_view>>;

/// Those of the route's own and those that follow from its kind.
ProblemsByStatus problems_of(const http::Route& route);

/// Members "parameters", "headers" and "securitySchemes" of the components, and the schema Problem.
std::string_view problem_schema();
std::string parameter_components();
std::string_view header_components();
std::string_view security_components();

/// A problem with the first of these reasons, or with one that is usual for the status.
std::string problem_example(int status, const std::set<std::string_view>& reasons);

/// Whether the route admits calls as those of /api do; probes do not.
bool is_api(const http::Route& route);

}  // namespace souk::openapi
