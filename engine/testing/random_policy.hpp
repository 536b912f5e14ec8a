/// Random commands for permissions: few rows, so that they meet each other.
#pragma once

#include "engine/access_policy/access_policy.hpp"
#include "engine/testing/random_values.hpp"

namespace souk::testing {

inline std::vector<access_policy::Row> random_rows(Random& random) {
  std::vector<access_policy::Row> rows;
  for (auto left = random.below(4); left > 0; --left) {
    rows.push_back({random.one_in(8) ? "g" : "p", {std::string(random.below(4), 'a'), random.one_in(20) ? "\n" : "b"}});
  }
  return rows;
}

inline AccessPolicy::Command random_command(Random& random, const access_policy::State& state) {
  const auto by = random_id<AccountId>(random);
  const Time at = random_time(random);
  const std::string model(random.below(4), 'm');
  switch (random.below(8)) {
    case 0: return access_policy::Offer{"m", random_rows(random)};
    case 1: return access_policy::ReplaceModel{model, by, at};
    case 2: {
      // As if some of it had come later.
      access_policy::RollBack back{Version{random.below(4)}, model, state.rows, by, at};
      std::erase_if(back.rows, [&](const auto&) { return random.one_in(2); });
      return back;
    }
    default: return access_policy::ChangeRows{random_rows(random), random_rows(random), by, at};
  }
}

}  // namespace souk::testing
