/// How long things took: counts in buckets that are 1/64 of a power of two wide, so a quantile is right within 1.6 %.
///
/// Units: nanoseconds. Thread-safety: none.
#pragma once

#include <cstdint>
#include <vector>

namespace souk::load {

class LatencyHistogram {
 public:
  LatencyHistogram();

  void record(std::uint64_t took_ns);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }
  [[nodiscard]] double mean() const;
  /// The least value that `share` (0 to 1) of all do not exceed, as the upper end of its bucket; 0 if there is none.
  [[nodiscard]] std::uint64_t quantile(double share) const;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace souk::load
