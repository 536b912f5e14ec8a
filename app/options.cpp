#include "app/options.hpp"

#include "gateway/http/cors.hpp"

namespace souk {

HostOptions host_options(const Config& config) {
  HostOptions options;
  options.worker_threads = static_cast<std::size_t>(config.actors_worker_threads);
  options.load_threads = static_cast<std::size_t>(config.actors_load_threads);
  options.directory.live_entities_max = static_cast<std::size_t>(config.actors_budget);
  options.directory.idle_max = Duration::seconds(config.actors_idle_s);
  options.directory.snapshot_every = static_cast<std::uint64_t>(config.actors_snapshot_every);
  return options;
}

void renew_options(const Config& config, ApiOptions& options) {
  options.payment_timeout = Duration::seconds(config.order_payment_timeout_s);
  options.guest_cart_ttl = Duration::seconds(config.cart_guest_ttl_s);
  options.answer_deadline = Duration::milliseconds(config.order_answer_deadline_ms);
  options.registration_deadline = Duration::milliseconds(config.account_registration_deadline_ms);
  options.reset_ttl = Duration::seconds(config.account_reset_ttl_s);
  options.verification_ttl = Duration::seconds(config.account_verification_ttl_s);
  options.message_interval = Duration::seconds(config.account_message_interval_s);
  options.one_session_only = config.session_policy == "single";
  options.position_wait = Duration::milliseconds(config.read_position_wait_ms);
  options.event_heartbeat = Duration::milliseconds(config.events_heartbeat_ms);
}

ApiOptions api_options(const Config& config) {
  ApiOptions options;
  renew_options(config, options);
  options.refresh_ttl = Duration::seconds(config.token_refresh_ttl_s);
  options.refresh_grace = Duration::seconds(config.token_refresh_grace_s);
  options.refresh_due = Duration::seconds(config.token_refresh_due_s);
  options.token_key_life = Duration::seconds(config.token_key_life_s);
  options.cookies_secure = config.session_cookies_secure;
  options.event_streams.all_max = static_cast<std::size_t>(config.events_streams_max);
  options.event_streams.per_account_max = static_cast<std::size_t>(config.events_streams_per_account_max);
  return options;
}

http::ServerOptions server_options(const Config& config, const Endpoint& endpoint) {
  http::ServerOptions options;
  options.host = endpoint.host;
  options.port = endpoint.port;
  options.io_threads = static_cast<std::size_t>(config.http_io_threads);
  auto& limits = options.limits;
  limits.head_bytes_max = static_cast<std::size_t>(config.http_head_bytes_max);
  limits.body_bytes_max = static_cast<std::size_t>(config.http_body_bytes_max);
  limits.connections_max = static_cast<std::size_t>(config.http_connections_max);
  limits.in_flight_max = static_cast<std::size_t>(config.http_requests_in_flight_max);
  limits.idle = std::chrono::milliseconds(config.http_idle_timeout_ms);
  limits.handshake = std::chrono::milliseconds(config.tls_handshake_timeout_ms);
  options.cors = http::Cors::parse(config.http_cors_origins).value();
  options.compressed_bytes_min = static_cast<std::size_t>(config.http_compressed_bytes_min);
  if (config.tls_hsts_max_age_s > 0) options.hsts = "max-age=" + std::to_string(config.tls_hsts_max_age_s);
  limits.head_read = std::chrono::milliseconds(config.http_head_timeout_ms);
  limits.body_read = std::chrono::milliseconds(config.http_body_timeout_ms);
  limits.write = std::chrono::milliseconds(config.http_write_timeout_ms);
  return options;
}

PasswordPool::Options password_options(const Config& config) {
  PasswordPool::Options options;
  options.threads = static_cast<std::size_t>(config.password_threads);
  options.queue_max = static_cast<std::size_t>(config.password_queue_max);
  options.cost.operations = static_cast<std::uint64_t>(config.password_operations);
  options.cost.memory_bytes = static_cast<std::size_t>(config.password_memory_kib) * 1024;
  return options;
}

}  // namespace souk
