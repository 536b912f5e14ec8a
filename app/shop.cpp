#include "app/shop.hpp"

#include <atomic>
#include <cstdio>
#include <thread>

#include "app/administrator.hpp"
#include "app/data_directory.hpp"
#include "app/figures.hpp"
#include "app/job_setup.hpp"
#include "app/kafka_setup.hpp"
#include "app/limit_setup.hpp"
#include "app/message_files.hpp"
#include "app/options.hpp"
#include "app/payment_alerts.hpp"
#include "app/payment_setup.hpp"
#include "app/search_setup.hpp"
#include "app/setting_checks.hpp"
#include "app/system_clock.hpp"
#include "app/tls_files.hpp"
#include "gateway/access_log.hpp"
#include "gateway/api.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "gateway/jobs/job_runs.hpp"
#include "gateway/limits/policy.hpp"
#include "gateway/metrics.hpp"
#include "gateway/payments/notifications.hpp"
#include "gateway/permissions/policy_rescue.hpp"
#include "gateway/sessions.hpp"
#include "gateway/settings/change.hpp"
#include "privacy/sqlite_vault.hpp"
#include "projections/elastic/elastic_search.hpp"
#include "projections/follower_control.hpp"
#include "projections/supervisor.hpp"

namespace souk {
namespace {

constexpr auto kReadyPoll = std::chrono::milliseconds(2);

}  // namespace

/// In the order in which they are opened; `stop` ends them in the other one.
struct Shop::Parts {
  LiveConfig& live_config;
  Config config;  ///< as it was at the start
  TlsFiles tls_files{config};
  /// Until when the certificate holds, for the figures; 0: there is none.
  std::atomic<std::int64_t> certificate_expires_s{0};
  SystemClock clock;
  std::unique_ptr<RocksEventLog> log;
  InstallKeys keys;
  std::unique_ptr<SqliteVault> vault;
  std::unique_ptr<Projections> projections;
  std::shared_ptr<kafka::FeedFigures> feed_figures;
  Metrics metrics;
  std::unique_ptr<AccessLog> access_log;
  PaymentAlerts alerts{metrics, [this](const std::string& what) { warn("payments", what); }};
  std::unique_ptr<MessageFiles> messages;
  std::unique_ptr<PaymentSetup> payments;
  std::unique_ptr<JobRuns> job_runs;
  std::vector<job::Configure> configured;
  std::unique_ptr<EntityHost> host;
  std::unique_ptr<PasswordPool> passwords;
  std::unique_ptr<TokenKeys> token_keys;
  std::unique_ptr<limits::RedisStore> limit_store;
  std::unique_ptr<Traffic> traffic;
  std::unique_ptr<Api> api;
  std::unique_ptr<LogListener> commit_recorder;
  std::unique_ptr<http::Server> server;
  std::shared_ptr<kafka::IntakeFigures> command_figures = std::make_shared<kafka::IntakeFigures>();
  std::unique_ptr<kafka::CommandIntake> commands;

