#include "gateway/permissions/policy_change.hpp"

#include <algorithm>

#include "gateway/permissions/access_subject.hpp"
#include "gateway/permissions/policy_effect.hpp"

namespace souk {
namespace {

constexpr int kAttemptsMax = 10;
/// Rules that are tried one after the other for each request take some 100 ns each.
constexpr std::size_t kTriedMax = 1'000;
/// By which everybody gets a token.
constexpr std::string_view kLogInPattern = "/api/v1/sessions";

struct Attempt {
  ApiCallPtr call;
  MakeChange make;
  ShowPolicy show;
  std::optional<std::vector<Version>> only_at;  ///< the request's If-Match
  int left = kAttemptsMax;
};
using AttemptPtr = std::shared_ptr<Attempt>;

/// Whether the change takes away what it could be taken back by: a right that whoever asks for it has, or that of all
/// to log in, without which nobody has any right once the last token has expired.
bool locks_out(const ApiCall& call, const AccessRules& latest, const AccessRules& next) {
  const AccessSubject self(call);
  const AccessSubject guest(kGuest);
  const auto loses = [&](const AccessSubject& who, std::string_view pattern, std::string_view method,
                         std::string_view route) {
    const AccessQuestion question{who.name(), who.role(), pattern, method, pattern, route};
    return latest.ask(question).allowed && !next.ask(question).allowed;
  };
  return loses(self, kModelPattern, "PUT", "replace_permission_model") ||
         loses(self, kRowsPattern, "POST", "change_permission_rows") || loses(guest, kLogInPattern, "POST", "log_in");
}

/// How many rules are tried for a request that finds no index to go by; 0: each finds one.
std::size_t tried_one_by_one(const AccessRules& rules) {
  const auto& policy = rules.policy();
  const auto* context = policy.model().context(0);
  const auto has_none = [](const auto& branch) { return !branch.index.has_value(); };
  if (context == nullptr || std::ranges::none_of(context->plan.branches, has_none)) return 0;
  return policy.size(policy.model().rules()[context->rules].definition.name);
}

Result<void> check(const ApiCall& call, const AccessRules& latest, const AccessRules& next) {
  if (locks_out(call, latest, next)) {
    return fail(ErrorCode::kConflict, "permissions.lock_out",
                "after this change you could not change permissions any more, or nobody could log in");
  }
  // One that is slow already may become better.
  if (tried_one_by_one(next) > std::max(kTriedMax, tried_one_by_one(latest))) {
    return fail(ErrorCode::kConflict, "permissions.too_slow",
                "under this model all rules are tried for each request; it may have at most 1,000");
  }
  return {};
}

void run(const AttemptPtr& attempt);

void hear(const AttemptPtr& attempt, Version made_at, const AccessRules::Ptr& next,
          const Judged<AccessPolicy>& judged) {
  const auto& call = attempt->call;
  if (judged.refusal == nullptr) {
    auto& permissions = call->api.permissions;
    const auto rules =
        judged.verdict == Verdict::kDone ? next->at(judged.version, judged.position) : permissions.latest();
    permissions.order(rules);
    const auto position = std::max(judged.position, rules->position());
    // What is in force is what the answer says, also where somebody else's change is told of.
    call->api.answers.hold(position, [call, rules, position, version = judged.version,
                                      body = attempt->show(judged.state, judged.version)] {
      take_effect(call->api, rules);
      call->answer_entity(position, version, body);
    });
    return;
  }
  const bool was_late = judged.refusal->reason == "version.changed" && judged.version != made_at &&
                        (!attempt->only_at || std::ranges::count(*attempt->only_at, judged.version) > 0);
  if (!was_late) {
    call->refuse(judged.position, *judged.refusal);
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
    if (latest == nullptr) {
      call->refuse(Error{ErrorCode::kUnavailable, "permissions.not_begun", "the shop has only just been started"});
      return;
    }
    auto change = attempt->make(*latest);
    if (!change) {
      call->refuse(latest->position(), change.error());
      return;
    }
    if (auto checked = check(*call, *latest, *change->next); !checked) {
      call->refuse(latest->position(), checked.error());
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

void change_policy(const ApiCallPtr& call, MakeChange make, ShowPolicy show) {
  auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  run(std::make_shared<Attempt>(Attempt{call, std::move(make), show, std::move(*only_at)}));
}

}  // namespace souk
