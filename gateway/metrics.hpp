/// What Souk counts and times, in the text format of Prometheus.
///
/// Thread-safety: everything by any thread, save that `declare_routes`, `gauge`, `histogram` and `counter` are for the
/// start. Recording takes well under a microsecond and allocates nothing.
/// Units: seconds and bytes, as the names of the metrics say.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/observer.hpp"
#include "gateway/http/router.hpp"

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace souk {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Cheap to copy; valid as long as its Metrics.
class HistogramHandle {
 public:
  explicit HistogramHandle(prometheus::Histogram& histogram) : histogram_(&histogram) {}
  void observe(double value) const;

 private:
  prometheus::Histogram* histogram_;
};

class CounterHandle {
 public:
  explicit CounterHandle(prometheus::Counter& counter) : counter_(&counter) {}
  void increment(double by = 1) const;

 private:
  prometheus::Counter* counter_;
};

class Metrics final : public http::Observer {
 public:
  Metrics();
  ~Metrics() override;

  /// Prepares a histogram and a counter for each route; before the server starts.
  void declare_routes(const http::Router& router);

  /// `read` is called by each `render`, on its thread.
  void gauge(std::string name, std::string help, std::function<double()> read, MetricLabels labels = {});
  /// As `gauge`, for a value that only grows and that somebody else counts.
  void counter_of(std::string name, std::string help, std::function<double()> read, MetricLabels labels = {});
  /// `bounds` ascend; the bucket for all that is greater comes by itself.
  HistogramHandle histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                            const MetricLabels& labels = {});
  CounterHandle counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});

  /// 100 µs to 10 s, for what a client waits for.
  static const std::vector<double>& latency_bounds();
  /// 1, 2, 4 … 1,024, for batches and queues.
  static const std::vector<double>& size_bounds();

  /// Content-Type: text/plain; version=0.0.4
  [[nodiscard]] std::string render() const;

  void connection_opened() noexcept override;
  void connection_closed() noexcept override;
  void handshake_failed() noexcept override;
  void started() noexcept override;
  void finished(const http::Finished& request, bool handled) noexcept override;
  void internal_error(std::string_view request_id, std::string_view what) noexcept override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
