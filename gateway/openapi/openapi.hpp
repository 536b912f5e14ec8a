/// The OpenAPI document of a router's routes: every operation with its parameters, body, answers and problems.
///
/// Nothing is written twice: schemas come from the field lists, the rest from RouteInfo. What any route may answer by
/// its kind (401, 403, 412, 413, 415, 422, 428, 503 …) is added here.
/// Source: OpenAPI 3.1.0, RFC 9457 for problems.
#pragma once

#include <string>

#include "gateway/http/router.hpp"

namespace souk {

/// The document as JSON text.
std::string render_openapi(const http::Router& router);

}  // namespace souk
