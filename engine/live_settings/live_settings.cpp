#include "engine/live_settings/live_settings.hpp"

#include <algorithm>

#include "engine/entities.hpp"

namespace souk {
namespace live_settings {

const Value* find(const State& state, std::string_view key) {
  const auto found = std::ranges::find(state.values, key, &Value::key);
  return found == state.values.end() ? nullptr : &*found;
}

}  // namespace live_settings

namespace {

using namespace live_settings;  // NOLINT(google-build-using-namespace)
using Events = std::vector<LiveSettings::Event>;

bool is_of_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

Result<void> check(const Value& value) {
  if (value.key.empty() || value.key.size() > kKeySizeMax || !std::ranges::all_of(value.key, is_of_key)) {
    return fail(ErrorCode::kInvalid, "settings.key_invalid", "a key is up to 100 of a-z, 0-9, '_' and '.'");
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (value.value.size() > kValueSizeMax || std::ranges::any_of(value.value, is_control)) {
    return fail(ErrorCode::kInvalid, "settings.value_invalid", "a value has at most 4000 bytes on one line");
  }
  return {};
}

void put(std::vector<Value>& values, const Value& value) {
  const auto at = std::ranges::lower_bound(values, value.key, {}, &Value::key);
  if (at != values.end() && at->key == value.key) {
    *at = value;
  } else {
    values.insert(at, value);
  }
}

tl::unexpected<Error> full() {
  return fail(ErrorCode::kConflict, "settings.full", "500 settings may be set");
}

Result<Events> on(const State& state, const Put& command) {
  if (auto valid = check(command.value); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  const Value* known = find(state, command.value.key);
  if (known != nullptr && *known == command.value) return Events{};
  if (known == nullptr && state.values.size() >= kValuesMax) return full();
  return Events{WasPut{command.value}};
}

Result<Events> on(const State& state, const Remove& command) {
  if (find(state, command.key) == nullptr) {
    return fail(ErrorCode::kNotFound, "settings.not_set", "nobody has set it");
  }
  return Events{Removed{command.key}};
}

Result<Events> on(const State& state, const RollBack& command) {
  std::vector<Value> values;
  for (const auto& value : command.values) {
    if (auto valid = check(value); !valid) return tl::unexpected<Error>(std::move(valid.error()));
    put(values, value);
  }
  if (values.size() > kValuesMax) return full();
  if (values == state.values) return Events{};
  return Events{RolledBack{command.version, std::move(values)}};
}

void apply(State& state, const WasPut& event) {
  put(state.values, event.value);
}
void apply(State& state, const Removed& event) {
  std::erase_if(state.values, [&](const Value& value) { return value.key == event.key; });
}
void apply(State& state, const RolledBack& event) {
  state.values = event.values;
}

}  // namespace

Result<std::vector<LiveSettings::Event>> LiveSettings::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

LiveSettings::State LiveSettings::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects LiveSettings::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<LiveSettings::Command> LiveSettings::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
