#include "limits/headers.hpp"

#include <algorithm>

namespace souk::limits {
namespace {

std::int64_t seconds_up(Duration span) {
  return span.us / 1'000'000 + (span.us % 1'000'000 > 0 ? 1 : 0);
}

std::string quoted(const RuleId& id) {
  return "\"" + std::string(id.view()) + "\"";
}

}  // namespace

std::string rate_limit_policy(const Decision& decision) {
  std::string text = quoted(decision.rule) + ";q=" + std::to_string(decision.limit);
  if (decision.period_s > 0) text += ";w=" + std::to_string(decision.period_s);
  return text;
}

std::string rate_limit(const Decision& decision) {
  std::string text = quoted(decision.rule) + ";r=" + std::to_string(decision.remaining);
  if (decision.period_s > 0) text += ";t=" + std::to_string(seconds_up(decision.reset));
  return text;
}

std::int64_t retry_after_s(const Decision& decision) {
  return std::max<std::int64_t>(1, seconds_up(decision.retry_after));
}

}  // namespace souk::limits
