/// The figures about the engine that /metrics shows beside those of HTTP.
#pragma once

#include <memory>

#include "eventstore/event_log.hpp"

namespace souk {

class Api;
class EntityHost;
class Metrics;
class LiveConfig;
class PaymentSetup;
class Projections;

/// All of them must outlive the metrics' use. The listener records each commit; it must be removed from the log before
/// either ends.
[[nodiscard]] std::unique_ptr<LogListener> add_figures(Metrics& metrics, EventLog& log, EntityHost& host,
                                                       Projections& projections, Api& api);

/// What is kept ready for those who look at the catalogue.
void add_storefront_figures(Metrics& metrics, Api& api);

/// What became of changes of the file, what is wrong with the configuration, and what waits for a restart.
void add_config_figures(Metrics& metrics, const LiveConfig& config);

/// What became of notifications, and of calls to providers.
void add_payment_figures(Metrics& metrics, const PaymentSetup& payments);

}  // namespace souk
