#include "app/live_config.hpp"

#include <algorithm>
#include <utility>

#include "app/setup_checks.hpp"

namespace souk {
namespace {

using live_settings::Value;

/// What is wrong with it by itself; empty: nothing.
std::string misfit(const Value& value) {
  ConfigSources alone;
  alone.live = {value};
  alone.live_origin = "what is set";
  const auto loaded = load_config(alone);
  return loaded ? "" : loaded.error().detail;
}

bool differs(const Setting& setting, const Config& a, const Config& b) {
  return std::visit([&](const auto member) { return a.*member != b.*member; }, setting.member);
}

void copy(const Setting& setting, const Config& from, Config& to) {
  std::visit([&](const auto member) { to.*member = from.*member; }, setting.member);
}

std::string origin_of(Version version) {
  return "version " + std::to_string(version.value) + " of what is set";
}

}  // namespace

LiveConfig::LiveConfig(ConfigSources sources, EffectiveConfig given)
    : file_(sources.file), sources_(std::move(sources)), wanted_(std::move(given)), in_force_(wanted_.values) {}

Config LiveConfig::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

void LiveConfig::begin() {
  const std::lock_guard lock(mutex_);
  // One by one they fit, or they would not have been set; together with another file they may not.
  if (const auto fits = check_setup(wanted_.values); !fits && !sources_.live.empty()) {
    live_problems_.push_back("nothing that is set holds, for it does not go together with the rest: " +
                             fits.error().detail);
    sources_.live.clear();
    if (auto loaded = load_config(sources_)) wanted_ = std::move(*loaded);
    put_in_force();
  }
  has_begun_ = true;
}

void LiveConfig::on_change(std::function<void(const Config&)> tell) {
  const std::lock_guard lock(mutex_);
  tell_ = std::move(tell);
  if (tell_) tell_(in_force_);
}

ConfigSources LiveConfig::sources_with(std::vector<Value> values) const {
  ConfigSources sources = sources_;
  sources.live = std::move(values);
  return sources;
}

LiveConfig::Reload LiveConfig::reload_file() {
  if (file_.empty()) return {};
  auto text = read_file(file_);
  const std::lock_guard lock(mutex_);
  if (text && text == sources_.file_text && file_problem_.empty()) return {};
  ConfigSources sources = sources_;
  sources.file_text = std::move(text);
  auto loaded = load_config(sources);
  std::string problem = loaded ? "" : loaded.error().detail;
  if (loaded) {
    if (const auto fits = check_setup(loaded->values); !fits) problem = fits.error().detail;
  }
  const bool is_news = problem.empty() || problem != file_problem_;
  file_problem_ = std::move(problem);
  if (is_news) ++(file_problem_.empty() ? reloads_ : refused_reloads_);
  if (file_problem_.empty()) {
    sources_ = std::move(sources);
    wanted_ = std::move(*loaded);
    put_in_force();
  }
  return {is_news, file_problem_};
}

void LiveConfig::put_in_force() {
  bool changed = false;
  for (const Setting& setting : settings()) {
    if (has_begun_ && setting.change() != SettingChange::kAtOnce) continue;
    changed = changed || differs(setting, in_force_, wanted_.values);
    copy(setting, wanted_.values, in_force_);
  }
  if (changed && tell_) tell_(in_force_);
}

void LiveConfig::renew(const live_settings::State& state, Version version) {
  const std::lock_guard lock(mutex_);
  if (version <= version_) return;
  version_ = version;
  set_ = state.values;
  live_problems_.clear();
  std::vector<Value> fit;
  for (const auto& value : set_) {
    auto problem = misfit(value);
    if (problem.empty()) {
      fit.push_back(value);
    } else {
      live_problems_.push_back(std::move(problem));
    }
  }
  sources_.live = std::move(fit);
  sources_.live_origin = origin_of(version);
  if (auto loaded = load_config(sources_)) wanted_ = std::move(*loaded);
  put_in_force();
}

Result<void> LiveConfig::check_value(const Value& value) const {
  const Setting* setting = find_setting(value.key);
  if (setting == nullptr) return fail(ErrorCode::kNotFound, "settings.not_found", "there is no setting of this name");
  if (setting->change() == SettingChange::kGiven) {
    return fail(ErrorCode::kConflict, "settings.given", "it can be given by the file, the environment or a flag only");
  }
  const std::lock_guard lock(mutex_);
  if (std::ranges::any_of(sources_.flags, [&](const auto& flag) { return flag.first == value.key; })) {
    return fail(ErrorCode::kConflict, "settings.pinned", "the process was started with a flag that says otherwise");
  }
  auto problem = misfit(value);
  if (!problem.empty()) return fail(ErrorCode::kInvalid, "settings.value_invalid", std::move(problem));
  return {};
}

Result<void> LiveConfig::check(const std::vector<Value>& values) const {
  const auto unfit = [](std::string why) { return fail(ErrorCode::kConflict, "settings.unfit", std::move(why)); };
  std::vector<Value> fit;
  ConfigSources sources;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& value : values) {
      auto problem = misfit(value);
      // What was set by another program and is left out is no reason to refuse the rest.
      const bool is_old = std::ranges::find(set_, value) != set_.end();
      if (!problem.empty() && !is_old) return unfit(std::move(problem));
      if (problem.empty()) fit.push_back(value);
    }
    sources = sources_with(std::move(fit));
  }
  const auto loaded = load_config(sources);
  if (!loaded) return unfit(loaded.error().detail);
  if (const auto together = check_setup(loaded->values); !together) return unfit(together.error().detail);
  return {};
}

SettingReport LiveConfig::report_of(const Setting& setting) const {
  SettingReport report;
  report.key = setting.key;
  report.type = setting.type();
  report.description = setting.description;
  if (!setting.unit().empty()) report.unit = setting.unit();
  if (report.type == SettingType::kNumber) {
    report.min = setting.min;
    report.max = setting.max;
  }
  report.secret = setting.secret;
  report.change = setting.change();
  report.initial = value_as_text(setting, Config{});
  report.value = value_as_text(setting, in_force_);
  report.origin = wanted_.origins[static_cast<std::size_t>(&setting - settings().data())];
  if (differs(setting, in_force_, wanted_.values)) report.waiting = value_as_text(setting, wanted_.values);
  return report;
}

std::vector<SettingReport> LiveConfig::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<SettingReport> reports;
  for (const Setting& setting : settings()) reports.push_back(report_of(setting));
  return reports;
}

std::optional<SettingReport> LiveConfig::find(std::string_view key) const {
  const Setting* setting = find_setting(key);
  if (setting == nullptr) return std::nullopt;
  const std::lock_guard lock(mutex_);
  return report_of(*setting);
}

std::vector<std::string> LiveConfig::problems() const {
  const std::lock_guard lock(mutex_);
  auto problems = live_problems_;
  if (!file_problem_.empty()) problems.insert(problems.begin(), file_problem_);
  return problems;
}

std::size_t LiveConfig::waiting() const {
  const std::lock_guard lock(mutex_);
  const auto waits = [this](const Setting& setting) { return differs(setting, in_force_, wanted_.values); };
  return static_cast<std::size_t>(std::ranges::count_if(settings(), waits));
}

}  // namespace souk
