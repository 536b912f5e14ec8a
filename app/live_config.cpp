#include "app/live_config.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace souk {
namespace {

using live_settings::Value;

bool differs(const Setting& setting, const Config& a, const Config& b) {
  return std::visit([&](const auto member) { return a.*member != b.*member; }, setting.member);
}

void copy(const Setting& setting, const Config& from, Config& to) {
  std::visit([&](const auto member) { to.*member = from.*member; }, setting.member);
}

/// A file of a few blanks, or none.
bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool holds(const std::vector<LeftOut>& left_out, const Value& value) {
  return std::ranges::find(left_out, value, &LeftOut::value) != left_out.end();
}

}  // namespace

LiveConfig::LiveConfig(ConfigSources sources, EffectiveConfig given)
    : file_(sources.file), sources_(std::move(sources)), wanted_(std::move(given)), in_force_(wanted_) {
  sources_.live_origin = "set by an administrator";
}

Config LiveConfig::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_.values;
}

void LiveConfig::begin() {
  // One by one they fit, or they would not have been set; together with another file they may not.
  (void)put_together(sources_.file_text.value_or(""));
  const std::lock_guard lock(mutex_);
  has_begun_ = true;
}

void LiveConfig::on_change(std::function<void(const Config&)> tell) {
  const std::lock_guard lock(mutex_);
  tell_ = std::move(tell);
  if (tell_) tell_(in_force_.values);
}

/// What is set gives way to the text that holds already, and no other text to what is set.
LiveConfig::Refusal LiveConfig::put_together(const std::string& text) {
  for (;;) {
    std::unique_lock lock(mutex_);
    ConfigSources sources = sources_;
    const auto set = set_;
    const auto left_out = left_out_;
    const auto changes = changes_;
    lock.unlock();
    const bool is_new = !file_.empty() && text != sources.file_text;
    sources.file_text = text;
    auto fit = fit_together(sources, set);
    if (!fit) return {fit.error().detail};
    if (is_new && !fit->mistakes.empty()) return {fit->mistakes, true};
    for (const auto& one : fit->left_out) {
      if (is_new && !holds(left_out, one.value)) return {one.problem, true};
    }
    lock.lock();
    if (changes != changes_) continue;
    ++changes_;
    sources_ = std::move(sources);
    sources_.live = std::move(fit->taken);
    left_out_ = std::move(fit->left_out);
    is_settled_ = std::ranges::none_of(left_out_, &LeftOut::may_come_back);
    wanted_ = std::move(fit->config);
    put_in_force();
    return {};
  }
}

LiveConfig::Reload LiveConfig::reload_file(const std::function<bool()>& is_whole) {
  if (file_.empty()) return settle();
  auto text = read_file(file_);
  if (is_whole && !is_whole()) return {false, "", true};
  {
    const std::lock_guard lock(mutex_);
    if (text && text == sources_.file_text && file_problem_.empty()) return {};
  }
  return try_file(std::move(text));
}

LiveConfig::Reload LiveConfig::try_file(std::optional<std::string> text) {
  std::unique_lock lock(mutex_);
  const bool was_blank = is_blank(sources_.file_text.value_or(""));
  lock.unlock();
  Refusal refusal;
  if (!text) {
    refusal.problem = unreadable(file_).detail;
  } else if (is_blank(*text) && !was_blank) {
    // As whoever could not make it leaves it behind.
    refusal.problem = file_ + ": it is empty; one that shall set nothing has a comment in it";
  } else {
    refusal = put_together(*text);
  }
  lock.lock();
  const bool is_news = refusal.problem.empty() || refusal.problem != file_problem_;
  file_problem_ = std::move(refusal.problem);
  refused_text_ = refusal.may_come_back ? std::move(text) : std::nullopt;
  if (is_news) ++(file_problem_.empty() ? reloads_ : refused_reloads_);
  return {is_news, file_problem_};
}

