/// What an operator limits: so many requests in a period, or so many at once, of whatever is counted.
///
/// Errors: kInvalid with a reason that begins with "limits."; each names the member that is wrong.
/// Limits: the constants below.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/result.hpp"

namespace souk::limits {

/// What has a counter of its own.
enum class Subject : std::uint8_t {
  kRoute,      ///< the routes of the rule, whoever asks
  kClient,     ///< each client's address; of IPv6, each network of 64 bits, for that is what one client is given
  kUser,       ///< each account; a rule of this kind says nothing about requests without one
  kParameter,  ///< each value of a parameter of the route: a product, say
};
/// Who counts together.
enum class Scope : std::uint8_t { kNode, kCluster };

inline constexpr std::int64_t kRequestsMax = 1'000'000;
inline constexpr std::int64_t kPeriodMsMax = 31LL * 24 * 3'600'000;
inline constexpr std::int64_t kWarmUpMsMax = 3'600'000;
inline constexpr std::int64_t kWaitMsMax = 60'000;
inline constexpr std::size_t kIdSizeMax = 40;
inline constexpr std::size_t kNameSizeMax = 64;  ///< of a route or a parameter
inline constexpr std::size_t kRulesMax = 1'000;
inline constexpr std::size_t kRoutesMax = 200;  ///< that a rule may name
inline constexpr std::size_t kRulesOfRouteMax = 16;
inline constexpr std::size_t kConcurrentOfRouteMax = 4;

struct Rule {
  std::string id;  ///< lower-case letters, digits, and ". _ -" between them; clients are shown it
  Subject subject = Subject::kRoute;
  Scope scope = Scope::kNode;
  std::vector<std::string> routes;  ///< by name, counted together; none: all of them
  std::string parameter;            ///< of kParameter: its name in the pattern of each of the routes

  std::int64_t requests = 0;  ///< in each period; 0: any number
  std::int64_t period_ms = 1'000;
  std::int64_t burst = 0;        ///< at most so many without a pause; 0: as `requests`
  std::int64_t warm_up_ms = 0;   ///< after idleness a third of the rate, growing to all of it in this time
  std::int64_t wait_max_ms = 0;  ///< rather than refused, a request is told to wait, up to this

  std::int64_t concurrent = 0;  ///< at most so many at once, on this node; 0: any number

  static constexpr auto fields() {
    return field_list(field("id", &Rule::id), field("subject", &Rule::subject), defaulted("scope", &Rule::scope),
                      defaulted("routes", &Rule::routes), defaulted("parameter", &Rule::parameter),
                      defaulted("requests", &Rule::requests), defaulted("period_ms", &Rule::period_ms),
                      defaulted("burst", &Rule::burst), defaulted("warm_up_ms", &Rule::warm_up_ms),
                      defaulted("wait_max_ms", &Rule::wait_max_ms), defaulted("concurrent", &Rule::concurrent));
  }
  friend bool operator==(const Rule&, const Rule&) = default;
};

/// Whether it means something by itself, and its burst can be counted. That its routes exist is seen when it is
/// compiled (limits/rule_set.hpp).
Result<void> validate(const Rule& rule);

}  // namespace souk::limits

template <>
struct souk::EnumNames<souk::limits::Subject> {
  static constexpr std::array<std::string_view, 4> values = {"route", "client", "user", "parameter"};
};
template <>
struct souk::EnumNames<souk::limits::Scope> {
  static constexpr std::array<std::string_view, 2> values = {"node", "cluster"};
};
