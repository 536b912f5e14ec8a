/// Limits as the configuration has them: which proxies are believed, the shared store, what a new shop begins with.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "gateway/limits/traffic.hpp"
#include "limits/redis_store.hpp"
#include "privacy/install_keys.hpp"

namespace souk {

class Api;
class Metrics;

/// Networks with commas between them; none if one of them is none.
std::optional<std::vector<limits::Network>> parse_networks(std::string_view text);

/// What no single setting shows. Errors: kInvalid "config.invalid".
Result<void> check_limits(const Config& config);

/// The store of counters that nodes share; null: this node counts alone. It must outlive the traffic.
std::unique_ptr<limits::RedisStore> open_limit_store(const Config& config,
                                                     std::function<void(const std::string&)> warn);

Traffic::Options traffic_options(const Config& config, const InstallKeys& keys, limits::RedisStore* store,
                                 std::function<void(const std::string&)> warn);

/// Gives a new shop its first rules. Waits for the answer. Errors: kUnavailable "limits.timeout".
Result<void> ensure_limits(Api& api);

void add_limit_figures(Metrics& metrics, Api& api);
/// What every circuit breaker is like.
void add_breaker_figures(Metrics& metrics, Api& api);

}  // namespace souk
