#include "app/config.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <optional>

namespace souk {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Variables that begin with SOUK_ and are no settings: they steer tests and scripts.
constexpr std::array<std::string_view, 3> kOtherVariables{"SOUK_SEED", "SOUK_JOBS", "SOUK_ASSUME_YES"};
constexpr std::array<std::string_view, 2> kOtherPrefixes{"SOUK_TEST_", "SOUK_BENCH_"};

bool is_other_variable(std::string_view name) {
  return std::ranges::find(kOtherVariables, name) != kOtherVariables.end() ||
         std::ranges::any_of(kOtherPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

constexpr std::string_view kMask = "********";

/// A value as a layer gave it, with its type.
using Value = std::variant<std::int64_t, bool, std::string>;

class Loader {
 public:
  Loader() { config_.origins.assign(settings().size(), "default"); }

  void read_toml(const std::string& file, std::string_view text);
  void read_environment(const std::vector<std::string>& environment);
  void read_flags(const std::vector<std::pair<std::string, std::string>>& flags);
  void read_live(const std::vector<live_settings::Value>& values, const std::string& origin);

  Result<EffectiveConfig> finish() {
    if (!mistakes_.empty()) return fail(ErrorCode::kInvalid, "config.invalid", std::move(mistakes_));
    return std::move(config_);
  }

 private:
  void mistake(const std::string& where, const std::string& what) {
    if (!mistakes_.empty()) mistakes_ += '\n';
    mistakes_ += where + ": " + what;
  }
  void read_table(const std::string& file, const toml::table& table, const std::string& prefix);
  void set_text(const Setting& setting, const std::string& text, const std::string& where);
  void set(const Setting& setting, const Value& value, const std::string& where);

  EffectiveConfig config_;
  std::string mistakes_;
};

std::string type_and_range(const Setting& setting) {
  return std::visit(Overloaded{[&](std::int64_t Config::*) {
                                 return "a whole number from " + std::to_string(setting.min) + " to " +
                                        std::to_string(setting.max);
                               },
                               [](bool Config::*) { return std::string("true or false"); },
                               [](std::string Config::*) { return std::string("a text"); }},
                    setting.member);
}

std::string_view effect_of(SettingChange change) {
  switch (change) {
    case SettingChange::kAtOnce: return "at once";
    case SettingChange::kRestart: return "restart";
    case SettingChange::kGiven: return "restart, given";
  }
  return {};
}

std::string at(const std::string& file, const toml::source_region& source) {
  return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

void Loader::set(const Setting& setting, const Value& value, const std::string& where) {
  const auto refuse = [&](std::string_view must_be) {
    mistake(where, std::string(setting.key) + " must be " + std::string(must_be));
  };
  const bool done = std::visit(
      [&]<class T>(T Config::*member) {
        const T* typed = std::get_if<T>(&value);
        if (typed == nullptr) return false;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          if (*typed < setting.min || *typed > setting.max) return false;
        }
        config_.values.*member = *typed;
        return true;
      },
      setting.member);
  if (!done) return refuse(type_and_range(setting));
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && setting.check != nullptr) {
    if (const auto must_be = setting.check(*text); !must_be.empty()) return refuse(must_be);
  }
  config_.origins[static_cast<std::size_t>(&setting - settings().data())] = where;
}

/// Whether this line of a file may hold a secret, whatever table it is in.
bool may_hold_secret(std::string_view text, std::size_t line) {
  for (; line > 1 && !text.empty(); --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  text = text.substr(0, text.find('\n'));
  return std::ranges::any_of(settings(), [&](const Setting& setting) {
    return setting.secret && text.find(setting.key.substr(setting.key.rfind('.') + 1)) != std::string_view::npos;
  });
}

/// Environment and flags have texts only; the table says what they stand for.
void Loader::set_text(const Setting& setting, const std::string& text, const std::string& where) {
  Value value = text;
  if (std::holds_alternative<std::int64_t Config::*>(setting.member)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size()) value = number;
  } else if (std::holds_alternative<bool Config::*>(setting.member)) {
    if (text == "true") value = true;
    if (text == "false") value = false;
  }
  set(setting, value, where);
}

void Loader::read_table(const std::string& file, const toml::table& table, const std::string& prefix) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const std::string where = at(file, key.source());
    const std::string group = name + ".";
    const bool is_group =
        std::ranges::any_of(settings(), [&](const Setting& setting) { return setting.key.starts_with(group); });
    if (is_group) {
      if (const auto* inner = node.as_table()) {
        read_table(file, *inner, group);
      } else {
        mistake(where, name + " must be a table");
      }
      continue;
    }
    const Setting* setting = find_setting(name);
    if (setting == nullptr) {
      mistake(where, "there is no setting called " + name);
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      set(*setting, *number, where);
    } else if (const auto flag = node.value_exact<bool>()) {
      set(*setting, *flag, where);
    } else if (auto text = node.value_exact<std::string>()) {
      set(*setting, std::move(*text), where);
    } else {
      mistake(where, name + " must be " + type_and_range(*setting));
    }
  }
}

