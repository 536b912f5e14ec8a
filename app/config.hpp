/// Souk's settings: one table says what there is, and five layers say what holds.
///
/// A later layer wins: default, TOML file, environment, what administrators have set (app/live_config.hpp), flags. So
/// what is changed while the shop runs holds over what it was deployed with, as ALTER SYSTEM does in PostgreSQL and
/// dynamic settings do in Kafka and Elasticsearch; and whoever starts the process can pin a setting by a flag, which is
/// the way back from one that was set wrongly. A setting "order.payment_timeout_s" is
/// `payment_timeout_s` in the table [order] of the file, and SOUK_ORDER_PAYMENT_TIMEOUT_S in the environment. What is
/// unknown or out of range is refused in every layer, whether a later one would overrule it or not. To add a setting: a
/// member of Config and one line in the table in settings.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/settings/settings_desk.hpp"

namespace souk {

struct Config {
  std::string listen = "127.0.0.1:8080";
  std::string data_dir = "data";
  std::int64_t drain_deadline_ms = 10'000;

  std::int64_t http_io_threads = 1;
  std::int64_t http_body_bytes_max = 1'048'576;
  std::int64_t http_head_bytes_max = 8'192;
  std::int64_t http_connections_max = 16'384;
  std::int64_t http_requests_in_flight_max = 4'096;
  std::int64_t http_idle_timeout_ms = 75'000;
  std::int64_t http_head_timeout_ms = 10'000;
  std::int64_t http_body_timeout_ms = 30'000;
  std::int64_t http_write_timeout_ms = 30'000;
  std::int64_t http_compressed_bytes_min = 1'024;
  std::string http_cors_origins;
  std::string http_proxies;
  std::string http_forwarded_header = "x-forwarded-for";

  std::string tls_certificate_file;
  std::string tls_key_file;
  std::int64_t tls_handshake_timeout_ms = 10'000;
  std::int64_t tls_hsts_max_age_s = 0;

  std::int64_t events_streams_max = 4'096;
  std::int64_t events_streams_per_account_max = 16;
  std::int64_t events_heartbeat_ms = 15'000;

  std::int64_t read_position_wait_ms = 2'000;

  std::int64_t account_registration_deadline_ms = 5'000;
  std::int64_t account_reset_ttl_s = 1'800;
  std::int64_t account_verification_ttl_s = 86'400;
  std::int64_t account_message_interval_s = 60;

  std::string messages_directory;

  bool projections_rebuild = false;
  std::string projections_on_poison = "park";
  std::int64_t projections_previous_kept_s = 7 * 86'400;

  std::string search_synonyms_file;
  std::string search_backend = "embedded";
  std::string search_elasticsearch_urls = "http://127.0.0.1:9200";
  std::string search_elasticsearch_index_prefix = "souk";
  std::string search_elasticsearch_analyzer;
  std::string search_elasticsearch_username;
  std::string search_elasticsearch_password;
  std::string search_elasticsearch_api_key;
  std::string search_elasticsearch_ca_file;
  std::int64_t search_elasticsearch_query_timeout_ms = 1'000;
  std::int64_t search_elasticsearch_write_timeout_ms = 4'000;
  std::int64_t search_elasticsearch_lag_max_ms = 5'000;
  std::int64_t search_elasticsearch_breaker_failures_max = 5;
  std::int64_t search_elasticsearch_breaker_open_ms = 5'000;

  std::int64_t order_payment_timeout_s = 600;
  std::int64_t order_answer_deadline_ms = 2'000;
  std::int64_t order_complete_after_days = 7;

  std::int64_t cart_guest_ttl_s = 2'592'000;

  std::int64_t idempotency_retention_s = 604'800;

  std::int64_t token_access_ttl_s = 7'200;
  std::int64_t token_refresh_ttl_s = 604'800;
  std::int64_t token_refresh_grace_s = 10;
  std::int64_t token_refresh_due_s = 600;
  std::int64_t token_key_life_s = 30 * 86'400;
  std::int64_t token_cache_max = 100'000;

  std::string session_policy = "many";
  bool session_cookies_secure = true;

  std::string admin_username;
  std::string admin_password;

  std::int64_t password_threads = 1;
  std::int64_t password_queue_max = 64;
  std::int64_t password_operations = 2;
  std::int64_t password_memory_kib = 65'536;

  std::int64_t privacy_keys_cached_max = 65'536;

  std::int64_t actors_budget = 100'000;
  std::int64_t actors_idle_s = 300;
  std::int64_t actors_snapshot_every = 200;
  std::int64_t actors_worker_threads = 1;
  std::int64_t actors_load_threads = 2;

  bool payments_sandbox_enabled = true;
  bool payments_sandbox_pays_by_itself = false;
  std::int64_t payments_sandbox_delay_ms = 0;
  std::string payments_sandbox_faults;
  bool payments_alipay_enabled = false;
  std::string payments_alipay_app_id;
  std::string payments_alipay_seller_id;
  std::string payments_alipay_gateway = "https://openapi.alipay.com/gateway.do";
  std::string payments_alipay_notify_url;
  std::string payments_alipay_return_url;
  std::string payments_alipay_app_private_key_file;
  std::string payments_alipay_public_key_file;
  std::string payments_alipay_app_certificate_file;
  std::string payments_alipay_certificate_file;
  std::string payments_alipay_root_certificate_file;
  std::string payments_ca_file;
  std::int64_t payments_call_timeout_ms = 5'000;
  std::int64_t payments_call_budget_ms = 15'000;
  std::int64_t payments_breaker_failures_max = 5;
  std::int64_t payments_breaker_open_ms = 10'000;

