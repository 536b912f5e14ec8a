/// How much of what administrators have set goes together with the other layers of the configuration.
#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace souk {

/// A value that does not hold, although it is set.
struct LeftOut {
  live_settings::Value value;
  std::string problem;
  bool may_come_back = false;  ///< it fits by itself, and with another file, say, it would hold
};

struct Fit {
  EffectiveConfig config;
  std::vector<live_settings::Value> taken;
  std::vector<LeftOut> left_out;
  /// What is wrong without anything that is set; empty: nothing.
  std::string mistakes;
};

/// What is wrong with a value by itself; empty: nothing.
std::string misfit(const live_settings::Value& value);

/// Takes as much of what is set as makes nothing wrong that is not wrong without it. What takes effect at once always
/// goes together with the rest; of what does not, the first by name is taken. Reads files. Errors: those of
/// load_config.
Result<Fit> fit_together(ConfigSources sources, const std::vector<live_settings::Value>& set);

}  // namespace souk