void Loader::read_toml(const std::string& file, std::string_view text) {
  try {
    read_table(file, toml::parse(text, file), "");
  } catch (const toml::parse_error& error) {
    // What it says may have the beginning of the value in it.
    const bool is_secret = may_hold_secret(text, error.source().begin.line);
    mistake(at(file, error.source()), is_secret ? "it is no TOML" : std::string(error.description()));
  }
}

void Loader::read_environment(const std::vector<std::string>& environment) {
  for (const std::string& variable : environment) {
    const auto equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    if (equals == std::string::npos || !name.starts_with("SOUK_") || is_other_variable(name)) continue;
    const std::string where = "environment variable " + name;
    const auto all = settings();
    const auto found = std::ranges::find(all, name, &Setting::environment_name);
    if (found == all.end()) {
      mistake(where, "there is no such setting");
    } else {
      set_text(*found, variable.substr(equals + 1), where);
    }
  }
}

void Loader::read_flags(const std::vector<std::pair<std::string, std::string>>& flags) {
  for (const auto& [key, text] : flags) {
    const std::string where = "flag for " + key;
    if (const Setting* setting = find_setting(key)) {
      set_text(*setting, text, where);
    } else {
      mistake(where, "there is no such setting");
    }
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto byte = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// As TOML has it.
std::string value_text(const Setting& setting, const Config& config) {
  const auto text = value_as_text(setting, config);
  return setting.type() == SettingType::kText ? quoted(text) : text;
}

void Loader::read_live(const std::vector<live_settings::Value>& values, const std::string& origin) {
  for (const auto& [key, text] : values) {
    const Setting* setting = find_setting(key);
    if (setting == nullptr) {
      mistake(origin, "there is no setting called " + key);
    } else if (setting->change() == SettingChange::kGiven) {
      mistake(origin, key + " can be given by the file, the environment or a flag only");
    } else {
      set_text(*setting, text, origin);
    }
  }
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  struct Close {
    void operator()(const int* file) const { ::close(*file); }
  };
  // Whoever opens a pipe waits for its other end, unless told not to.
  const int opened = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (opened < 0) return std::nullopt;
  const std::unique_ptr<const int, Close> file(&opened);
  struct stat found {};
  if (::fstat(opened, &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  std::string text;
  std::array<char, 16'384> part{};
  for (;;) {
    const auto size = ::read(opened, part.data(), part.size());
    if (size < 0 || text.size() + static_cast<std::size_t>(size) > kFileSizeMax) return std::nullopt;
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
}

Error unreadable(const std::string& file) {
  return {ErrorCode::kInvalid, "config.unreadable", file + ": cannot be read"};
}

Result<EffectiveConfig> load_config(const ConfigSources& sources) {
  Loader loader;
  if (!sources.file.empty()) {
    const auto text = sources.file_text ? sources.file_text : read_file(sources.file);
    if (!text) return tl::unexpected<Error>(unreadable(sources.file));
    loader.read_toml(sources.file, *text);
  }
  loader.read_environment(sources.environment);
  loader.read_live(sources.live, sources.live_origin);
  loader.read_flags(sources.flags);
  return loader.finish();
}

std::vector<std::string> process_environment() {
  std::vector<std::string> out;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) out.emplace_back(*variable);
  return out;
}

std::string value_as_text(const Setting& setting, const Config& config) {
  return std::visit(Overloaded{[&](std::int64_t Config::*member) { return std::to_string(config.*member); },
                               [&](bool Config::*member) { return std::string(config.*member ? "true" : "false"); },
                               [&](std::string Config::*member) {
                                 const std::string& text = config.*member;
                                 return setting.secret && !text.empty() ? std::string(kMask) : text;
                               }},
                    setting.member);
}

std::string print_effective(const EffectiveConfig& config) {
  std::string out;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const Setting& setting = settings()[i];
    std::string line = std::string(setting.key) + " = " + value_text(setting, config.values);
    line.resize(std::max<std::size_t>(line.size(), 48), ' ');
    out += line + "  # " + config.origins[i] + "\n";
  }
  return out;
}

std::string print_reference() {
  std::string out;
  for (const Setting& setting : settings()) {
    out += "# " + std::string(setting.description) + "; " + type_and_range(setting) + "\n";
    out += std::string(setting.key) + " = " + value_text(setting, Config{}) + "\n\n";
  }
  if (!out.empty()) out.pop_back();
  return out;
}

std::string print_settings_table() {
  std::string out = "| setting | default | range | unit | takes effect | meaning |\n|---|---|---|---|---|---|\n";
  for (const Setting& setting : settings()) {
    const auto initial = value_as_text(setting, Config{});
    const bool is_number = setting.type() == SettingType::kNumber;
    std::string row = "| `" + std::string(setting.key) + "` | " + (initial.empty() ? "" : "`" + initial + "`") + " | ";
    if (is_number) row += std::to_string(setting.min) + " – " + std::to_string(setting.max);
    row += " | " + std::string(setting.unit()) + " | " + std::string(effect_of(setting.change())) + " | ";
    for (const char c : setting.description) row += c == '|' ? std::string("\\|") : std::string(1, c);
    if (setting.secret) row += " (secret)";
    out += row + " |\n";
  }
  return out;
}

}  // namespace souk