  std::string jobs_reconciliation_schedule = "30 2-14/4 * * *";
  std::string jobs_order_completion_schedule = "10 * * * *";
  std::string jobs_guest_cart_sweep_schedule = "40 * * * *";

  std::string kafka_brokers;
  std::string kafka_properties_file;
  bool kafka_feed_enabled = true;
  std::string kafka_topic_prefix = "souk.";
  std::string kafka_kinds;
  std::string kafka_types;
  std::string kafka_compression = "lz4";
  std::int64_t kafka_linger_ms = 5;
  std::int64_t kafka_message_bytes_max = 1'000'000;
  std::int64_t kafka_in_flight_events_max = 50'000;
  std::int64_t kafka_in_flight_bytes_max = 67'108'864;
  std::string kafka_on_poison = "retry";
  std::string kafka_commands_topic;
  std::string kafka_commands_group = "souk";
  std::string kafka_dead_letter_topic;

  bool limits_enabled = true;
  std::int64_t limits_overload_delay_ms = 20;
  std::int64_t limits_counters_max = 1'048'576;
  std::int64_t limits_nodes = 1;
  std::string limits_redis;
  std::string limits_redis_username;
  std::string limits_redis_password;
  std::int64_t limits_redis_database = 0;
  std::string limits_redis_prefix = "souk:limits:";
  std::int64_t limits_redis_timeout_ms = 10;
  std::string limits_cluster_secret;

  bool permissions_rescue = false;

  bool log_requests = true;

  friend bool operator==(const Config&, const Config&) = default;
};

/// One row of the table.
struct Setting {
  using Member = std::variant<std::int64_t Config::*, bool Config::*, std::string Config::*>;

  std::string_view key;
  Member member;
  std::string_view description;
  std::int64_t min = 0;  ///< of a number
  std::int64_t max = 0;
  /// What is wrong with a text, as the end of "… must be"; empty when it is right. None: any text will do.
  std::string_view (*check)(std::string_view) = nullptr;
  bool secret = false;
  /// None: numbers and flags may be set by administrators, for the next start, and texts are given to the process.
  std::optional<SettingChange> said = std::nullopt;

  [[nodiscard]] constexpr Setting with(SettingChange change) const {
    Setting copy = *this;
    copy.said = change;
    return copy;
  }
  [[nodiscard]] constexpr Setting at_once() const { return with(SettingChange::kAtOnce); }
  [[nodiscard]] constexpr Setting at_restart() const { return with(SettingChange::kRestart); }
  [[nodiscard]] constexpr Setting given() const { return with(SettingChange::kGiven); }

  [[nodiscard]] constexpr SettingChange change() const {
    if (secret) return SettingChange::kGiven;
    const bool is_text = std::holds_alternative<std::string Config::*>(member);
    return said.value_or(is_text ? SettingChange::kGiven : SettingChange::kRestart);
  }
  [[nodiscard]] SettingType type() const;
  /// As its name ends; empty: it has none.
  [[nodiscard]] std::string_view unit() const;
  [[nodiscard]] std::string environment_name() const;
};

/// The table, in the order in which it is printed.
std::span<const Setting> settings();
/// Null: there is none.
const Setting* find_setting(std::string_view key);

struct ConfigSources {
  std::string file;                      ///< empty: none
  std::vector<std::string> environment;  ///< "NAME=value", everything there is; names that are not ours are passed over
  std::vector<std::pair<std::string, std::string>> flags;  ///< key and value
  std::vector<live_settings::Value> live = {};             ///< what administrators have set
  std::string live_origin = {};                            ///< what they are called
  std::optional<std::string> file_text = std::nullopt;     ///< taken for the file's, which is not read then
};

struct EffectiveConfig {
  Config values;
  std::vector<std::string> origins;  ///< of each setting, in the order of the table: "default", "souk.toml:3:1" …
};

/// The file is not to be read. kInvalid "config.unreadable".
Error unreadable(const std::string& file);

/// Errors: kInvalid "config.invalid" (the detail has a line for each mistake: where and what) and
/// kInvalid "config.unreadable" (the file).
Result<EffectiveConfig> load_config(const ConfigSources& sources);

inline constexpr std::size_t kFileSizeMax = 4 * 1024 * 1024;
/// The whole of a file; none: it cannot be read, is no file but a folder or a pipe, say, or is larger than that. Waits
/// for nobody but the disk.
std::optional<std::string> read_file(const std::string& path);

/// What the environment of this process holds, for ConfigSources.
std::vector<std::string> process_environment();

/// A value as a flag has it; a secret is masked.
std::string value_as_text(const Setting& setting, const Config& config);

/// The settings as they are, as TOML with the origin of each behind it; secrets are masked.
std::string print_effective(const EffectiveConfig& config);

/// All settings with their meaning, range and default, as a TOML file to start from.
std::string print_reference();

/// The same as a table in Markdown (docs/settings.md).
std::string print_settings_table();

}  // namespace souk
