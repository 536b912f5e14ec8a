#include "bench/load/latency_histogram.hpp"

#include <doctest/doctest.h>

namespace souk::load {

TEST_CASE("an empty histogram has no quantiles") {
  const LatencyHistogram histogram;
  CHECK(histogram.quantile(0.5) == 0);
  CHECK(histogram.mean() == 0);
}

TEST_CASE("quantiles are within 1.6 percent of the true ones") {
  LatencyHistogram histogram;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) histogram.record(i);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = share * 1'000'000;
    const auto found = static_cast<double>(histogram.quantile(share));
    CHECK(found >= exact);
    CHECK(found <= exact * 1.016);
  }
  CHECK(histogram.max() == 1'000'000);
  CHECK(histogram.mean() == doctest::Approx(500'000.5));
}

TEST_CASE("small values are counted exactly") {
  LatencyHistogram histogram;
  for (const std::uint64_t value : {0, 1, 1, 63}) histogram.record(value);
  CHECK(histogram.quantile(0.25) == 0);
  CHECK(histogram.quantile(0.75) == 1);
  CHECK(histogram.quantile(1.0) == 63);
}

TEST_CASE("a value beyond the last bucket is still the largest") {
  LatencyHistogram histogram;
  histogram.record(UINT64_C(1) << 60);
  CHECK(histogram.max() == UINT64_C(1) << 60);
  CHECK(histogram.quantile(1.0) > UINT64_C(1) << 41);
}

}  // namespace souk::load
