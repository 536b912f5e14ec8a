#include "app/live_fit.hpp"

#include <utility>

#include "app/setup_checks.hpp"

namespace souk {
namespace {

using live_settings::Value;

std::string mistakes_of(const EffectiveConfig& config) {
  const auto checked = check_setup(config);
  return checked ? "" : checked.error().detail;
}

/// One by one, until no more of them can be taken.
Result<void> take_some(ConfigSources& sources, std::vector<Value> rest, Fit& fit) {
  std::vector<LeftOut> left_out;
  for (bool is_more = true; is_more;) {
    is_more = false;
    left_out.clear();
    for (auto& value : std::exchange(rest, {})) {
      sources.live.push_back(value);
      auto config = load_config(sources);
      if (!config) return tl::unexpected<Error>(std::move(config.error()));
      auto mistakes = mistakes_of(*config);
      if (mistakes.empty() || mistakes == fit.mistakes) {
        fit.config = std::move(*config);
        is_more = true;
        continue;
      }
      sources.live.pop_back();
      left_out.push_back(
          {value, "what is set: " + value.key + " does not go together with the rest: " + mistakes, true});
      rest.push_back(std::move(value));
    }
    is_more = is_more && !rest.empty();
  }
  fit.left_out.insert(fit.left_out.end(), left_out.begin(), left_out.end());
  return {};
}

}  // namespace

std::string misfit(const Value& value) {
  ConfigSources alone;
  alone.live = {value};
  alone.live_origin = "what is set";
  const auto loaded = load_config(alone);
  return loaded ? "" : loaded.error().detail;
}

Result<Fit> fit_together(ConfigSources sources, const std::vector<Value>& set) {
  Fit fit;
  std::vector<Value> rest;
  sources.live.clear();
  for (const auto& value : set) {
    auto problem = misfit(value);
    const Setting* setting = find_setting(value.key);
    if (!problem.empty()) {
      fit.left_out.push_back({value, std::move(problem)});
    } else {
      const bool is_at_once = setting != nullptr && setting->change() == SettingChange::kAtOnce;
      (is_at_once ? sources.live : rest).push_back(value);
    }
  }
  auto config = load_config(sources);
  if (!config) return tl::unexpected<Error>(std::move(config.error()));
  fit.mistakes = mistakes_of(*config);
  fit.config = std::move(*config);
  auto all = sources;
  all.live.insert(all.live.end(), rest.begin(), rest.end());
  auto together = load_config(all);
  if (!together) return tl::unexpected<Error>(std::move(together.error()));
  const auto mistakes = mistakes_of(*together);
  if (mistakes.empty() || mistakes == fit.mistakes) {
    fit.config = std::move(*together);
    sources = std::move(all);
  } else if (auto taken = take_some(sources, std::move(rest), fit); !taken) {
    return tl::unexpected<Error>(std::move(taken.error()));
  }
  fit.taken = std::move(sources.live);
  return fit;
}

}  // namespace souk
