/// The program's settings as routes see them: each with its meaning, where its value comes from, and what waits for a
/// restart. The table behind it is the application's.
///
/// Thread-safety: any thread may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/entities.hpp"

namespace souk {

enum class SettingType : std::uint8_t { kNumber, kFlag, kText };
/// When another value takes effect, and who may give one.
enum class SettingChange : std::uint8_t {
  kAtOnce,   ///< with the next thing that looks at it
  kRestart,  ///< with the next start
  kGiven,    ///< the same, and only by the file, the environment or flags: an administrator's token is no way to the
             ///< machine's files, its peers and its secrets
};

template <>
struct EnumNames<SettingType> {
  static constexpr std::array<std::string_view, 3> values = {"number", "flag", "text"};
};
template <>
struct EnumNames<SettingChange> {
  static constexpr std::array<std::string_view, 3> values = {"at_once", "restart", "given"};
};

/// Values are texts as a flag of the command line has them; those of secrets are masked.
struct SettingReport {
  std::string key;
  SettingType type = SettingType::kText;
  std::string description;
  std::optional<std::string> unit;
  std::optional<std::int64_t> min;  ///< of a number
  std::optional<std::int64_t> max;
  bool secret = false;
  SettingChange change = SettingChange::kRestart;
  std::string initial;                 ///< the default
  std::string value;                   ///< in force
  std::string origin;                  ///< "default", "souk.toml:3:1", "set by an administrator", …
  std::optional<std::string> waiting;  ///< in force after a restart
  std::optional<std::string> waiting_origin;

  static constexpr auto fields() {
    using R = SettingReport;
    return field_list(field("key", &R::key), field("type", &R::type), field("description", &R::description),
                      field("unit", &R::unit), field("min", &R::min), field("max", &R::max),
                      field("secret", &R::secret), field("change", &R::change), field("default", &R::initial),
                      field("value", &R::value), field("origin", &R::origin), field("waiting", &R::waiting),
                      field("waiting_origin", &R::waiting_origin));
  }
  static constexpr std::string_view kExample =
      R"({"key":"order.payment_timeout_s","type":"number","description":"an order unpaid for so long is cancelled",)"
      R"("unit":"s","min":1,"max":2592000,"secret":false,"change":"at_once","default":"600","value":"900",)"
      R"("origin":"set by an administrator"})";
};

class SettingsDesk {
 public:
  SettingsDesk() = default;
  SettingsDesk(const SettingsDesk&) = delete;
  SettingsDesk& operator=(const SettingsDesk&) = delete;
  virtual ~SettingsDesk() = default;

  [[nodiscard]] virtual std::vector<SettingReport> all() const = 0;
  /// None: there is no such setting.
  [[nodiscard]] virtual std::optional<SettingReport> find(std::string_view key) const = 0;
  /// What is wrong just now: with the file as it is, or with what is set. None: nothing.
  [[nodiscard]] virtual std::vector<std::string> problems() const = 0;

  /// Whether it may be set by an administrator. Errors: kNotFound "settings.not_found"; kConflict "settings.given",
  /// "settings.pinned" (a flag of the command line says otherwise); kInvalid "settings.value_invalid".
  [[nodiscard]] virtual Result<void> check_value(const live_settings::Value& value) const = 0;
  /// Whether these could be all that is set, and whether what is `put` would hold then. Reads files. Errors: kConflict
  /// "settings.unfit": one of them is not taken, or they do not go together with the rest.
  [[nodiscard]] virtual Result<void> check(const std::vector<live_settings::Value>& values,
                                           std::string_view put) const = 0;

  /// These are set from now on; an older version than the last one changes nothing.
  virtual void renew(const live_settings::State& state, Version version) = 0;
};

}  // namespace souk
