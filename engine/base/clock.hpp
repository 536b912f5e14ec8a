/// Where time comes from: an interface, so that a simulation owns it. Used outside the engine only.
#pragma once

#include "engine/base/time.hpp"

namespace souk {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Time now() = 0;
};

}  // namespace souk
