#include "gateway/permissions/policy_change.hpp"

#include <algorithm>

#include "gateway/permissions/access_subject.hpp"

namespace souk {
namespace {

constexpr int kAttemptsMax = 10;

struct Attempt {
  ApiCallPtr call;
  MakeChange make;
  Then<AccessPolicy> answer;
  std::optional<std::vector<Version>> only_at;  ///< the request's If-Match
  int left = kAttemptsMax;
};
using AttemptPtr = std::shared_ptr<Attempt>;

/// Whether whoever asks for the change could take it back.
bool keeps_its_right(const ApiCall& call, const AccessRules& next) {
  const AccessSubject subject(call);
  const auto may = [&](std::string_view pattern, std::string_view method, std::string_view route) {
    return next.ask({subject.name(), subject.role(), pattern, method, pattern, route}).allowed;
  };
  return may(kModelPattern, "PUT", "replace_permission_model") && may(kRowsPattern, "POST", "change_permission_rows");
}

void run(const AttemptPtr& attempt);

void hear(const AttemptPtr& attempt, Version made_at, const AccessRules::Ptr& next,
          const Judged<AccessPolicy>& judged) {
  const auto& call = attempt->call;
  if (judged.verdict == Verdict::kDone) {
    const auto rules = next->at(judged.version, judged.position);
    call->api.permissions.order(rules);
    call->api.answers.hold(judged.position, [call, rules] { call->api.permissions.put_in_force(rules); });
  }
  const bool was_late = judged.refusal != nullptr && judged.refusal->reason == "version.changed" &&
                        judged.version != made_at &&
                        (!attempt->only_at || std::ranges::count(*attempt->only_at, judged.version) > 0);
  if (!was_late) {
    attempt->answer(judged);
  } else if (--attempt->left > 0) {
    run(attempt);
  } else {
    call->refuse(judged.position,
                 Error{ErrorCode::kUnavailable, "permissions.busy", "others change them all the time"});
  }
}

void run(const AttemptPtr& attempt) {
  attempt->call->api.reports.submit([attempt] {
    const auto& call = attempt->call;
    const auto latest = call->api.permissions.latest();
    auto change = attempt->make(*latest);
    if (!change) {
      call->refuse(latest->position(), change.error());
      return;
    }
    if (!keeps_its_right(*call, *change->next)) {
      call->refuse(latest->position(), Error{ErrorCode::kConflict, "permissions.lock_out",
                                             "after this change you could not change permissions any more"});
      return;
    }
    auto options = call->options<AccessPolicy>();
    const bool is_wanted = !attempt->only_at || std::ranges::count(*attempt->only_at, latest->version()) > 0;
    // None: what was said before is found all the same, and else the version has changed.
    options.only_at = is_wanted ? std::vector{latest->version()} : std::vector<Version>{};
    call->api.host.ask<AccessPolicy>(kAccessPolicy, std::move(change->command), call->meta(), std::move(options),
                                     [attempt, made_at = latest->version(), next = change->next](
                                         const Judged<AccessPolicy>& judged) { hear(attempt, made_at, next, judged); });
  });
}

}  // namespace

void change_policy(const ApiCallPtr& call, MakeChange make, Then<AccessPolicy> answer) {
  auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  run(std::make_shared<Attempt>(Attempt{call, std::move(make), std::move(answer), std::move(*only_at)}));
}

}  // namespace souk
