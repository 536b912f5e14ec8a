#include "gateway/limits/policy.hpp"

#include "gateway/entity_history.hpp"
#include "gateway/restored.hpp"

namespace souk {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 3'600'000;

Then<LimitPolicy> renewing(const ApiCallPtr& call, Then<LimitPolicy> then) {
  return [call, then = std::move(then)](const Judged<LimitPolicy>& judged) {
    if (auto* traffic = call->api.traffic()) traffic->renew(judged.state, judged.version);
    then(judged);
  };
}

limits::Rule rule(std::string id, limits::Subject subject, std::vector<std::string> routes, std::int64_t requests,
                  std::int64_t period_ms, std::int64_t burst) {
  limits::Rule out;
  out.id = std::move(id);
  out.subject = subject;
  out.scope = limits::Scope::kCluster;
  out.routes = std::move(routes);
  out.requests = requests;
  out.period_ms = period_ms;
  out.burst = burst;
  return out;
}

}  // namespace

void ask_limits(const ApiCallPtr& call, LimitPolicy::Command command, Then<LimitPolicy> then) {
  auto options = call->options<LimitPolicy>();
  auto only_at = call->if_match();
  if (!only_at) {
    call->refuse(only_at.error());
    return;
  }
  options.only_at = std::move(*only_at);
  call->api.host.ask<LimitPolicy>(kLimitPolicy, std::move(command), call->meta(), std::move(options),
                                  renewing(call, std::move(then)));
}

void read_limits(const ApiCallPtr& call, Then<LimitPolicy> then) {
  call->api.host.read<LimitPolicy>(kLimitPolicy, {}, renewing(call, std::move(then)));
}

Result<void> restore_limits(EventLog& log, Traffic& traffic) {
  return restore_entity<LimitPolicy>(log, kLimitPolicy, [&](const auto& state, Version version, Position /*position*/) {
    traffic.renew(state, version);
  });
}

Result<void> check_lock_out(const ApiCall& call, const limit_policy::Content& next) {
  if (!Traffic::would_block(next, call.client_address())) return {};
  return fail(ErrorCode::kConflict, "limits.lock_out", "nothing would be served to you any more");
}

Result<limit_policy::Content> limits_at(EventLog& log, Version version) {
  const Error unknown{ErrorCode::kNotFound, "limits.version_not_found", "there was no such version"};
  return state_at<LimitPolicy>(log, kLimitPolicy, version, unknown).map([](limit_policy::State state) {
    return std::move(state.content);
  });
}

std::vector<limits::Rule> first_limits() {
  using limits::Subject;
  auto everything = rule("client", Subject::kClient, {}, 6'000, kMinuteMs, 1'000);
  everything.scope = limits::Scope::kNode;  // a shared store is not to be asked for each request
  return {
      everything,
      rule("logins.account", Subject::kUser, {"log_in"}, 10, kMinuteMs, 10),
      rule("logins.client", Subject::kClient, {"log_in"}, 60, kMinuteMs, 20),
      rule("orders.user", Subject::kUser, {"place_order"}, 60, kMinuteMs, 30),
      rule("passwords.user", Subject::kUser, {"change_password"}, 10, kMinuteMs, 5),
      rule("registrations.client", Subject::kClient, {"register_account"}, 60, kHourMs, 20),
      rule("resets.client", Subject::kClient, {"request_password_reset", "confirm_password_reset"}, 60, kHourMs, 10)};
}

}  // namespace souk
