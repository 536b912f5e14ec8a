#include "engine/limits/rule.hpp"

#include <algorithm>
#include <numeric>

#include "engine/limits/rule_parts.hpp"

namespace souk::limits {
namespace {

tl::unexpected<Error> wrong(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

bool is_id(std::string_view id) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !id.empty() && id.size() <= kIdSizeMax && is_plain(id.front()) && is_plain(id.back()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return is_plain(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_within(std::int64_t value, std::int64_t least, std::int64_t most) {
  return value >= least && value <= most;
}

constexpr std::int64_t kYearUs = 366LL * 24 * 3'600 * 1'000'000;

Result<void> check_rate(const Rule& rule) {
  if (!is_within(rule.requests, 1, kRequestsMax)) {
    return wrong("limits.requests_out_of_range", "requests: 1 to 1000000 in a period");
  }
  if (!is_within(rule.period_ms, 1, kPeriodMsMax)) {
    return wrong("limits.period_out_of_range", "period_ms: from a millisecond to 31 days");
  }
  if (!is_within(rule.burst, 0, kRequestsMax)) {
    return wrong("limits.burst_out_of_range", "burst: 1 to 1000000, or 0 for as many as `requests`");
  }
  if (!is_within(rule.warm_up_ms, 0, kWarmUpMsMax)) {
    return wrong("limits.warm_up_out_of_range", "warm_up_ms: up to an hour");
  }
  if (!is_within(rule.wait_max_ms, 0, kWaitMsMax)) {
    return wrong("limits.wait_out_of_range", "wait_max_ms: up to a minute");
  }
  const auto [parts, cost] = parts_of(rule);
  const std::int64_t burst = (rule.burst == 0 ? rule.requests : rule.burst) * cost;
  if (burst > kBurstCostMax || burst / parts > kYearUs) {
    return wrong("limits.burst_too_large",
                 "burst: it would take more than a year to earn, or more numbers than there are");
  }
  return {};
}

}  // namespace

Parts parts_of(const Rule& rule) {
  const std::int64_t period_us = rule.period_ms * 1'000;
  const std::int64_t common = std::gcd(rule.requests, period_us);
  return {rule.requests / common, period_us / common};
}

Result<void> validate(const Rule& rule) {
  if (!is_id(rule.id)) {
    return wrong("limits.id_invalid", "id: up to 40 of a-z, 0-9, and . _ - between them");
  }
  if ((rule.subject == Subject::kParameter) == rule.parameter.empty()) {
    return wrong("limits.parameter_unclear", "parameter: the name of one, for subject \"parameter\" and no other");
  }
  if (rule.subject == Subject::kParameter && rule.routes.empty()) {
    return wrong("limits.routes_missing", "routes: a parameter is one of named routes");
  }
  if (rule.routes.size() > kRoutesMax || rule.parameter.size() > kNameSizeMax ||
      std::ranges::any_of(rule.routes, [](const auto& name) { return name.empty() || name.size() > kNameSizeMax; })) {
    return wrong("limits.routes_invalid", "routes, parameter: at most 200 names of at most 64 characters");
  }
  if (rule.requests == 0 && rule.concurrent == 0) {
    return wrong("limits.nothing_limited", "requests, concurrent: one of them must be there");
  }
  if (!is_within(rule.concurrent, 0, kRequestsMax)) {
    return wrong("limits.concurrency_out_of_range", "concurrent: 1 to 1000000");
  }
  if (rule.concurrent > 0 && rule.scope == Scope::kCluster) {
    return wrong("limits.concurrency_is_of_a_node", "scope: requests at once are counted by each node");
  }
  if (rule.requests != 0) return check_rate(rule);
  if (rule.burst != 0 || rule.warm_up_ms != 0 || rule.wait_max_ms != 0) {
    return wrong("limits.requests_out_of_range", "requests: burst, warm_up_ms and wait_max_ms need a rate");
  }
  return {};
}

}  // namespace souk::limits
