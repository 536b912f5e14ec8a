#include "app/figures.hpp"

#include "app/live_config.hpp"
#include "app/payment_setup.hpp"
#include "gateway/api.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "gateway/metrics.hpp"
#include "projections/follower.hpp"

namespace souk {
namespace {

class CommitRecorder final : public LogListener {
 public:
  CommitRecorder(Metrics& metrics, EventLog& log)
      : log_(log),
        batch_(metrics.histogram("souk_log_batch_events", "Events written by one commit", Metrics::size_bounds())),
        seconds_(metrics.histogram("souk_log_commit_seconds", "Time one commit took to write and sync",
                                   Metrics::latency_bounds())) {
    log_.add_listener(this);
  }
  ~CommitRecorder() override { log_.remove_listener(this); }

  void committed(const CommitFigures& figures) override {
    batch_.observe(static_cast<double>(figures.events));
    seconds_.observe(static_cast<double>(figures.took_us) / 1e6);
  }

 private:
  EventLog& log_;
  HistogramHandle batch_;
  HistogramHandle seconds_;
};

}  // namespace

std::unique_ptr<LogListener> add_figures(Metrics& metrics, EventLog& log, EntityHost& host, Projections& projections,
                                         Api& api) {
  metrics.gauge("souk_log_position", "Position of the last durable event",
                [&log] { return static_cast<double>(log.head(Visibility::kDurable).value); });
  metrics.gauge("souk_log_queue_appends", "Appends waiting for the committer",
                [&log] { return static_cast<double>(log.stats().queue_length); });
  metrics.gauge("souk_answers_held", "Answers waiting for durability",
                [&api] { return static_cast<double>(api.answers.size()); });
  metrics.gauge("souk_event_streams", "Clients that follow what happens",
                [&api] { return static_cast<double>(api.event_streams.size()); });
  metrics.gauge("souk_entities_live", "Entities in memory",
                [&host] { return static_cast<double>(host.stats().directory.live); });
  metrics.counter_of("souk_entities_loaded_total", "Entities loaded from the log",
                     [&host] { return static_cast<double>(host.stats().directory.loaded); });
  metrics.counter_of("souk_entity_faults_total", "Entities that fell and started again from the log",
                     [&host] { return static_cast<double>(host.stats().directory.faults); });
  metrics.gauge("souk_effects_under_way", "Events whose effects are not all obeyed yet",
                [&host] { return static_cast<double>(host.stats().effects_under_way); });
  metrics.counter_of("souk_timers_fired_total", "Timers fired",
                     [&host] { return static_cast<double>(host.stats().timers_fired); });
  for (auto* follower : projections.followers()) {
    const MetricLabels labels{{"follower", follower->status().name}};
    metrics.gauge(
        "souk_follower_lag_events", "Durable events a follower has not taken in",
        [follower] { return static_cast<double>(follower->status().lag_events); }, labels);
    metrics.gauge(
        "souk_follower_lag_seconds", "For how long the first event that a follower has not taken in has been there",
        [follower] { return static_cast<double>(follower->status().lag.us) / 1e6; }, labels);
    metrics.gauge(
        "souk_follower_quiet_seconds", "Since when a follower's loop has not gone round, which it does each second",
        [follower] { return static_cast<double>(follower->status().quiet.count()) / 1e3; }, labels);
    metrics.gauge(
        "souk_follower_failing", "Whether the last batch of a follower failed",
        [follower] { return follower->status().failing ? 1.0 : 0.0; }, labels);
    metrics.gauge(
        "souk_follower_parked_events", "Events a follower could not take in",
        [follower] { return static_cast<double>(follower->status().parked); }, labels);
  }
  return std::make_unique<CommitRecorder>(metrics, log);
}

void add_storefront_figures(Metrics& metrics, Api& api) {
  auto& front = *api.storefront;
  const auto add = [&](const std::string& cache, const auto& figures) {
    const auto figure = [&](const char* result, auto member) {
      metrics.counter_of("souk_cache_lookups_total", "Looks into what is kept ready, by what came of them",
                         [figures, member] { return static_cast<double>(figures().*member); },
                         {{"cache", cache}, {"result", result}});
    };
    using Figures = decltype(figures());
    figure("hit", &Figures::hits);
    figure("miss", &Figures::misses);
    metrics.gauge("souk_cache_bytes", "What is kept ready", [figures] { return static_cast<double>(figures().bytes); },
                  {{"cache", cache}});
  };
  add("searches", [&front] { return front.answers.figures(); });
  add("product_cards", [&front] { return front.cards.figures(); });
  add("found_cards", [&front] { return front.found_cards.figures(); });
  metrics.gauge("souk_hot_products_share", "Of all interest in products of the last hour, the share of the ten hottest",
                [&front, &api] { return front.hot.share_of_ten(api.clock.now()); });
}

void add_payment_figures(Metrics& metrics, const PaymentSetup& payments) {
  const auto& told = payments.services.notifications;
  const auto add = [&](std::string result, const std::atomic<std::uint64_t>& count) {
    metrics.counter_of("souk_payment_notifications_total", "Notifications of providers, by what became of them",
                       [&count] { return static_cast<double>(count); }, {{"result", std::move(result)}});
  };
  add("accepted", told.accepted);
  add("refused", told.refused);
  add("forged", told.forged);
  if (payments.guarded() == nullptr) return;
  const auto figure = [&payments](auto member) {
    return [&payments, member] { return static_cast<double>(payments.guarded()->figures().*member); };
  };
  using Figures = GuardedClient::Figures;
  metrics.counter_of("souk_payment_calls_total", "Calls to providers over HTTP", figure(&Figures::calls));
  metrics.counter_of("souk_payment_call_failures_total", "Tries of such calls that failed", figure(&Figures::failures));
  metrics.counter_of("souk_payment_call_retries_total", "Tries after the first", figure(&Figures::retries));
  metrics.counter_of("souk_payment_breaker_opened_total", "How often a provider was left alone for a while",
                     figure(&Figures::opened));
  metrics.counter_of("souk_payment_breaker_refused_total", "Calls that were not made meanwhile",
                     figure(&Figures::refused));
  metrics.gauge("souk_payment_breaker_open", "Whether a provider is left alone: 1, or 0.5 while it is tried",
                [&payments] {
                  const auto state = payments.guarded()->figures().state;
                  if (state == CircuitBreaker::State::kOpen) return 1.0;
                  return state == CircuitBreaker::State::kHalfOpen ? 0.5 : 0.0;
                });
}

void add_config_figures(Metrics& metrics, const LiveConfig& config) {
  const auto reloads = [&](const char* result, auto count) {
    metrics.counter_of("souk_config_reloads_total", "Changes of the configuration file, by what became of them", count,
                       {{"result", result}});
  };
  reloads("taken", [&config] { return static_cast<double>(config.reloads()); });
  reloads("refused", [&config] { return static_cast<double>(config.refused_reloads()); });
  metrics.gauge("souk_config_problems", "What is not in force of the configuration, for it is wrong",
                [&config] { return static_cast<double>(config.problems().size()); });
  metrics.gauge("souk_config_waiting", "Settings whose values wait for a restart",
                [&config] { return static_cast<double>(config.waiting()); });
}

}  // namespace souk
