#include "gateway/settings/change.hpp"

#include <algorithm>

#include "gateway/restored.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 1'000;

Then<LiveSettings> renewing(const ApiCallPtr& call, Then<LiveSettings> then) {
  return [call, then = std::move(then)](const Judged<LiveSettings>& judged) {
    call->api.settings->renew(judged.state, judged.version);
    then(judged);
  };
}

}  // namespace

void ask_settings(const ApiCallPtr& call, LiveSettings::Command command, Then<LiveSettings> then) {
  auto options = call->options<LiveSettings>();
  auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  options.only_at = std::move(*only_at);
  call->api.host.ask<LiveSettings>(kLiveSettings, std::move(command), call->meta(), std::move(options),
                                   renewing(call, std::move(then)));
}

void read_settings(const ApiCallPtr& call, Then<LiveSettings> then) {
  call->api.host.read<LiveSettings>(kLiveSettings, {}, renewing(call, std::move(then)));
}

Result<void> restore_settings(EventLog& log, SettingsDesk& desk) {
  return restore_entity<LiveSettings>(
      log, kLiveSettings,
      [&](const auto& state, Version version, Position /*position*/) { desk.renew(state, version); });
}

Result<std::vector<live_settings::Value>> settings_at(EventLog& log, Version version) {
  live_settings::State state;
  Version at{};
  while (at < version) {
    const auto left = static_cast<std::size_t>(version.value - at.value);
    const auto records = log.read_stream(stream_of<LiveSettings>(kLiveSettings), at, std::min(left, kBatchMax));
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return fail(ErrorCode::kNotFound, "settings.version_not_found", "there was no such version");
    for (const auto& record : *records) {
      auto event = decode_event<LiveSettings::Event>(record->type, record->schema, record->payload);
      if (!event) return tl::unexpected<Error>(std::move(event.error()));
      state = LiveSettings::evolve(std::move(state), *event);
      at = record->version;
    }
  }
  return std::move(state.values);
}

}  // namespace souk
