#include "gateway/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <mutex>
#include <sstream>

namespace souk {
namespace {

constexpr std::array<const char*, 5> kStatusClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};

prometheus::Labels to_labels(const MetricLabels& labels) {
  return {labels.begin(), labels.end()};
}

/// A value somebody else holds, read when it is asked for.
struct Callback {
  std::string name;
  std::string help;
  MetricLabels labels;
  std::function<double()> read;
  prometheus::MetricType type;
};

/// What is recorded of one route and one class of statuses.
struct Cell {
  prometheus::Counter* count = nullptr;
  prometheus::Histogram* seconds = nullptr;
};
using RouteCells = std::array<Cell, kStatusClasses.size()>;

}  // namespace

void HistogramHandle::observe(double value) const {
  histogram_->Observe(value);
}
void CounterHandle::increment(double by) const {
  counter_->Increment(by);
}

class Metrics::Impl {
 public:
  Impl() { unmatched_ = make_cells("none", "none"); }

  RouteCells make_cells(const std::string& route, const std::string& method) {
    RouteCells cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const prometheus::Labels labels{{"route", route}, {"method", method}, {"status", kStatusClasses[i]}};
      cells[i] = {&requests_.Add(labels), &seconds_.Add(labels, latency_bounds())};
    }
    return cells;
  }

  [[nodiscard]] const Cell& cell(const http::Finished& request) const {
    const auto& cells =
        request.route != nullptr && request.route->index < routes_.size() ? routes_[request.route->index] : unmatched_;
    const int status_class = request.status / 100 - 1;
    return cells[static_cast<std::size_t>(status_class < 0 || status_class > 4 ? 4 : status_class)];
  }

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_ =
      prometheus::BuildCounter().Name("souk_http_requests_total").Help("Requests answered").Register(registry_);
  prometheus::Family<prometheus::Histogram>& seconds_ = prometheus::BuildHistogram()
                                                            .Name("souk_http_request_seconds")
                                                            .Help("From the last byte of the head to the answer")
                                                            .Register(registry_);
  prometheus::Counter& faults_ = prometheus::BuildCounter()
                                     .Name("souk_internal_errors_total")
                                     .Help("Faults of ours: each has a line in the log")
                                     .Register(registry_)
                                     .Add({});
  prometheus::Counter& handshakes_failed_ = prometheus::BuildCounter()
                                                .Name("souk_tls_handshakes_failed_total")
                                                .Help("Connections that did not become ones of TLS")
                                                .Register(registry_)
                                                .Add({});
  RouteCells unmatched_;
  std::vector<RouteCells> routes_;
  std::atomic<std::int64_t> in_flight_{0};
  std::atomic<std::int64_t> connections_{0};

  mutable std::mutex mutex_;
  std::vector<Callback> callbacks_;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  gauge("souk_http_requests_in_flight", "Requests given to handlers and not answered",
        [impl = impl_.get()] { return static_cast<double>(impl->in_flight_.load()); });
  gauge("souk_http_connections", "Open connections",
        [impl = impl_.get()] { return static_cast<double>(impl->connections_.load()); });
}
Metrics::~Metrics() = default;

void Metrics::declare_routes(const http::Router& router) {
  for (const auto& route : router.routes()) {
    impl_->routes_.push_back(impl_->make_cells(std::string(route.info.name), std::string(name_of(route.method))));
  }
}

void Metrics::gauge(std::string name, std::string help, std::function<double()> read, MetricLabels labels) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->callbacks_.push_back(
      {std::move(name), std::move(help), std::move(labels), std::move(read), prometheus::MetricType::Gauge});
}

void Metrics::counter_of(std::string name, std::string help, std::function<double()> read, MetricLabels labels) {
  const std::lock_guard lock(impl_->mutex_);
  impl_->callbacks_.push_back(
      {std::move(name), std::move(help), std::move(labels), std::move(read), prometheus::MetricType::Counter});
}

HistogramHandle Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                   const MetricLabels& labels) {
  auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry_);
  return HistogramHandle(family.Add(to_labels(labels), bounds));
}

CounterHandle Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry_);
  return CounterHandle(family.Add(to_labels(labels)));
}

const std::vector<double>& Metrics::latency_bounds() {
  static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                          0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return bounds;
}

const std::vector<double>& Metrics::size_bounds() {
  static const std::vector<double> bounds{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return bounds;
}

std::string Metrics::render() const {
  auto families = impl_->registry_.Collect();
  // A series that never had a value says nothing and would be most of the text.
  for (auto& family : families) {
    if (family.name.rfind("souk_http_request", 0) != 0) continue;
    std::erase_if(family.metric, [&](const prometheus::ClientMetric& metric) {
      return metric.counter.value == 0 && metric.histogram.sample_count == 0;
    });
  }
  const std::lock_guard lock(impl_->mutex_);
  for (const auto& callback : impl_->callbacks_) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : callback.labels) metric.label.push_back({name, value});
    const double value = callback.read();
    metric.gauge.value = value;
    metric.counter.value = value;
    auto same = std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.name == callback.name; });
    if (same == families.end()) {
      families.push_back({callback.name, callback.help, callback.type, {}});
      same = families.end() - 1;
    }
    same->metric.push_back(std::move(metric));
  }
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

void Metrics::connection_opened() noexcept {
  impl_->connections_.fetch_add(1, std::memory_order_relaxed);
}
void Metrics::connection_closed() noexcept {
  impl_->connections_.fetch_sub(1, std::memory_order_relaxed);
}
void Metrics::handshake_failed() noexcept {
  impl_->handshakes_failed_.Increment();
}
void Metrics::started() noexcept {
  impl_->in_flight_.fetch_add(1, std::memory_order_relaxed);
}

void Metrics::finished(const http::Finished& request, bool handled) noexcept {
  if (handled) impl_->in_flight_.fetch_sub(1, std::memory_order_relaxed);
  const Cell& cell = impl_->cell(request);
  cell.count->Increment();
  cell.seconds->Observe(std::chrono::duration<double>(request.took).count());
}

void Metrics::internal_error(std::string_view /*request_id*/, std::string_view /*what*/) noexcept {
  impl_->faults_.Increment();
}

}  // namespace souk
