/// What administrators have set while the shop runs: one entity, whose stream is the history of it.
///
/// It knows keys and texts. What they mean, and whether they fit, is known to the program's table of settings, which is
/// asked before a command is given (gateway/settings/settings_desk.hpp). A roll back is one more version with the
/// values of an earlier one, which come in with the command, for a state knows nothing of its past.
/// Errors: kInvalid "settings.key_invalid", "settings.value_invalid"; kNotFound "settings.not_set"; kConflict
/// "settings.full".
#pragma once

#include "engine/entity.hpp"

namespace souk::live_settings {

inline constexpr std::size_t kValuesMax = 500;
inline constexpr std::size_t kKeySizeMax = 100;
inline constexpr std::size_t kValueSizeMax = 4'000;

struct Value {
  std::string key;
  std::string value;  ///< as a flag of the command line has it

  static constexpr auto fields() { return field_list(field("key", &Value::key), field("value", &Value::value)); }
  friend bool operator==(const Value&, const Value&) = default;
};

struct State {
  std::vector<Value> values;  ///< by key

  static constexpr auto fields() { return field_list(field("values", &State::values)); }
  friend bool operator==(const State&, const State&) = default;
};

/// Null if it is not set.
const Value* find(const State& state, std::string_view key);

// --- commands

struct Put {
  Value value;
  friend bool operator==(const Put&, const Put&) = default;
};

/// What file, environment or default say holds again.
struct Remove {
  std::string key;
  friend bool operator==(const Remove&, const Remove&) = default;
};

struct RollBack {
  Version version;            ///< 0: before anything was set
  std::vector<Value> values;  ///< as they were then
  friend bool operator==(const RollBack&, const RollBack&) = default;
};

// --- events

struct WasPut {
  static constexpr std::string_view kType = "settings.put";
  static constexpr std::uint16_t kSchema = 1;
  Value value;

  static constexpr auto fields() { return field_list(field("value", &WasPut::value)); }
  friend bool operator==(const WasPut&, const WasPut&) = default;
};

struct Removed {
  static constexpr std::string_view kType = "settings.removed";
  static constexpr std::uint16_t kSchema = 1;
  std::string key;

  static constexpr auto fields() { return field_list(field("key", &Removed::key)); }
  friend bool operator==(const Removed&, const Removed&) = default;
};

struct RolledBack {
  static constexpr std::string_view kType = "settings.rolled_back";
  static constexpr std::uint16_t kSchema = 1;
  Version version;
  std::vector<Value> values;

  static constexpr auto fields() {
    return field_list(field("version", &RolledBack::version), field("values", &RolledBack::values));
  }
  friend bool operator==(const RolledBack&, const RolledBack&) = default;
};

}  // namespace souk::live_settings

namespace souk {

struct LiveSettings {
  static constexpr std::string_view kKind = "settings";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = LiveSettingsId;
  using State = live_settings::State;
  using Command = std::variant<live_settings::Put, live_settings::Remove, live_settings::RollBack>;
  using Event = std::variant<live_settings::WasPut, live_settings::Removed, live_settings::RolledBack>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

/// There is one of them.
inline constexpr LiveSettingsId kLiveSettings{Id128{0, 1}};

}  // namespace souk
