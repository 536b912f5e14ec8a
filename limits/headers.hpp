/// What a client is told of the limit that its request met.
///
/// Source: draft-ietf-httpapi-ratelimit-headers-10 (RateLimit-Policy, RateLimit); RFC 9110, 10.2.3 (Retry-After).
#pragma once

#include <cstdint>
#include <string>

#include "limits/limiter.hpp"

namespace souk::limits {

/// `"logins";q=5;w=60`: five in a minute. Of a limit of requests at once, `q` alone.
[[nodiscard]] std::string rate_limit_policy(const Decision& decision);
/// `"logins";r=0;t=12`: none is left, and all are there again in twelve seconds.
[[nodiscard]] std::string rate_limit(const Decision& decision);
/// Whole seconds, rounded up, at least one.
[[nodiscard]] std::int64_t retry_after_s(const Decision& decision);

}  // namespace souk::limits