  explicit Parts(LiveConfig& wanted) : live_config(wanted), config(wanted.in_force()) {}
  void warn(std::string_view about, const std::string& what) {
    access_log->notice(AccessLog::Level::kWarning, about, what);
  }
  void warn(std::string_view about, const Error& error) { warn(about, error.reason + ": " + error.detail); }
  Result<void> open_storage();
  Result<void> serve();
  void renew(const Config& now);
  void tell_configuration(AccessLog::Level level, const std::string& what) const;
  void tell(const LiveConfig::Reload& reload) const;
  void tell_left_out() const;
  Result<void> open_limits(const http::Router& router);
  void add_breakers();
  void add_all_figures();
  Result<TlsFiles::Context> load_certificate();
  void stop();
};

Result<void> Shop::Parts::open_storage() {
  auto opened_log = open_log(config, clock);
  if (!opened_log) return tl::unexpected<Error>(std::move(opened_log.error()));
  log = std::move(*opened_log);
  if (auto restored = restore_settings(*log, live_config); !restored) return restored;
  live_config.begin();
  config = live_config.in_force();
  auto opened_keys = open_keys(config, *log);
  if (!opened_keys) return tl::unexpected<Error>(std::move(opened_keys.error()));
  keys = *opened_keys;
  auto opened_vault = open_vault(config, *log);
  if (!opened_vault) return tl::unexpected<Error>(std::move(opened_vault.error()));
  vault = std::move(*opened_vault);

  AccessLogOptions log_options;
  log_options.requests = config.log_requests;
  auto opened_access_log = AccessLog::open(log_options);
  if (!opened_access_log) return tl::unexpected<Error>(std::move(opened_access_log.error()));
  access_log = std::move(*opened_access_log);
  tell_left_out();

  ProjectionsOptions projection_options;
  projection_options.directory = projections_directory(config);
  projection_options.rebuild = config.projections_rebuild;
  projection_options.on_poison = on_poison_of(config.projections_on_poison).value_or(OnPoison::kPark);
  projection_options.previous_kept = Duration::seconds(config.projections_previous_kept_s);
  projection_options.on_notice = [this](std::string_view projection, const std::string& what) {
    access_log->notice(AccessLog::Level::kInfo, projection, what);
  };
  projection_options.on_parked = [this](std::string_view projection, const ParkedEvent& event) {
    warn(projection, "parked the event at position " + std::to_string(event.position.value) + ": " + event.reason +
                         ": " + event.detail);
  };
  projection_options.on_failure = [this](std::string_view projection, const Error& error) { warn(projection, error); };
  projection_options.search.synonyms_file = config.search_synonyms_file;
  projection_options.search.on_problem = [this](const Error& error) { warn("search", error); };
  projection_options.elastic = elastic_options(config);
  projection_options.on_payment_news = [this](const EventRecord& record) { alerts.take(record); };
  auto opened_projections = Projections::open(*log, clock, projection_options);
  if (!opened_projections) return tl::unexpected<Error>(std::move(opened_projections.error()));
  projections = std::move(*opened_projections);
  auto feed = add_kafka_feed(config, *log, clock, projections->supervisor(),
                             [this](const std::string& what) { warn("kafka", what); });
  if (!feed) return tl::unexpected<Error>(std::move(feed.error()));
  feed_figures = std::move(*feed);
  return {};
}

Result<void> Shop::Parts::serve() {
  const auto endpoint = parse_endpoint(config.listen);
  if (!endpoint) return tl::unexpected<Error>(endpoint.error());
  MessageFiles::Options message_options;
  message_options.directory =
      config.messages_directory.empty() ? config.data_dir + "/messages" : config.messages_directory;
  message_options.report = [this](const Error& error) { warn("messages", error); };
  auto opened_messages = MessageFiles::open(std::move(message_options), *vault, OneTimeTokens(keys.one_time), clock);
  if (!opened_messages) return tl::unexpected<Error>(std::move(opened_messages.error()));
  messages = std::move(*opened_messages);
  auto options_of_host = host_options(config);
  options_of_host.messages = messages.get();
  job_runs = std::make_unique<JobRuns>([this](const std::string& what) { warn("jobs", what); });
  options_of_host.jobs = job_runs.get();
  options_of_host.on_waited = [this](Duration delay) {
    if (traffic) traffic->admission().waited(delay);
  };
  auto opened_payments = PaymentSetup::open(config, clock, keys.sandbox);
  if (!opened_payments) return tl::unexpected<Error>(std::move(opened_payments.error()));
  payments = std::move(*opened_payments);
  payments->services.alert = [this](const std::string& what) { warn("payments", what); };
  host = std::make_unique<EntityHost>(*log, clock, payments->providers, options_of_host,
                                      [this](const StreamId& stream, const std::string& what) {
                                        access_log->internal_error("", std::string(stream.text()) + ": " + what);
                                      });
  passwords = std::make_unique<PasswordPool>(password_options(config));
  auto opened_keys =
      TokenKeys::open(config.data_dir, keys.tokens, clock.now(),
                      Duration::seconds(std::max(config.token_access_ttl_s, config.token_refresh_ttl_s)));
  if (!opened_keys) return tl::unexpected<Error>(std::move(opened_keys.error()));
  token_keys = std::move(*opened_keys);
  api = std::make_unique<Api>(
      Api::Parts{*log, clock, *host, *projections, *vault, *passwords, payments->services, keys, *token_keys,
                 Duration::seconds(config.token_access_ttl_s), static_cast<std::size_t>(config.token_cache_max),
                 [this] { return metrics.render(); }},
      api_options(config));
  api->settings = &live_config;
  job_runs->attach(*api);
  if (auto restored = restore_revocations(*log, projections->accounts(), api->revocations); !restored) return restored;
  if (auto restored = restore_names(*log, api->names); !restored) return restored;
  deliver_sandbox_callbacks(*api);
  http::Router router;
  api->add_routes(router);
  if (auto opened = open_limits(router); !opened) return opened;
  add_breakers();
  const auto permitted = config.permissions_rescue ? begin_with_first_permissions(api->permissions, router)
                                                   : restore_permissions(*log, api->permissions, router);
  if (!permitted) return permitted;
  metrics.declare_routes(router);
  add_all_figures();
  auto certificate = load_certificate();
  if (!certificate) return tl::unexpected<Error>(std::move(certificate.error()));
  auto options = server_options(config, *endpoint);
  options.tls = std::move(*certificate);
  options.observers = {&metrics, access_log.get()};
  auto started = http::Server::start(std::move(options), std::move(router));
  if (!started) return tl::unexpected<Error>(std::move(started.error()));
  server = std::move(*started);
  api->attach(server.get());
  auto intake = open_kafka_commands(config, *api, command_figures,
                                    [this](const std::string& what) { warn("kafka commands", what); });
  if (!intake) return tl::unexpected<Error>(std::move(intake.error()));
  commands = std::move(*intake);
  projections->start();
  host->start();
  return {};
}

Result<void> Shop::Parts::open_limits(const http::Router& router) {
  if (!config.limits_enabled) return {};
  const auto say = [this](const std::string& what) { warn("limits", what); };
  limit_store = open_limit_store(config, say);
  traffic = std::make_unique<Traffic>(traffic_options(config, keys, limit_store.get(), say), router);
  api->use(*traffic);
  return restore_limits(*log, *traffic);
}

void Shop::Parts::add_all_figures() {
  commit_recorder = add_figures(metrics, *log, *host, *projections, *api);
  add_kafka_figures(metrics, config, feed_figures, command_figures);
  add_storefront_figures(metrics, *api);
  add_elastic_figures(metrics, *projections);
  add_config_figures(metrics, live_config);
  add_payment_figures(metrics, *payments);
  add_limit_figures(metrics, *api);
  add_breaker_figures(metrics, *api);
  add_job_figures(metrics, *job_runs, configured_jobs(config, payments->services));
  if (!config.tls_certificate_file.empty()) {
    metrics.gauge("souk_tls_certificate_expires_seconds", "When the certificate shown expires, in seconds since 1970",
                  [this] { return static_cast<double>(certificate_expires_s); });
  }
}

void Shop::Parts::add_breakers() {
  if (auto* guarded = payments->guarded()) api->breakers.add("payments", guarded->breaker());
  if (auto* search = projections->elastic()) api->breakers.add("elasticsearch", search->breaker());
  if (limit_store) api->breakers.add("redis", traffic->limiter().breaker());
}

void Shop::Parts::tell_configuration(AccessLog::Level level, const std::string& what) const {
  access_log->notice(level, "configuration", what);
  std::fprintf(stderr, "souk: %s\n", what.c_str());
}

void Shop::Parts::tell(const LiveConfig::Reload& reload) const {
  const bool is_taken = reload.problem.empty();
  tell_configuration(
      is_taken ? AccessLog::Level::kInfo : AccessLog::Level::kWarning,
      is_taken ? "the configuration file was read again" : "the configuration stays as it is: " + reload.problem);
}

void Shop::Parts::tell_left_out() const {
  for (const auto& problem : live_config.untold()) {
    tell_configuration(AccessLog::Level::kWarning, "a set value does not hold: " + problem);
  }
}

/// On the thread of whoever changed something, so it waits for nothing.
void Shop::Parts::renew(const Config& now) {
  renew_options(now, api->options);
  access_log->log_requests(now.log_requests);
  auto jobs = configured_jobs(now, payments->services);
  if (jobs == configured) return;
  begin_jobs(*api, jobs, [this](const Error& error) { warn("jobs", error); });
  configured = std::move(jobs);
}

Result<TlsFiles::Context> Shop::Parts::load_certificate() {
  auto loaded = tls_files.load();
  if (loaded && *loaded) {
    const auto expires = (*loaded)->certificate_expires_at().time_since_epoch();
    certificate_expires_s = std::chrono::duration_cast<std::chrono::seconds>(expires).count();
  }
  return loaded;
}

void Shop::Parts::stop() {
  live_config.on_change({});
  if (commands) commands->stop();
  // Whoever asked for one is waited for below.
  if (projections) projections->supervisor().end_retries();
  // Requests come in through the server and ask entities and passwords, which call back: whoever calls ends first,
  // and passwords last, for a request may be asking for one until the server is gone.
  if (host) host->stop();
  // Their thread tells entities what providers answered, which CAF's system waits for, and calls what is below.
  if (payments) payments->stop();
  // Its thread hands answers to requests.
  if (projections && projections->elastic() != nullptr) projections->elastic()->begin_end();
  if (api) {
    api->queries.stop();
    api->reports.stop();
    api->jobs.stop();
    api->storefront->stop();
    api->attach(nullptr);
  }
  server.reset();
  // What it still answers is dropped, for there is nobody left to be answered.
  limit_store.reset();
  passwords.reset();
  if (projections) projections->stop();
  api.reset();
  // The sender's thread has told entities of what it sent; CAF's system waits for such threads to end.
  messages.reset();
  host.reset();
  // Requests that nobody will answer went with their entities and passwords.
  traffic.reset();
  payments.reset();
  projections.reset();
  commit_recorder.reset();
  log.reset();
}

Result<std::unique_ptr<Shop>> Shop::open(LiveConfig& config) {
  auto parts = std::make_unique<Parts>(config);
  auto opened = parts->open_storage();
  if (opened) opened = parts->serve();
  if (!opened) {
    parts->stop();
    return tl::unexpected<Error>(std::move(opened.error()));
  }
  return std::unique_ptr<Shop>(new Shop(std::move(parts)));
}

Shop::Shop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Shop::~Shop() {
  parts_->stop();
}

Result<void> Shop::become_ready(const std::function<bool()>& give_up) {
  if (!parts_->config.admin_username.empty()) {
    auto registered = ensure_administrator(*parts_->api, parts_->config.admin_username, parts_->config.admin_password,
                                           password_options(parts_->config).cost);
    if (!registered) return registered;
  }
  if (auto begun = ensure_limits(*parts_->api); !begun) return begun;
  const auto say = [this](const std::string& what) { parts_->warn("permissions", what); };
  auto offered = parts_->config.permissions_rescue ? return_to_first_permissions(*parts_->api, say) : Result<void>();
  if (offered) offered = ensure_permissions(*parts_->api, say);
  if (!offered) return offered;
  parts_->configured = configured_jobs(parts_->config, parts_->payments->services);
  if (auto ensured = ensure_jobs(*parts_->api, parts_->configured); !ensured) return ensured;
  while (!parts_->host->caught_up()) {
    if (give_up()) return fail(ErrorCode::kUnavailable, "server.stopped", "it was stopped before it was ready");
    std::this_thread::sleep_for(kReadyPoll);
  }
  parts_->live_config.on_change([parts = parts_.get()](const Config& now) { parts->renew(now); });
  parts_->api->set_ready(true);
  if (parts_->commands) parts_->commands->start();
  return {};
}

std::uint16_t Shop::port() const {
  return parts_->server->port();
}

void Shop::renew_certificate(bool anyway) {
  if (parts_->config.tls_certificate_file.empty()) return;
  const auto due = parts_->tls_files.look_again();
  if (due == TlsFiles::Due::kNo && !anyway) return;
  auto loaded = parts_->load_certificate();
  if (loaded) {
    parts_->server->use_tls(std::move(*loaded));
    if (due != TlsFiles::Due::kAged) std::fprintf(stderr, "souk: a new certificate is shown\n");
  } else {
    const std::string what = "the old certificate is kept: " + loaded.error().detail;
    parts_->warn("tls", what);
    std::fprintf(stderr, "souk: %s\n", what.c_str());
  }
}

void Shop::renew_configuration(bool is_asked, const std::function<bool()>& is_whole) {
  auto& config = parts_->live_config;
  const auto reload = config.reload_file(is_whole);
  if (reload.is_news) {
    parts_->tell(reload);
  } else if (is_asked && !config.file().empty()) {
    const auto problems = config.file_problem();
    parts_->tell_configuration(AccessLog::Level::kInfo,
                               reload.is_unfinished
                                   ? "the configuration file is being written, and read when that is done"
                               : problems.empty() ? "the configuration file was read again, and nothing is new"
                                                  : "the configuration still stays as it is: " + problems);
  }
  parts_->tell_left_out();
}

void Shop::settle_configuration() {
  if (const auto reload = parts_->live_config.settle(); reload.is_news) parts_->tell(reload);
  parts_->tell_left_out();
}

bool Shop::drain() {
  parts_->api->set_ready(false);
  const bool drained = parts_->server->drain(std::chrono::milliseconds(parts_->config.drain_deadline_ms));
  parts_->stop();
  return drained;
}

}  // namespace souk
