/// What the parts of the shop are opened with, as the configuration says.
#pragma once

#include "actors/entity_host.hpp"
#include "app/config.hpp"
#include "app/setting_checks.hpp"
#include "gateway/api.hpp"
#include "gateway/http/server.hpp"
#include "privacy/password.hpp"

namespace souk {

HostOptions host_options(const Config& config);
ApiOptions api_options(const Config& config);
/// Those that take effect at once.
void renew_options(const Config& config, ApiOptions& options);
/// The configuration's origins must have been checked.
http::ServerOptions server_options(const Config& config, const Endpoint& endpoint);
PasswordPool::Options password_options(const Config& config);

}  // namespace souk
