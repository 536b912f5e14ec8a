#include "bench/load/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace souk::load {
namespace {

constexpr unsigned kStepBits = 6;
constexpr std::uint64_t kSteps = std::uint64_t{1} << kStepBits;
/// Up to 2^42 ns, more than an hour; what takes longer counts as that.
constexpr unsigned kPowers = 42 - kStepBits + 1;

std::size_t bucket_of(std::uint64_t value) {
  if (value < kSteps) return value;
  const auto power = static_cast<unsigned>(std::bit_width(value)) - kStepBits - 1;
  const std::uint64_t step = (value >> power) - kSteps;
  return std::min<std::size_t>((power + 1) * kSteps + step, kPowers * kSteps - 1);
}

std::uint64_t upper_end(std::size_t bucket) {
  if (bucket < kSteps) return bucket;
  const auto power = bucket / kSteps - 1;
  return ((bucket % kSteps + kSteps + 1) << power) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(kPowers * kSteps) {}

void LatencyHistogram::record(std::uint64_t took_ns) {
  ++counts_[bucket_of(took_ns)];
  ++count_;
  sum_ += took_ns;
  max_ = std::max(max_, took_ns);
}

double LatencyHistogram::mean() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t LatencyHistogram::quantile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted =
      std::max(std::uint64_t{1}, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted) return std::min(upper_end(bucket), max_);
  }
  return max_;
}

}  // namespace souk::load
