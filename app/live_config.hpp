/// What holds while the shop runs: the layers of the configuration, of which the file and what administrators have set
/// may change.
///
/// What takes effect at once is told to `on_change`; everything else holds as it was at the start and is shown as
/// waiting. A file that is wrong in any part changes nothing, and neither does one that does not go together with the
/// rest; it is a problem until there is a better one. Of what administrators have set, a value that this program does
/// not take (it came from another one) is left out and is a problem, too: no start fails because of it.
///
/// Thread-safety: any thread may call, save that `reload_file` reads files and `begin` belongs to the start.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "app/config.hpp"

namespace souk {

class LiveConfig final : public SettingsDesk {
 public:
  /// What the sources give, as `load_config` has it.
  LiveConfig(ConfigSources sources, EffectiveConfig given);

  [[nodiscard]] Config in_force() const;
  /// From now on only what takes effect at once does. Before that `renew` puts everything in force.
  void begin();
  /// Told of what is in force when that changes, on the thread that changes it, and one at a time; must not block.
  /// None: nobody is told any more.
  void on_change(std::function<void(const Config&)> tell);

  [[nodiscard]] const std::string& file() const { return file_; }
  struct Reload {
    bool is_news = false;  ///< something is to be said of it
    std::string problem;   ///< why nothing changed; empty: it holds
  };
  /// Takes in what the file says now.
  Reload reload_file();

  [[nodiscard]] std::vector<SettingReport> all() const override;
  [[nodiscard]] std::optional<SettingReport> find(std::string_view key) const override;
  [[nodiscard]] std::vector<std::string> problems() const override;
  [[nodiscard]] Result<void> check_value(const live_settings::Value& value) const override;
  [[nodiscard]] Result<void> check(const std::vector<live_settings::Value>& values) const override;
  void renew(const live_settings::State& state, Version version) override;

  // For operators.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t refused_reloads() const { return refused_reloads_; }
  /// How many settings wait for a restart.
  [[nodiscard]] std::size_t waiting() const;

 private:
  // With the lock held.
  [[nodiscard]] ConfigSources sources_with(std::vector<live_settings::Value> values) const;
  [[nodiscard]] SettingReport report_of(const Setting& setting) const;
  void put_in_force();

  const std::string file_;
  std::atomic<std::uint64_t> reloads_{0};
  std::atomic<std::uint64_t> refused_reloads_{0};

  mutable std::mutex mutex_;  ///< guards what follows
  ConfigSources sources_;     ///< with what of the set values is taken
  std::vector<live_settings::Value> set_;
  Version version_;
  EffectiveConfig wanted_;
  Config in_force_;
  bool has_begun_ = false;
  std::string file_problem_;
  std::vector<std::string> live_problems_;
  std::function<void(const Config&)> tell_;
};

}  // namespace souk
