#include "gateway/entity_history.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/settings/change.hpp"

namespace souk {
namespace {

struct ListView {
  Version version;
  std::vector<std::string> problems;
  std::vector<SettingReport> items;
  static constexpr auto fields() {
    return field_list(field("version", &ListView::version), field("problems", &ListView::problems),
                      field("items", &ListView::items));
  }
  static constexpr auto limits() {
    return limit_list(limit("version", says("How often anything was set; 0: nothing was")),
                      limit("problems", says("What of the file, or of what is set, is not in force, and why")));
  }
  static constexpr std::string_view kExample =
      R"({"version":4,"problems":[],"items":[{"key":"log.requests","type":"flag",)"
      R"("description":"write one line for each request","secret":false,"change":"at_once","default":"true",)"
      R"("value":"true","origin":"default"}]})";
};

struct ValueBody {
  std::string value;
  static constexpr auto fields() { return field_list(field("value", &ValueBody::value)); }
  static constexpr auto limits() {
    return limit_list(limit("value", length(0, live_settings::kValueSizeMax), says("As a flag has it: \"900\"")));
  }
  static constexpr std::string_view kExample = R"({"value":"900"})";
};

struct RollBackBody {
  std::int64_t version = 0;
  static constexpr auto fields() { return field_list(field("version", &RollBackBody::version)); }
  static constexpr auto limits() {
    return limit_list(limit("version", at_least(0), says("As the history has it; 0: nothing is set")));
  }
  static constexpr std::string_view kExample = R"({"version":3})";
};

struct ChangeView {
  Version version;
  Position position;
  std::string type;
  std::string by;
  Time at;
  std::optional<live_settings::Value> put;
  std::optional<std::string> removed;
  std::optional<Version> rolled_back_to;
  static constexpr auto fields() {
    using V = ChangeView;
    return field_list(field("version", &V::version), field("position", &V::position), field("type", &V::type),
                      field("by", &V::by), field("at", &V::at), field("put", &V::put), field("removed", &V::removed),
                      field("rolled_back_to", &V::rolled_back_to));
  }
  static constexpr auto limits() { return limit_list(limit("removed", says("The key of a setting"))); }
  static constexpr std::string_view kExample =
      R"({"version":4,"position":3120,"type":"settings.put","by":"admin:1p3tkyzrkwd336dt3z39bqqp4d",)"
      R"("at":"2026-11-23T08:55:36.551548Z","put":{"key":"order.payment_timeout_s","value":"900"}})";
};

Error not_found() {
  return {ErrorCode::kNotFound, "settings.not_found", "there is no setting of this name"};
}

std::string key_of(const ApiCallPtr& call) {
  return std::string(call->request().path_parameter("key"));
}

void list_settings(const ApiCallPtr& call) {
  read_settings(call, [call](const Judged<LiveSettings>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    const auto& desk = *call->api.settings;
    // Not with a tag: files and restarts change it, too.
    const ListView view{judged.version, desk.problems(), desk.all()};
    call->answer(judged.position, http::json_response(200, encode(view)));
  });
}

void get_setting(const ApiCallPtr& call) {
  read_settings(call, [call](const Judged<LiveSettings>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    const auto shown = call->api.settings->find(key_of(call));
    if (!shown) return call->refuse(judged.position, not_found());
    call->answer(judged.position, http::json_response(200, encode(*shown)));
  });
}

void erase(std::vector<live_settings::Value>& values, const std::string& key) {
  std::erase_if(values, [&](const auto& one) { return one.key == key; });
}

void put_setting(const ApiCallPtr& call) {
  const auto body = call->body<ValueBody>();
  if (!body) return call->refuse(body.error());
  const live_settings::Value value{key_of(call), body->value};
  if (const auto may = call->api.settings->check_value(value); !may) return call->refuse(may.error());
  const auto make = [value](const live_settings::State& state) -> Result<SettingsPlan> {
    auto values = state.values;
    erase(values, value.key);
    values.push_back(value);
    return SettingsPlan{live_settings::Put{value}, std::move(values), value.key};
  };
  change_settings(call, make, [call](const Judged<LiveSettings>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    const auto shown = call->api.settings->find(key_of(call));
    if (!shown) return call->refuse(judged.position, not_found());
    call->answer_entity(judged.position, judged.version, encode(*shown));
  });
}

/// Also of one that there is not any more in this program.
void remove_setting(const ApiCallPtr& call) {
  const auto make = [key = key_of(call)](const live_settings::State& state) -> Result<SettingsPlan> {
    auto values = state.values;
    erase(values, key);
    return SettingsPlan{live_settings::Remove{key}, std::move(values)};
  };
  change_settings(call, make, [call](const Judged<LiveSettings>& judged) {
    const bool is_set = judged.refusal == nullptr || judged.refusal->reason != "settings.not_set";
    if (!is_set && !call->api.settings->find(key_of(call))) return call->refuse(judged.position, not_found());
    answer_version(call, judged);
  });
}

void roll_back(const ApiCallPtr& call) {
  const auto body = call->body<RollBackBody>();
  if (!body) return call->refuse(body.error());
  if (body->version < 0) {
    return call->refuse(Error{ErrorCode::kInvalid, "settings.version_unknown", "version: at least 0"});
  }
  const Version version{static_cast<std::uint64_t>(body->version)};
  const auto make = [call, version](const live_settings::State& /*state*/) -> Result<SettingsPlan> {
    auto values = settings_at(call->api.log, version);
    if (!values) return tl::unexpected<Error>(std::move(values.error()));
    return SettingsPlan{live_settings::RollBack{version, *values}, *values};
  };
  change_settings(call, make, [call](const Judged<LiveSettings>& judged) { answer_version(call, judged); });
}

struct ShowChange {
  ChangeView& view;
  void operator()(const live_settings::WasPut& event) const { view.put = event.value; }
  void operator()(const live_settings::Removed& event) const { view.removed = event.key; }
  void operator()(const live_settings::RolledBack& event) const { view.rolled_back_to = event.version; }
};

ChangeView show_change(const EventRecord& one, const LiveSettings::Event& event) {
  ChangeView view{one.version, one.position, std::string(one.type), one.meta.principal, one.recorded_at, {}, {}, {}};
  std::visit(ShowChange{view}, event);
  return view;
}

void list_history(const ApiCallPtr& call) {
  list_changes<LiveSettings>(call, kLiveSettings, "settings history", read_settings, show_change);
}

void add_writes(http::Router& router, Api& api) {
  const std::string_view one = "/api/v1/admin/settings/{key}";
  http::RouteInfo info;
  info.role = kAdministrator;
  info.mutating = true;
  info.precondition = http::Precondition::kAccepted;
  info.path = {{"key", http::schema<std::string>(length(1, live_settings::kKeySizeMax))}};
  info.name = "remove_setting";
  info.summary = "Takes back what was set: what environment, file or default say holds again";
  info.answers = {{200, http::schema<VersionView>()}};
  info.problems = {{404, "settings.not_found"}, {404, "settings.not_set"}, {409, "settings.unfit"}};
  add_route(router, api, http::Method::kDelete, one, info, remove_setting);
  info.media_type = "application/json";
  info.name = "put_setting";
  info.summary = "Sets a setting: in force at once, or with the next start if it says so";
  info.body = http::schema<ValueBody>();
  info.answers = {{200, http::schema<SettingReport>()}};
  info.problems = {{404, "settings.not_found"},
                   {409, "settings.given"},
                   {409, "settings.pinned"},
                   {409, "settings.unfit"},
                   {409, "settings.full"}};
  add_route(router, api, http::Method::kPut, one, info, put_setting);
  info.path = {};
  info.name = "roll_back_settings";
  info.summary = "Makes what is set what it was at an earlier version";
  info.body = http::schema<RollBackBody>();
  info.answers = {{200, http::schema<VersionView>()}};
  info.problems = {{404, "settings.version_not_found"}, {409, "settings.unfit"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/settings/rollback", info, roll_back);
}

}  // namespace

void add_setting_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_settings";
  info.summary = "Lists all settings with their meaning, what holds, where it comes from, and what waits for a restart";
  info.answers = {{200, http::schema<ListView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/settings", info, list_settings);
  info.name = "list_setting_changes";
  info.summary = "Lists every change that administrators made to settings, the newest first";
  info.query = http::page_parameters();
  info.answers = {{200, http::page_of<ChangeView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/settings/history", info, list_history);
  info.query = {};
  info.name = "get_setting";
  info.summary = "Shows a setting";
  info.path = {{"key", http::schema<std::string>(length(1, live_settings::kKeySizeMax))}};
  info.answers = {{200, http::schema<SettingReport>()}};
  info.problems = {{404, "settings.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/settings/{key}", info, get_setting);
  add_writes(router, api);
}

}  // namespace souk