LiveConfig::Reload LiveConfig::settle() {
  std::unique_lock lock(mutex_);
  const auto text = sources_.file_text.value_or("");
  const auto refused = refused_text_;
  const bool is_settled = is_settled_;
  lock.unlock();
  if (!is_settled) (void)put_together(text);
  return refused ? try_file(refused) : Reload{};
}

std::string LiveConfig::file_problem() const {
  const std::lock_guard lock(mutex_);
  return file_problem_;
}

std::vector<std::string> LiveConfig::untold() {
  std::vector<std::string> problems;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : left_out_) problems.push_back(one.problem);
  }
  std::vector<std::string> news;
  std::ranges::copy_if(problems, std::back_inserter(news),
                       [&](const auto& one) { return std::ranges::find(told_, one) == told_.end(); });
  told_ = std::move(problems);
  return news;
}

void LiveConfig::put_in_force() {
  bool changed = false;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const Setting& setting = settings()[i];
    const bool is_other = differs(setting, in_force_.values, wanted_.values);
    if (is_other && has_begun_ && setting.change() != SettingChange::kAtOnce) continue;
    changed = changed || is_other;
    copy(setting, wanted_.values, in_force_.values);
    in_force_.origins[i] = wanted_.origins[i];
  }
  if (changed && tell_) tell_(in_force_.values);
}

/// On a thread that may not wait: what goes together was looked at before it was set, and is looked at again soon.
void LiveConfig::renew(const live_settings::State& state, Version version) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (version <= version_) return;
    ConfigSources sources = sources_;
    auto left_out = left_out_;
    const auto changes = changes_;
    lock.unlock();
    std::erase_if(left_out,
                  [&](const LeftOut& one) { return std::ranges::find(state.values, one.value) == state.values.end(); });
    sources.live.clear();
    for (const auto& value : state.values) {
      if (holds(left_out, value)) continue;
      if (auto problem = misfit(value); !problem.empty()) {
        left_out.push_back({value, std::move(problem)});
      } else {
        sources.live.push_back(value);
      }
    }
    auto loaded = load_config(sources);
    lock.lock();
    if (changes != changes_) continue;
    ++changes_;
    version_ = version;
    set_ = state.values;
    left_out_ = std::move(left_out);
    is_settled_ = false;
    sources_ = std::move(sources);
    if (loaded) wanted_ = std::move(*loaded);
    put_in_force();
    return;
  }
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

Result<void> LiveConfig::check(const std::vector<Value>& values, std::string_view put) const {
  const auto unfit = [](std::string why) { return fail(ErrorCode::kConflict, "settings.unfit", std::move(why)); };
  std::unique_lock lock(mutex_);
  const ConfigSources sources = sources_;
  const auto known = left_out_;
  lock.unlock();
  auto fit = fit_together(sources, values);
  if (!fit) return unfit(fit.error().detail);
  for (const auto& one : fit->left_out) {
    // What is left out already is no reason to refuse the rest.
    if (one.value.key == put || !holds(known, one.value)) return unfit(one.problem);
  }
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
  report.value = value_as_text(setting, in_force_.values);
  const auto at = static_cast<std::size_t>(&setting - settings().data());
  report.origin = in_force_.origins[at];
  if (differs(setting, in_force_.values, wanted_.values)) {
    report.waiting = value_as_text(setting, wanted_.values);
    report.waiting_origin = wanted_.origins[at];
  }
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
  std::vector<std::string> problems;
  if (!file_problem_.empty()) problems.push_back(file_problem_);
  for (const auto& one : left_out_) problems.push_back(one.problem);
  return problems;
}

std::size_t LiveConfig::waiting() const {
  const std::lock_guard lock(mutex_);
  const auto waits = [this](const Setting& setting) { return differs(setting, in_force_.values, wanted_.values); };
  return static_cast<std::size_t>(std::ranges::count_if(settings(), waits));
}

}  // namespace souk
