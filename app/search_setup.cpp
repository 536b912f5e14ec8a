#include "app/search_setup.hpp"

#include "app/setting_checks.hpp"
#include "app/setup_checks.hpp"
#include "gateway/metrics.hpp"
#include "projections/elastic/elastic_search.hpp"
#include "projections/projections.hpp"
#include "projections/search/synonyms.hpp"

namespace souk {

Result<void> check_search(const Config& config) {
  auto checked = check_pair("search.elasticsearch_username", config.search_elasticsearch_username,
                            "search.elasticsearch_password", config.search_elasticsearch_password);
  if (checked) checked = check_certificates("search.elasticsearch_ca_file", config.search_elasticsearch_ca_file);
  if (!checked || config.search_synonyms_file.empty()) return checked;
  search::SynonymFile synonyms(config.search_synonyms_file);
  synonyms.refresh();
  const auto problem = synonyms.take_problem();
  if (!problem) return {};
  return fail(ErrorCode::kInvalid, "config.invalid", "search.synonyms_file: " + problem->detail);
}

elastic::Options elastic_options(const Config& config) {
  elastic::Options options;
  if (config.search_backend == "elasticsearch") {
    options.urls = parse_elasticsearch_urls(config.search_elasticsearch_urls).value_or(std::vector<std::string>{});
  }
  options.index_prefix = config.search_elasticsearch_index_prefix;
  options.analyzer = config.search_elasticsearch_analyzer;
  options.username = config.search_elasticsearch_username;
  options.password = config.search_elasticsearch_password;
  options.api_key = config.search_elasticsearch_api_key;
  options.ca_file = config.search_elasticsearch_ca_file;
  options.query_timeout = Duration::milliseconds(config.search_elasticsearch_query_timeout_ms);
  options.write_timeout = Duration::milliseconds(config.search_elasticsearch_write_timeout_ms);
  options.lag_max = Duration::milliseconds(config.search_elasticsearch_lag_max_ms);
  options.breaker_failures_max = static_cast<int>(config.search_elasticsearch_breaker_failures_max);
  options.breaker_open_for = Duration::milliseconds(config.search_elasticsearch_breaker_open_ms);
  return options;
}

void add_elastic_figures(Metrics& metrics, Projections& projections) {
  if (projections.elastic() == nullptr) return;
  const auto* search = projections.elastic();
  const auto& shared = search->shared();
  const auto count = [](const std::atomic<std::uint64_t>& number) {
    return [&number] { return static_cast<double>(number); };
  };
  metrics.gauge("souk_elasticsearch_usable", "Whether the index holds everything up to lately",
                [search] { return search->is_usable() ? 1.0 : 0.0; });
  metrics.counter_of("souk_elasticsearch_answers_total", "Searches that it answered", count(shared.answers));
  metrics.counter_of("souk_elasticsearch_fallbacks_total", "Searches that the embedded backend answered instead",
                     count(shared.fallbacks));
  metrics.counter_of("souk_elasticsearch_documents_total", "Products written to it", count(shared.documents));
  metrics.counter_of("souk_elasticsearch_refused_total", "Products that it would not take", count(shared.refused));
  metrics.counter_of("souk_elasticsearch_failures_total", "Tries of searches that failed",
                     [&shared] { return static_cast<double>(shared.client.figures().failures); });
  metrics.counter_of("souk_elasticsearch_breaker_opened_total", "How often it was left alone for a while",
                     [&shared] { return static_cast<double>(shared.client.figures().opened); });
  metrics.gauge("souk_elasticsearch_breaker_open", "Whether it is left alone: 1, or 0.5 while it is tried", [&shared] {
    const auto state = shared.client.figures().state;
    if (state == CircuitBreaker::State::kOpen) return 1.0;
    return state == CircuitBreaker::State::kHalfOpen ? 0.5 : 0.0;
  });
}

}  // namespace souk
