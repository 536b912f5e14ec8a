/// The clock of the machine.
#pragma once

#include <chrono>

#include "engine/base/clock.hpp"

namespace souk {

class SystemClock final : public Clock {
 public:
  Time now() override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

}  // namespace souk
