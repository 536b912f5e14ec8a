#include "gateway/permissions/policy_effect.hpp"

#include "gateway/api.hpp"
#include "gateway/configuring.hpp"

namespace souk {

void take_effect(Api& api, const AccessRules::Ptr& rules) {
  auto before = api.permissions.in_force();
  api.permissions.put_in_force(rules);
  api.event_streams.end_denied();
  // Freeing many rules takes its time.
  api.reports.submit([before = std::move(before)] {});
}

Result<void> tell_permissions(Api& api, AccessPolicy::Command command, Version only_at, AccessRules::Ptr next) {
  AskOptions<AccessPolicy> options;
  options.only_at = std::vector{only_at};
  const Awaited<void> answer;
  const auto hear = [&api, answer, next = std::move(next)](const Judged<AccessPolicy>& judged) {
    if (judged.refusal != nullptr) return answer.give(tl::unexpected<Error>(*judged.refusal));
    const auto made = next ? Result<AccessRules::Ptr>(next) : AccessRules::make(judged.state);
    if (!made) return answer.give(tl::unexpected<Error>(made.error()));
    const auto rules = (*made)->at(judged.version, judged.position);
    api.permissions.order(rules);
    api.answers.hold(judged.position, [&api, answer, rules] {
      take_effect(api, rules);
      answer.give({});
    });
  };
  api.host.ask<AccessPolicy>(kAccessPolicy, std::move(command), configuration_meta(), std::move(options), hear);
  return answer.take({ErrorCode::kUnavailable, "permissions.timeout", "the permissions were not changed in time"});
}

}  // namespace souk
