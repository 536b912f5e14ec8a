#include "app/figures.hpp"

#include "gateway/api.hpp"
#include "gateway/metrics.hpp"

namespace souk {

void add_figures(Metrics& metrics, EventLog& log, EntityHost& host, Projections& projections, Api& api) {
  metrics.gauge("souk_log_position", "Position of the last durable event",
                [&log] { return static_cast<double>(log.head(Visibility::kDurable).value); });
  metrics.gauge("souk_log_queue_appends", "Appends waiting for the committer",
                [&log] { return static_cast<double>(log.stats().queue_length); });
  metrics.counter_of("souk_log_commits_total", "Batches written and synced",
                     [&log] { return static_cast<double>(log.stats().commits); });
  metrics.counter_of("souk_log_events_total", "Events written; by commits: the size of a batch",
                     [&log] { return static_cast<double>(log.stats().events); });
  metrics.counter_of("souk_log_commit_seconds_total", "Time spent in writing and syncing batches",
                     [&log] { return static_cast<double>(log.stats().commit_us_total) / 1e6; });
  metrics.gauge("souk_answers_held", "Answers waiting for durability",
                [&api] { return static_cast<double>(api.answers.size()); });
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
    metrics.gauge("souk_follower_lag_events", "Durable events a follower has not taken in",
                  [follower] { return static_cast<double>(follower->status().lag_events); }, labels);
    metrics.gauge("souk_follower_parked_events", "Events a follower could not take in",
                  [follower] { return static_cast<double>(follower->status().parked); }, labels);
  }
}

}  // namespace souk
