/// The rate of a rule in whole numbers, as limits/rate.hpp counts.
#pragma once

#include "engine/limits/rule.hpp"

namespace souk::limits {

struct Parts {
  std::int64_t parts = 1;  ///< of a microsecond: as many as requests in the period, by what both have in common
  std::int64_t cost = 0;   ///< of a request, in parts
};
Parts parts_of(const Rule& rule);

/// Of a burst, in parts: more of them could not be counted exactly.
inline constexpr std::int64_t kBurstCostMax = std::int64_t{1} << 52;

}  // namespace souk::limits
