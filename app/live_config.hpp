/// What holds while the shop runs: the layers of the configuration, of which the file and what administrators have set
/// may change.
///
/// What takes effect at once is told to `on_change`; everything else holds as it was at the start and is shown as
/// waiting. A file that is wrong in any part changes nothing, and neither does one that does not go together with the
/// rest, with or without what is set; it is a problem until there is a better one, or until what it names is there. Of
/// what administrators have set, a value that this program does not take (it came from another one), or that does not
/// go together with the rest, is left out and is a problem, too, until it fits: no start fails because of it.
///
/// Thread-safety: any thread may call, save that one thread alone calls `begin`, `reload_file`, `settle` and `untold`.
/// Nothing is read from disk while others wait.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/live_fit.hpp"

namespace souk {

class LiveConfig final : public SettingsDesk {
 public:
  /// What the sources give, as `load_config` has it; with the text of the file, if there is one.
  LiveConfig(ConfigSources sources, EffectiveConfig given);

  [[nodiscard]] Config in_force() const;
  /// From now on only what takes effect at once does. Before that `renew` puts everything in force. Reads files.
  void begin();
  /// Told of what is in force when that changes, on the thread that changes it, and one at a time; must not block.
  /// None: nobody is told any more.
  void on_change(std::function<void(const Config&)> tell);

  [[nodiscard]] const std::string& file() const { return file_; }
  struct Reload {
    bool is_news = false;        ///< something is to be said of it
    std::string problem;         ///< why nothing changed; empty: it holds
    bool is_unfinished = false;  ///< nothing was done, for it is being written
  };
  /// Takes in what the file says now. `is_whole` is asked after it was read: what was read in the middle of being
  /// written is passed over.
  Reload reload_file(const std::function<bool()>& is_whole = {});
  /// Tries again what did not go together with the rest, for what it names may be there now. To be called now and then.
  Reload settle();
  /// Why the file is not in force as it is; empty: it is.
  [[nodiscard]] std::string file_problem() const;
  /// What of what is set is left out, as far as this was not asked before.
  [[nodiscard]] std::vector<std::string> untold();

  [[nodiscard]] std::vector<SettingReport> all() const override;
  [[nodiscard]] std::optional<SettingReport> find(std::string_view key) const override;
  [[nodiscard]] std::vector<std::string> problems() const override;
  [[nodiscard]] Result<void> check_value(const live_settings::Value& value) const override;
  [[nodiscard]] Result<void> check(const std::vector<live_settings::Value>& values,
                                   std::string_view put) const override;
  void renew(const live_settings::State& state, Version version) override;

  // For operators.
  [[nodiscard]] std::uint64_t reloads() const { return reloads_; }
  [[nodiscard]] std::uint64_t refused_reloads() const { return refused_reloads_; }
  /// How many settings wait for a restart.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Refusal {
    std::string problem;         ///< empty: it was taken
    bool may_come_back = false;  ///< the text is right; it does not go together with the rest
  };
  Refusal put_together(const std::string& text);
  Reload try_file(std::optional<std::string> text);
  // With the lock held.
  [[nodiscard]] SettingReport report_of(const Setting& setting) const;
  void put_in_force();

  const std::string file_;
  std::atomic<std::uint64_t> reloads_{0};
  std::atomic<std::uint64_t> refused_reloads_{0};
  std::vector<std::string> told_;  ///< of the thread that asks for what is untold

  mutable std::mutex mutex_;   ///< guards what follows
  std::uint64_t changes_ = 0;  ///< of what follows, so that who has worked without the lock sees that it is in vain
  ConfigSources sources_;      ///< with what of the set values is taken
  std::vector<live_settings::Value> set_;
  std::vector<LeftOut> left_out_;
  bool is_settled_ = false;  ///< all of what is set was looked at together with the rest, and nothing may come back
  Version version_;
  EffectiveConfig wanted_;
  EffectiveConfig in_force_;
  bool has_begun_ = false;
  std::optional<std::string> refused_text_;  ///< of the file, if it may come back
  std::string file_problem_;
  std::function<void(const Config&)> tell_;
};

}  // namespace souk
