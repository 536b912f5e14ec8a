#include "app/limit_setup.hpp"

#include <algorithm>
#include <cstring>

#include "app/setting_checks.hpp"
#include "gateway/api.hpp"
#include "gateway/configuring.hpp"
#include "gateway/limits/policy.hpp"
#include "gateway/metrics.hpp"
#include "peers/steady_time.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {
namespace {

constexpr std::size_t kSecretSizeMin = 16;

/// What counters are named by: the same on all nodes that share them.
limits::CounterKeys::Secret secret_of(const Config& config, const InstallKeys& keys) {
  const bool is_shared = !config.limits_redis.empty();
  const Id128 id = is_shared ? KeyedHash(Key256()).id({"limits", config.limits_cluster_secret})
                             : KeyedHash(keys.commands).id({"limits"});
  limits::CounterKeys::Secret secret;
  static_assert(sizeof secret == sizeof id);
  std::memcpy(secret.data(), &id, sizeof id);
  return secret;
}

}  // namespace

std::optional<std::vector<limits::Network>> parse_networks(std::string_view text) {
  std::vector<limits::Network> networks;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    auto network = limits::Network::parse(one);
    if (!network) return std::nullopt;
    networks.push_back(*network);
  }
  return networks;
}

Result<void> check_limits(const Config& config) {
  if (!config.limits_redis.empty() && config.limits_cluster_secret.size() < kSecretSizeMin) {
    return fail(ErrorCode::kInvalid, "config.invalid",
                "limits.cluster_secret must have at least 16 characters, the same on all nodes that use limits.redis");
  }
  return {};
}

std::unique_ptr<limits::RedisStore> open_limit_store(const Config& config,
                                                     std::function<void(const std::string&)> warn) {
  const auto endpoint = parse_endpoint(config.limits_redis);
  if (!config.limits_enabled || !endpoint) return nullptr;
  limits::RedisOptions options;
  options.host = endpoint->host;
  options.port = endpoint->port;
  options.user = config.limits_redis_username;
  options.password = config.limits_redis_password;
  options.database = static_cast<int>(config.limits_redis_database);
  options.key_prefix = config.limits_redis_prefix;
  options.deadline = std::chrono::milliseconds(config.limits_redis_timeout_ms);
  options.on_change = [warn = std::move(warn)](const std::optional<std::string>& trouble) {
    warn(trouble ? "this node goes by its own share of limits: " + *trouble : "limits are shared with other nodes");
  };
  return std::make_unique<limits::RedisStore>(std::move(options));
}

Traffic::Options traffic_options(const Config& config, const InstallKeys& keys, limits::RedisStore* store,
                                 std::function<void(const std::string&)> warn) {
  Traffic::Options options;
  options.proxies = limits::NetworkList(parse_networks(config.http_proxies).value_or(std::vector<limits::Network>{}));
  options.forwarded = config.http_forwarded_header == "forwarded" ? limits::ForwardedHeader::kForwarded
                                                                  : limits::ForwardedHeader::kXForwardedFor;
  options.sheds = config.limits_overload_delay_ms > 0;
  options.admission.target = Duration::milliseconds(config.limits_overload_delay_ms);
  options.limiter.secret = secret_of(config, keys);
  options.limiter.counters = static_cast<std::size_t>(config.limits_counters_max);
  options.limiter.nodes = config.limits_nodes;
  options.limiter.store = store;
  options.limiter.clock = steady_now;
  options.limiter.breaker.open_for = Duration::seconds(5);
  options.notice = std::move(warn);
  return options;
}

Result<void> ensure_limits(Api& api) {
  const Awaited<void> answer;
  api.host.ask<LimitPolicy>(kLimitPolicy, limit_policy::Begin{first_limits()}, configuration_meta(), {},
                            [&api, answer](const Judged<LimitPolicy>& judged) {
                              Result<void> result;
                              if (judged.refusal != nullptr) result = tl::unexpected<Error>(*judged.refusal);
                              if (auto* traffic = api.traffic()) traffic->renew(judged.state, judged.version);
                              api.answers.hold(judged.position, [answer, result] { answer.give(result); });
                            });
  return answer.take({ErrorCode::kUnavailable, "limits.timeout", "the rules of limits were not answered for in time"});
}

void add_limit_figures(Metrics& metrics, Api& api) {
  Traffic* traffic = api.traffic();
  if (traffic == nullptr) return;
  const auto number = [](auto value) { return static_cast<double>(value); };
  metrics.counter_of("souk_limits_refused_total", "Requests that came too often",
                     [=] { return number(traffic->refused_ever()); });
  metrics.counter_of("souk_limits_blocked_total", "Requests from blocked networks",
                     [=] { return number(traffic->blocked_ever()); });
  metrics.gauge("souk_limits_rules_left_out", "Rules, and routes of rules, that mean nothing to this program",
                [=] { return number(traffic->rules_left_out()); });
  metrics.gauge("souk_limits_own_share", "Whether this node goes by its own share, for the shared store is away", [=] {
    return traffic->limiter().status(steady_now()).cluster == limits::Limiter::Cluster::kOwnShare ? 1.0 : 0.0;
  });
  metrics.counter_of("souk_limits_by_share_total", "Requests decided by this node's share",
                     [=] { return number(traffic->limiter().status(steady_now()).by_share_ever); });
  metrics.counter_of("souk_limits_store_failures_total", "Questions that the shared store did not answer in time",
                     [=] { return number(traffic->limiter().status(steady_now()).store_failures_ever); });
  metrics.counter_of("souk_limits_evicted_total", "Counters that lost their place while they owed something",
                     [=] { return number(traffic->limiter().status(steady_now()).evicted_ever); });
  metrics.counter_of("souk_overload_admitted_total", "Requests that were let in",
                     [=] { return number(traffic->admission().figures().admitted_ever); });
  constexpr std::array<const char*, 5> kPriorities{"always", "money", "committed", "normal", "browsing"};
  for (std::size_t i = 0; i < kPriorities.size(); ++i) {
    metrics.counter_of("souk_overload_shed_total", "Requests refused because of overload, by their importance",
                       [=] { return number(traffic->admission().figures().shed_ever[i]); },
                       {{"priority", kPriorities[i]}});
  }
  metrics.gauge("souk_overload_waiting", "Requests let in and not answered",
                [=] { return number(traffic->admission().figures().waiting); });
  metrics.gauge("souk_overload_delay_seconds", "The least that requests waited for their entities in the last interval",
                [=] { return number(traffic->admission().figures().delay.us) / 1e6; });
}

void add_breaker_figures(Metrics& metrics, Api& api) {
  for (const auto& known : api.breakers.all(steady_now())) {
    const auto status = [&api, name = known.name] { return *api.breakers.find(name, steady_now()); };
    const MetricLabels labels{{"breaker", known.name}};
    metrics.gauge(
        "souk_breaker_open", "Whether a peer is left alone: 1, or 0.5 while it is tried",
        [status] {
          const auto state = status().state;
          if (state == CircuitBreaker::State::kOpen) return 1.0;
          return state == CircuitBreaker::State::kHalfOpen ? 0.5 : 0.0;
        },
        labels);
    metrics.gauge(
        "souk_breaker_forced", "Whether an administrator forces it",
        [status] { return status().is_forced ? 1.0 : 0.0; }, labels);
    metrics.counter_of(
        "souk_breaker_opened_total", "How often it opened", [status] { return static_cast<double>(status().opened); },
        labels);
    metrics.counter_of(
        "souk_breaker_refused_total", "Calls that were not made",
        [status] { return static_cast<double>(status().refused); }, labels);
  }
}

}  // namespace souk
