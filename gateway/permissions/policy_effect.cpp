#include "gateway/permissions/policy_effect.hpp"

#include <future>

#include "gateway/api.hpp"

namespace souk {
namespace {

constexpr auto kWait = std::chrono::seconds(30);

}  // namespace

void take_effect(Api& api, const AccessRules::Ptr& rules) {
  auto before = api.permissions.in_force();
  api.permissions.put_in_force(rules);
  api.event_streams.end_denied();
  // Freeing many rules takes its time.
  api.reports.submit([before = std::move(before)] {});
}

Result<void> tell_permissions(Api& api, AccessPolicy::Command command, Version only_at, AccessRules::Ptr next) {
  CommandMeta meta;
  meta.command_id = CommandId{random_id()};
  meta.principal = "system:configuration";
  AskOptions<AccessPolicy> options;
  options.only_at = std::vector{only_at};
  auto told = std::make_shared<std::promise<Result<void>>>();
  auto answer = told->get_future();
  const auto hear = [&api, told, next = std::move(next)](const Judged<AccessPolicy>& judged) {
    if (judged.refusal != nullptr) {
      told->set_value(tl::unexpected<Error>(*judged.refusal));
      return;
    }
    const auto made = next ? Result<AccessRules::Ptr>(next) : AccessRules::make(judged.state);
    if (!made) {
      told->set_value(tl::unexpected<Error>(made.error()));
      return;
    }
    const auto rules = (*made)->at(judged.version, judged.position);
    api.permissions.order(rules);
    api.answers.hold(judged.position, [&api, told, rules] {
      take_effect(api, rules);
      told->set_value(Result<void>());
    });
  };
  api.host.ask<AccessPolicy>(kAccessPolicy, std::move(command), meta, std::move(options), hear);
  if (answer.wait_for(kWait) == std::future_status::ready) return answer.get();
  return fail(ErrorCode::kUnavailable, "permissions.timeout", "the permissions were not changed in time");
}

}  // namespace souk
