#include <algorithm>
#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/setup_checks.hpp"
#include "engine/base/codec.hpp"

namespace souk {
namespace {

constexpr std::string_view kRoute = "/api/v1/admin/settings";
/// Who asks is said by these here, of whatever server.
constexpr std::string_view kOwnGroup = "admin.";

struct Listed {
  std::vector<std::string> problems;
  std::vector<SettingReport> items;
  static constexpr auto fields() {
    return field_list(field("problems", &Listed::problems), field("items", &Listed::items));
  }
};

struct Change {
  std::int64_t version = 0;
  std::string by;
  Time at;
  std::optional<live_settings::Value> put;
  std::optional<std::string> removed;
  std::optional<std::int64_t> rolled_back_to;
  static constexpr auto fields() {
    return field_list(field("version", &Change::version), field("by", &Change::by), field("at", &Change::at),
                      field("put", &Change::put), field("removed", &Change::removed),
                      field("rolled_back_to", &Change::rolled_back_to));
  }
};

struct History {
  std::vector<Change> items;
  std::optional<std::string> next_cursor;
  static constexpr auto fields() {
    return field_list(field("items", &History::items), field("next_cursor", &History::next_cursor));
  }
};

struct ValueBody {
  std::string value;
  static constexpr auto fields() { return field_list(field("value", &ValueBody::value)); }
};

int finished() {
  return std::fflush(stdout) == 0 ? exit_code::kOk : exit_code::kDiskFailed;
}

Result<Listed> list(ShopClient& client) {
  const auto answer = client.get(std::string(kRoute));
  if (!answer) return tl::unexpected<Error>(answer.error());
  return decode<Listed>(*answer, UnknownFields::kIgnored);
}

int show(ShopClient& client) {
  const auto listed = list(client);
  if (!listed) return report(listed.error());
  for (const auto& one : listed->items) {
    std::string line = one.key + " = " + one.value + "\t# " + one.origin;
    if (one.waiting) line += "; " + *one.waiting + " waits for a restart";
    if (one.waiting_origin) line += " (" + *one.waiting_origin + ")";
    if (!print_line(std::move(line))) return exit_code::kDiskFailed;
  }
  const int done = finished();
  for (const auto& problem : listed->problems) std::fprintf(stderr, "souk: %s\n", problem.c_str());
  return done;
}

/// How the settings of a server differ from those here, a line each. Secrets are not compared.
std::vector<std::string> differences(const std::vector<SettingReport>& there, const Config& here) {
  std::vector<std::string> lines;
  for (const auto& one : there) {
    const Setting* setting = find_setting(one.key);
    if (setting == nullptr) lines.push_back(one.key + "\tserver " + one.value + "\tunknown here");
    if (setting == nullptr || setting->secret || one.key.starts_with(kOwnGroup)) continue;
    const auto its = one.waiting.value_or(one.value);
    const auto own = value_as_text(*setting, here);
    if (its == own) continue;
    lines.push_back(one.key + "\tserver " + its + "\there " + own + "\t# " + one.waiting_origin.value_or(one.origin));
  }
  for (const Setting& setting : settings()) {
    if (std::ranges::find(there, setting.key, &SettingReport::key) != there.end()) continue;
    lines.push_back(std::string(setting.key) + "\tunknown to the server\there " + value_as_text(setting, here));
  }
  return lines;
}

/// What the server would have otherwise if it were started as this command was.
int diff(ShopClient& client, const Config& here) {
  const auto listed = list(client);
  if (!listed) return report(listed.error());
  const auto lines = differences(listed->items, here);
  const bool differs = !lines.empty();
  for (const auto& line : lines) {
    if (!print_line(line)) return exit_code::kDiskFailed;
  }
  const int done = finished();
  return done == exit_code::kOk && differs ? exit_code::kRowsDiffer : done;
}

int history(ShopClient& client) {
  std::string cursor;
  do {
    const auto answer = client.get(std::string(kRoute) + "/history?limit=100" + cursor);
    if (!answer) return report(answer.error());
    const auto page = decode<History>(*answer, UnknownFields::kIgnored);
    if (!page) return report(page.error());
    for (const auto& one : page->items) {
      std::string what = "rolled back to version " + std::to_string(one.rolled_back_to.value_or(0));
      if (one.put) what = one.put->key + " = " + one.put->value;
      if (one.removed) what = *one.removed + " taken back";
      if (!print_line(std::to_string(one.version) + "\t" + one.at.str() + "\t" + one.by + "\t" + what)) {
        return exit_code::kDiskFailed;
      }
    }
    cursor = page->next_cursor ? "&cursor=" + *page->next_cursor : "";
  } while (!cursor.empty());
  return finished();
}

int print(const Result<std::string>& answer) {
  if (!answer) return report(answer.error());
  return print_line(*answer) ? finished() : exit_code::kDiskFailed;
}

int ask_server(ShopClient& client, const Config& config, const ConfigRequest& request) {
  const auto one = std::string(kRoute) + "/" + request.key;
  if (request.action == "show") return show(client);
  if (request.action == "diff") return diff(client, config);
  if (request.action == "history") return history(client);
  if (request.action == "set") return print(client.put(one, encode(ValueBody{request.value})));
  if (request.action == "unset") return print(client.remove(one));
  return print(client.post(std::string(kRoute) + "/rollback", "application/json",
                           "{\"version\":" + std::to_string(std::stoll(request.key)) + "}"));
}

/// What is missing or too much; empty: nothing.
std::string_view misuse(const RemoteShop& shop, const ConfigRequest& request) {
  const bool is_local = request.action == "show" || request.action == "reference";
  if (shop.url.empty() && !is_local) return "needs --url, a running server";
  // What has no dot may be another route.
  const bool is_key = request.key.find('.') != std::string::npos || find_setting(request.key) != nullptr;
  if (request.action == "set" && (!is_key || !request.has_value)) return "needs a setting and its value";
  if (request.action == "unset" && !is_key) return "needs a setting";
  if (request.action == "rollback") {
    const bool is_number = !request.key.empty() && request.key.size() < 18 &&
                           std::ranges::all_of(request.key, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) return "needs the number of a version";
  }
  return {};
}

}  // namespace

int tend_config(const EffectiveConfig& config, const RemoteShop& shop, const ConfigRequest& request) {
  if (const auto wrong = misuse(shop, request); !wrong.empty()) {
    std::fprintf(stderr, "souk: config: %s %s\n", request.action.c_str(), std::string(wrong).c_str());
    return exit_code::kUsage;
  }
  if (request.action == "reference" || shop.url.empty()) {
    const bool is_reference = request.action == "reference";
    std::fputs((is_reference ? print_settings_table() : print_effective(config)).c_str(), stdout);
    const int done = finished();
    if (is_reference || done != exit_code::kOk) return done;
    const auto checked = check_setup(config);
    return checked ? done : report(checked.error());
  }
  const auto client = ShopClient::connect(shop, config.values);
  if (!client) return report(client.error());
  return ask_server(**client, config.values, request);
}

}  // namespace souk
