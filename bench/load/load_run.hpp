/// One run of load: a scenario asked over keep-alive connections by one thread, for a while, and what came of it.
///
/// Closed loop (no rate): every connection asks again as soon as it is answered; a latency is from sending to answer.
/// Open loop (a rate): requests fall due at fixed intervals whether or not earlier ones were answered, and a latency
/// counts from when the request fell due, so that a server that stalls is not asked less and does not look better.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bench/load/latency_histogram.hpp"
#include "bench/load/process_figures.hpp"
#include "bench/load/scenario.hpp"

namespace souk::load {

struct LoadOptions {
  std::uint16_t port = 0;  ///< on 127.0.0.1
  std::size_t connections = 128;
  double rate_per_s = 0;  ///< 0: closed loop
  double warm_up_s = 1;
  double measure_s = 5;
  pid_t server = 0;  ///< whose processor time is read; 0: nobody's
};

struct LoadReport {
  double seconds = 0;          ///< that were measured
  std::uint64_t answered = 0;  ///< in that time, whatever the status
  std::map<int, std::uint64_t> statuses;
  std::uint64_t unexpected = 0;        ///< answers of another status than the scenario's
  std::uint64_t connections_lost = 0;  ///< closed by the server, or with an answer that cannot be read
  std::uint64_t unanswered = 0;        ///< that fell due and were not answered before giving up
  LatencyHistogram latencies;          ///< of answers with the expected status
  ProcessFigures server;
  double own_cpu_s = 0;
  std::string failure;  ///< why the run broke off; empty if it did not
};

LoadReport run_load(const Scenario& scenario, const LoadOptions& options);

}  // namespace souk::load
