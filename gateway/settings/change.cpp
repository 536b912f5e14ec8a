#include "gateway/settings/change.hpp"

#include "gateway/entity_history.hpp"
#include "gateway/restored.hpp"

namespace souk {
namespace {

/// Of one change, while others change something else.
constexpr int kTriesMax = 10;

Then<LiveSettings> renewing(const ApiCallPtr& call, Then<LiveSettings> then) {
  return [call, then = std::move(then)](const Judged<LiveSettings>& judged) {
    call->api.settings->renew(judged.state, judged.version);
    then(judged);
  };
}

using Versions = std::optional<std::vector<Version>>;

void change(const ApiCallPtr& call, const Versions& only_at, const MakeSettingsPlan& make,
            const Then<LiveSettings>& then, int tries_left) {
  read_settings(call, [=](const Judged<LiveSettings>& seen) {
    if (seen.refusal != nullptr) return call->refuse(seen.position, *seen.refusal);
    call->api.queries.submit([=, state = seen.state, version = seen.version, position = seen.position] {
      auto plan = make(state);
      if (!plan) return call->refuse(position, plan.error());
      const auto fits = call->api.settings->check(plan->values, plan->put);
      if (!fits) return call->refuse(position, fits.error());
      auto options = call->options<LiveSettings>();
      options.only_at = only_at ? *only_at : std::vector{version};
      const auto answer = [=](const Judged<LiveSettings>& done) {
        const bool is_outrun = !only_at && done.refusal != nullptr && done.refusal->reason == "version.changed";
        if (!is_outrun || tries_left == 0) return then(done);
        change(call, only_at, make, then, tries_left - 1);
      };
      call->api.host.ask<LiveSettings>(kLiveSettings, std::move(plan->command), call->meta(), std::move(options),
                                       renewing(call, answer));
    });
  });
}

}  // namespace

void read_settings(const ApiCallPtr& call, Then<LiveSettings> then) {
  call->api.host.read<LiveSettings>(kLiveSettings, {}, renewing(call, std::move(then)));
}

void change_settings(const ApiCallPtr& call, MakeSettingsPlan make, Then<LiveSettings> then) {
  const auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  change(call, *only_at, make, then, kTriesMax);
}

Result<void> restore_settings(EventLog& log, SettingsDesk& desk) {
  return restore_entity<LiveSettings>(
      log, kLiveSettings,
      [&](const auto& state, Version version, Position /*position*/) { desk.renew(state, version); });
}

Result<std::vector<live_settings::Value>> settings_at(EventLog& log, Version version) {
  const Error unknown{ErrorCode::kNotFound, "settings.version_not_found", "there was no such version"};
  return state_at<LiveSettings>(log, kLiveSettings, version, unknown).map([](live_settings::State state) {
    return std::move(state.values);
  });
}

}  // namespace souk
