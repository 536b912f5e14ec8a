/// Rules made ready to be asked by the number of a route: immutable, and looked up without a text being hashed.
///
/// A rule that is the same as in the set before keeps its counters; one that differs begins with fresh ones, save that
/// requests inside are still inside whatever their bound is now.
/// Thread-safety: const; any thread may ask.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/limits/rule.hpp"
#include "limits/counter_key.hpp"
#include "limits/counter_table.hpp"
#include "limits/rate.hpp"

namespace souk::limits {

/// What rules may name. Routes are numbered by their places, parameters too.
struct RouteShape {
  std::string name;
  std::vector<std::string> parameters = {};
};

/// A rule's id by value, for those who outlive the rule.
class RuleId {
 public:
  RuleId() = default;
  explicit RuleId(std::string_view id);
  [[nodiscard]] std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kIdSizeMax> text_{};
  std::uint8_t size_ = 0;
};

struct CompiledRule {
  Rule rule;
  RuleId id;
  std::optional<Rate> rate;
  std::optional<Rate> share;            ///< of a rule of the cluster: what this node counts alone
  Id128 counter;                        ///< what its counters are named after: all of the rule
  Id128 share_counter;                  ///< other than those that are shared
  Id128 gate;                           ///< what its gates are named after: the rule's id
  std::shared_ptr<PinnedMeter> pinned;  ///< of a rule that has one counter: it must not lose it
  std::shared_ptr<PinnedMeter> pinned_share;
};

class RuleSet {
 public:
  struct OfRoute {
    const CompiledRule* rule = nullptr;
    std::size_t parameter = 0;
  };

  /// `before`: none, or the set whose counters go on. `nodes`: how many share the limits of a cluster.
  /// Errors: kInvalid "limits.…"; the detail names the rule.
  static Result<std::shared_ptr<const RuleSet>> compile(const std::vector<Rule>& rules,
                                                        const std::vector<RouteShape>& routes, const CounterKeys& keys,
                                                        std::int64_t nodes, const RuleSet* before);
  /// What means something here, whatever else there is: a rule that means nothing is left out, and so is a route that a
  /// rule names beside others. `left_out` is told what and why.
  static std::shared_ptr<const RuleSet> compile_what_fits(const std::vector<Rule>& rules,
                                                          const std::vector<RouteShape>& routes,
                                                          const CounterKeys& keys, std::int64_t nodes,
                                                          const RuleSet* before, std::vector<Error>& left_out);

  [[nodiscard]] std::span<const OfRoute> of(std::size_t route) const {
    return route < by_route_.size() ? std::span<const OfRoute>(by_route_[route]) : std::span<const OfRoute>();
  }
  [[nodiscard]] const std::vector<std::unique_ptr<CompiledRule>>& rules() const { return rules_; }

 private:
  /// Of what names of routes and counters mean.
  struct Place {
    const std::vector<RouteShape>& routes;
    const CounterKeys& keys;
    std::int64_t nodes;
    const RuleSet* before;
    std::vector<Error>* left_out;  ///< none: what does not fit is an error
  };

  Result<void> add(const Rule& rule, const Place& place);
  /// Of how many routes it is.
  Result<std::size_t> attach(const CompiledRule& rule, const Place& place);
  static Result<OfRoute> fit(const CompiledRule& rule, const RouteShape& route, const std::vector<OfRoute>& others);

  std::vector<std::unique_ptr<CompiledRule>> rules_;
  std::vector<std::vector<OfRoute>> by_route_;
};

}  // namespace souk::limits
