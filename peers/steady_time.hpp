/// The time that deadlines and breakers of calls go by: it never goes back, and begins anywhere.
#pragma once

#include <chrono>

#include "engine/base/time.hpp"

namespace souk {

inline Time steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

}  // namespace souk
