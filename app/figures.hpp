/// The figures about the engine that /metrics shows beside those of HTTP.
#pragma once

namespace souk {

class Api;
class EntityHost;
class EventLog;
class Metrics;
class Projections;

/// All of them must outlive the metrics' use.
void add_figures(Metrics& metrics, EventLog& log, EntityHost& host, Projections& projections, Api& api);

}  // namespace souk
