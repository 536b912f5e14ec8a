#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "app/config.hpp"
#include "app/setting_checks.hpp"

namespace souk {
namespace {

namespace check = setting_checks;

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kHourMs = 3'600'000;

// Known at compile time, so that it is there whoever asks first.
constexpr std::array kTable{
    Setting{"listen", &Config::listen, "where to serve HTTP; port 0 takes any free one", 0, 0, check::endpoint},
    Setting{"data_dir", &Config::data_dir, "the folder of the log, the keys and the read models", 0, 0, check::path},
    Setting{"drain_deadline_ms", &Config::drain_deadline_ms,
            "how long SIGTERM waits for accepted requests to be answered", 0, kHourMs},

    Setting{"http.io_threads", &Config::http_io_threads, "threads that read and write sockets", 1, 64},
    Setting{"http.body_bytes_max", &Config::http_body_bytes_max, "longest body of a request; more is 413", 1'024,
            67'108'864},
    Setting{"http.head_bytes_max", &Config::http_head_bytes_max, "longest head of a request; more is 431", 1'024,
            65'536},
    Setting{"http.connections_max", &Config::http_connections_max, "open connections; one more is closed with 503", 16,
            1'000'000},
    Setting{"http.requests_in_flight_max", &Config::http_requests_in_flight_max,
            "requests being worked on; one more is 503", 1, 1'000'000},
    Setting{"http.idle_timeout_ms", &Config::http_idle_timeout_ms, "how long a connection may wait between requests",
            100, kHourMs},
    Setting{"http.head_timeout_ms", &Config::http_head_timeout_ms, "how long a request's head may take to arrive", 100,
            kHourMs},
    Setting{"http.body_timeout_ms", &Config::http_body_timeout_ms, "how long a request's body may take to arrive", 100,
            kHourMs},
    Setting{"http.write_timeout_ms", &Config::http_write_timeout_ms, "how long a client may take to take an answer",
            100, kHourMs},

    Setting{"http.compressed_bytes_min", &Config::http_compressed_bytes_min,
            "answers this long are compressed (gzip) for clients that say they read that; 0: none", 0, 67'108'864},
    Setting{"http.cors_origins", &Config::http_cors_origins,
            "web pages of these origins may use the interface, separated by commas; \"*\": all; empty: none", 0, 0,
            check::origins}
        .at_restart(),
    Setting{"http.proxies", &Config::http_proxies,
            "networks of proxies whose word is taken for whom a request is from, separated by commas; empty: nobody's",
            0, 0, check::networks},
    Setting{"http.forwarded_header", &Config::http_forwarded_header,
            "the header in which they say so: x-forwarded-for or forwarded", 0, 0, check::forwarded_header},
    Setting{"tls.certificate_file", &Config::tls_certificate_file,
            "serve HTTPS with this certificate (PEM, with those that lead to its root); empty: HTTP"},
    Setting{"tls.key_file", &Config::tls_key_file, "the certificate's private key (PEM, without a pass phrase)"},
    Setting{"tls.handshake_timeout_ms", &Config::tls_handshake_timeout_ms, "how long a handshake may take", 100,
            kHourMs},
    Setting{"tls.hsts_max_age_s", &Config::tls_hsts_max_age_s,
            "for how long browsers are told to use HTTPS only (Strict-Transport-Security); 0: they are not told", 0,
            2 * 365 * kDay},

    Setting{"events.streams_max", &Config::events_streams_max, "streams of events open at once; one more is 503", 0,
            1'000'000},
    Setting{"events.streams_per_account_max", &Config::events_streams_per_account_max,
            "the same of one account; one more is 429", 1, 1'000'000},
    Setting{"events.heartbeat_ms", &Config::events_heartbeat_ms,
            "a stream on which nothing happens gives a sign of life so often", 100, kHourMs}
        .at_once(),

    Setting{"read.position_wait_ms", &Config::read_position_wait_ms,
            "how long a read with Souk-Position waits for its view to catch up", 0, 60'000}
        .at_once(),

    Setting{"account.registration_deadline_ms", &Config::account_registration_deadline_ms,
            "a registration not settled by then is answered with 409; the client asks again", 1, 60'000}
        .at_once(),

    Setting{"account.reset_ttl_s", &Config::account_reset_ttl_s, "how long a token resets a password", 1, 30 * kDay}
        .at_once(),
    Setting{"account.verification_ttl_s", &Config::account_verification_ttl_s,
            "how long a token verifies an e-mail address", 1, 30 * kDay}
        .at_once(),
    Setting{"account.message_interval_s", &Config::account_message_interval_s,
            "no sooner than this after the last one a person is sent another message of its kind", 0, kDay}
        .at_once(),

    Setting{"messages.directory", &Config::messages_directory,
            "where messages to people are written as files; empty: messages/ in the data directory"},

    Setting{"projections.rebuild", &Config::projections_rebuild,
            "make read models that cannot be used anew from the log, instead of refusing to start"}
        .given(),
    Setting{
        "projections.on_poison", &Config::projections_on_poison,
        "what becomes of an event that a read model cannot take in: park (with the later ones of its stream), retry or "
        "stop, unless an administrator says otherwise of the read model",
        0, 0, check::policy}
        .at_restart(),
    Setting{"projections.previous_kept_s", &Config::projections_previous_kept_s,
            "how long what a rebuild has replaced is kept for a roll back", 0, 365 * kDay},

    Setting{"search.synonyms_file", &Config::search_synonyms_file,
            "words that mean the same, a line for each set; read again when it changes; empty: none"},
    Setting{"search.backend", &Config::search_backend,
            "embedded, or elasticsearch, beside which the embedded one answers while the server cannot", 0, 0,
            check::search_backend}
        .at_restart(),
    Setting{"search.elasticsearch_urls", &Config::search_elasticsearch_urls,
            "nodes of one cluster of Elasticsearch 7.17 or 8, separated by commas", 0, 0, check::elasticsearch_urls},
    Setting{"search.elasticsearch_index_prefix", &Config::search_elasticsearch_index_prefix,
            "indices are called PREFIX-products-NUMBER; each shop needs its own", 0, 0, check::index_prefix},
    Setting{"search.elasticsearch_analyzer", &Config::search_elasticsearch_analyzer,
            "an analyzer of the server's, such as ik_smart, that finds products besides those that have the words; "
            "empty: none",
            0, 0, check::analyzer}
        .at_restart(),
    Setting{"search.elasticsearch_username", &Config::search_elasticsearch_username,
            "who asks the server; empty: nobody says so"},
    Setting{"search.elasticsearch_password", &Config::search_elasticsearch_password, "the same one's password", 0, 0,
            nullptr, true},
    Setting{"search.elasticsearch_api_key", &Config::search_elasticsearch_api_key,
            "used instead of name and password, as the server encodes it", 0, 0, nullptr, true},
    Setting{"search.elasticsearch_ca_file", &Config::search_elasticsearch_ca_file,
            "certificates that the server is checked with; empty: the system's"},
    Setting{"search.elasticsearch_query_timeout_ms", &Config::search_elasticsearch_query_timeout_ms,
            "how long a search may wait for the server before the embedded one answers it", 10, 60'000},
    Setting{"search.elasticsearch_write_timeout_ms", &Config::search_elasticsearch_write_timeout_ms,
            "how long a call that writes products may take", 100, 60'000},
    Setting{"search.elasticsearch_lag_max_ms", &Config::search_elasticsearch_lag_max_ms,
            "an index that is further behind is not asked", 0, kHourMs},
    Setting{"search.elasticsearch_breaker_failures_max", &Config::search_elasticsearch_breaker_failures_max,
            "after so many failures in a row the server is left alone for a while", 1, 1'000},
    Setting{"search.elasticsearch_breaker_open_ms", &Config::search_elasticsearch_breaker_open_ms,
            "how long it is left alone", 100, kHourMs},

    Setting{"order.payment_timeout_s", &Config::order_payment_timeout_s, "an order unpaid for so long is cancelled", 1,
            30 * kDay}
        .at_once(),
    Setting{"order.answer_deadline_ms", &Config::order_answer_deadline_ms,
            "an order not settled by then is answered with 202", 1, 60'000}
        .at_once(),
    Setting{"order.complete_after_days", &Config::order_complete_after_days,
            "a delivered order is complete after so many days, unless an administrator says otherwise of the job", 0,
            365}
        .at_once(),

    Setting{"cart.guest_ttl_s", &Config::cart_guest_ttl_s, "a guest's cart unchanged for so long expires", 1,
            365 * kDay}
        .at_once(),

    Setting{"idempotency.retention_s", &Config::idempotency_retention_s, "how long an Idempotency-Key is remembered",
            60, 365 * kDay}
        .given(),

    Setting{"token.access_ttl_s", &Config::token_access_ttl_s, "how long an access token holds", 1, kDay},
    Setting{"token.refresh_ttl_s", &Config::token_refresh_ttl_s,
            "how long a refresh token holds, and with it a session that is not used", 1, 365 * kDay},
    Setting{"token.refresh_grace_s", &Config::token_refresh_grace_s,
            "a refresh token that was used is answered again for so long, with the same tokens: answers get lost", 0,
            600},
    Setting{"token.refresh_due_s", &Config::token_refresh_due_s,
            "answers to an access token that holds no longer say so (Souk-Refresh-Due); 0: they do not", 0, kDay},
    Setting{"token.key_life_s", &Config::token_key_life_s,
            "tokens are signed with another key after so long, and those of older ones hold on; 0: never", 0,
            10 * 365 * kDay},
    Setting{"token.cache_max", &Config::token_cache_max, "verified tokens remembered", 0, 10'000'000},

    Setting{"session.policy", &Config::session_policy, "many, or single: logging in ends the account's other sessions",
            0, 0, check::session_policy}
        .at_once(),
    Setting{"session.cookies_secure", &Config::session_cookies_secure,
            "cookies with tokens are sent over HTTPS only; false: to try them without it"}
        .given(),

    Setting{"admin.username", &Config::admin_username, "the first administrator, made at start if not there"},
    Setting{"admin.password", &Config::admin_password, "the first administrator's password", 0, 0, nullptr, true},

    Setting{"password.threads", &Config::password_threads, "threads that hash passwords", 1, 64},
    Setting{"password.queue_max", &Config::password_queue_max, "log-ins and registrations waiting; one more is 503", 1,
            100'000},
    Setting{"password.operations", &Config::password_operations, "passes of argon2id over its memory", 1, 16},
    Setting{"password.memory_kib", &Config::password_memory_kib, "memory of argon2id", 8, 4'194'304},

    Setting{"privacy.keys_cached_max", &Config::privacy_keys_cached_max, "keys of persons kept in memory", 1,
            10'000'000}
        .given(),

    Setting{"actors.budget", &Config::actors_budget, "entities kept in memory", 1, 100'000'000},
    Setting{"actors.idle_s", &Config::actors_idle_s, "an entity unused for so long leaves memory", 1, 30 * kDay},
    Setting{"actors.snapshot_every", &Config::actors_snapshot_every, "events between two snapshots of an entity", 10,
            1'000'000},
    Setting{"actors.worker_threads", &Config::actors_worker_threads, "threads that run entities", 1, 64},
    Setting{"actors.load_threads", &Config::actors_load_threads, "threads that load entities from disk", 1, 64},

    Setting{"payments.sandbox_enabled", &Config::payments_sandbox_enabled,
            "offer the payment provider \"sandbox\", whose page anybody may use"}
        .given(),
    Setting{"payments.sandbox_pays_by_itself", &Config::payments_sandbox_pays_by_itself,
            "the sandbox pays every payment as soon as it is started"}
        .given(),
    Setting{"payments.sandbox_delay_ms", &Config::payments_sandbox_delay_ms, "how long the sandbox's callbacks take", 0,
            kHourMs},
    Setting{"payments.sandbox_faults", &Config::payments_sandbox_faults,
            "what the sandbox does wrong, separated by commas: lost, doubled, late, wrong_amount, fail_create, "
            "fail_query, fail_close, fail_refund, unsure_refund",
            0, 0, check::sandbox_faults},
    Setting{"payments.alipay_enabled", &Config::payments_alipay_enabled, "offer the payment provider \"alipay\""}
        .given(),
    Setting{"payments.alipay_app_id", &Config::payments_alipay_app_id, "the shop's app at Alipay"},
    Setting{"payments.alipay_seller_id", &Config::payments_alipay_seller_id,
            "who is paid; notifications about others are refused; empty: not checked"},
    Setting{"payments.alipay_gateway", &Config::payments_alipay_gateway, "the address of Alipay's gateway", 0, 0,
            check::http_address},
    Setting{"payments.alipay_notify_url", &Config::payments_alipay_notify_url,
            "where Alipay reports to: https://YOUR.SHOP/api/v1/payments/notifications/alipay; empty: it is asked only",
            0, 0, check::http_address_or_none},
    Setting{"payments.alipay_return_url", &Config::payments_alipay_return_url,
            "where Alipay's pay page leads back to; empty: nowhere", 0, 0, check::http_address_or_none},
    Setting{"payments.alipay_app_private_key_file", &Config::payments_alipay_app_private_key_file,
            "the app's private key, PEM or bare base 64"},
    Setting{"payments.alipay_public_key_file", &Config::payments_alipay_public_key_file,
            "Alipay's public key; empty: certificates are used"},
    Setting{"payments.alipay_app_certificate_file", &Config::payments_alipay_app_certificate_file,
            "the app's certificate"},
    Setting{"payments.alipay_certificate_file", &Config::payments_alipay_certificate_file, "Alipay's certificate"},
    Setting{"payments.alipay_root_certificate_file", &Config::payments_alipay_root_certificate_file,
            "Alipay's root certificates"},
    Setting{"payments.ca_file", &Config::payments_ca_file,
            "certificates that providers' servers are checked with; empty: the system's"},
    Setting{"payments.call_timeout_ms", &Config::payments_call_timeout_ms, "how long one try of a call may take", 100,
            60'000},
    Setting{"payments.call_budget_ms", &Config::payments_call_budget_ms, "how long a call may take with its retries",
            100, 600'000},
    Setting{"payments.breaker_failures_max", &Config::payments_breaker_failures_max,
            "after so many failures in a row a provider is left alone for a while", 1, 1'000},
    Setting{"payments.breaker_open_ms", &Config::payments_breaker_open_ms, "how long it is left alone", 100, kHourMs},

    Setting{"jobs.reconciliation_schedule", &Config::jobs_reconciliation_schedule,
            "when bills are compared, each day's until it was: five fields of cron, in UTC or with an offset such as "
            "+08:00, or @every 10m",
            0, 0, check::schedule}
        .at_once(),
    Setting{"jobs.order_completion_schedule", &Config::jobs_order_completion_schedule,
            "when delivered orders are completed", 0, 0, check::schedule}
        .at_once(),
    Setting{"jobs.guest_cart_sweep_schedule", &Config::jobs_guest_cart_sweep_schedule,
            "when guests' carts that have expired are ended", 0, 0, check::schedule}
        .at_once(),

    Setting{"kafka.brokers", &Config::kafka_brokers,
            "brokers of a Kafka cluster, HOST:PORT, separated by commas; empty: Kafka is not used", 0, 0,
            check::brokers},
    Setting{"kafka.properties_file", &Config::kafka_properties_file,
            "lines name=value with whatever else librdkafka shall know, such as security.protocol and sasl.password"},
    Setting{"kafka.feed_enabled", &Config::kafka_feed_enabled, "send events to topics"},
    Setting{"kafka.topic_prefix", &Config::kafka_topic_prefix,
            "an event goes to the topic with this name and the kind of its entity behind it", 0, 0,
            check::topic_prefix},
    Setting{"kafka.kinds", &Config::kafka_kinds, "only events of these entities, separated by commas; empty: all", 0, 0,
            check::kinds}
        .at_restart(),
    Setting{"kafka.types", &Config::kafka_types, "only events of these types, separated by commas; empty: all", 0, 0,
            check::event_types}
        .at_restart(),
    Setting{"kafka.compression", &Config::kafka_compression, "none, gzip, snappy, lz4 or zstd", 0, 0,
            check::compression}
        .at_restart(),
    Setting{"kafka.linger_ms", &Config::kafka_linger_ms, "how long an event may wait for others of its batch", 0,
            10'000},
    Setting{"kafka.message_bytes_max", &Config::kafka_message_bytes_max, "a larger message is refused", 1'000,
            100'000'000},
    Setting{"kafka.in_flight_events_max", &Config::kafka_in_flight_events_max,
            "events that wait for brokers; then the feed pauses", 1, 10'000'000},
    Setting{"kafka.in_flight_bytes_max", &Config::kafka_in_flight_bytes_max, "the same in bytes", 1'000,
            10'000'000'000},
    Setting{
        "kafka.on_poison", &Config::kafka_on_poison,
        "what becomes of an event that brokers refuse: retry (nothing goes on before it), park (with the later ones "
        "of its stream) or stop",
        0, 0, check::policy}
        .at_restart(),
    Setting{"kafka.commands_topic", &Config::kafka_commands_topic,
            "messages of this topic are commands for catalogue and stock; empty: none are taken", 0, 0, check::topic},
    Setting{"kafka.commands_group", &Config::kafka_commands_group, "the group of consumers that takes them"},
    Setting{"kafka.dead_letter_topic", &Config::kafka_dead_letter_topic,
            "where commands go that were refused; empty: the name of their topic with .dead behind it", 0, 0,
            check::topic},

    Setting{"limits.enabled", &Config::limits_enabled,
            "obey the rules and networks that administrators set, and refuse early under overload"},
    Setting{"limits.overload_delay_ms", &Config::limits_overload_delay_ms,
            "requests are refused when all have waited this long for their entities; 0: never", 0, 60'000},
    Setting{"limits.counters_max", &Config::limits_counters_max,
            "clients, accounts and the like that are counted at once, 32 bytes each", 1'024, 134'217'728},
    Setting{"limits.nodes", &Config::limits_nodes, "how many nodes share the limits of a cluster", 1, 1'000},
    Setting{"limits.redis", &Config::limits_redis,
            "HOST:PORT of the Redis server with the counters that nodes share; empty: this node counts alone", 0, 0,
            check::peer_or_none},
    Setting{"limits.redis_username", &Config::limits_redis_username, "who asks the server; empty: nobody says so"},
    Setting{"limits.redis_password", &Config::limits_redis_password, "the password for it", 0, 0, nullptr, true},
    Setting{"limits.redis_database", &Config::limits_redis_database, "the number of its database", 0, 1'000},
    Setting{"limits.redis_prefix", &Config::limits_redis_prefix, "what the names of all keys there begin with"},
    Setting{"limits.redis_timeout_ms", &Config::limits_redis_timeout_ms,
            "how long a request may wait for it before this node goes by its share", 1, 1'000},
    Setting{"limits.cluster_secret", &Config::limits_cluster_secret,
            "what counters there are named by, at least 16 characters, the same on all nodes", 0, 0, nullptr, true},

    Setting{
        "permissions.rescue", &Config::permissions_rescue,
        "begin with the permissions of a new shop, whatever the stored ones are: the way back for a shop that nobody "
        "may administer any more"}
        .given(),

    Setting{"log.requests", &Config::log_requests, "write one line for each request"}.at_once(),
};

}  // namespace

std::span<const Setting> settings() {
  return kTable;
}

SettingType Setting::type() const {
  return static_cast<SettingType>(member.index());
}

std::string_view Setting::unit() const {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kUnits{
      {{"_ms", "ms"}, {"_s", "s"}, {"_days", "d"}, {"_kib", "KiB"}, {"bytes", "bytes"}}};
  if (type() != SettingType::kNumber) return {};
  for (const auto& [ending, unit] : kUnits) {
    if (key.ends_with(ending) || key.ends_with(std::string(ending) + "_max") ||
        key.ends_with(std::string(ending) + "_min")) {
      return unit;
    }
  }
  return {};
}

const Setting* find_setting(std::string_view key) {
  const auto found = std::ranges::find(kTable, key, &Setting::key);
  return found == kTable.end() ? nullptr : &*found;
}

std::string Setting::environment_name() const {
  std::string name = "SOUK_";
  for (const char c : key) {
    name.push_back(c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return name;
}

}  // namespace souk
