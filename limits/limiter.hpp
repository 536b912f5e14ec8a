/// Whether a request may be served now, by all the rules that apply to it: all of them are charged, or none.
///
/// Rules of this node are decided here and now. Rules of the cluster are asked of the shared store, if there is one;
/// without one this node is the cluster. While the store is away (its circuit breaker is not closed, or one question
/// failed), each node lets in its own share, rate divided by the configured number of nodes, on counters of their own.
/// So at the beginning of an outage whoever is counted has a fresh burst of the share. A request that the store refuses
/// gets back what it was charged here; until then it counted against others. Who asks again too early is refused here,
/// and the store is asked once a second at most (refusals.hpp).
///
/// Rules are exchanged while requests are decided: a thread sees the new set at its next request, and takes no lock to
/// find out that there is none. It keeps the set that it used last, which is therefore let go of late.
/// Thread-safety: every function from any thread.
/// Ownership: the store must outlive the limiter; what it answers after the limiter is gone is harmless.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "limits/counter_key.hpp"
#include "limits/counter_store.hpp"
#include "limits/gates.hpp"
#include "limits/rule_set.hpp"
#include "net/address.hpp"
#include "peers/circuit_breaker.hpp"

namespace souk::limits {

using net::Address;

struct Request {
  std::size_t route = 0;
  std::optional<Address> client = {};  ///< none: rules that count clients say nothing
  std::optional<Id128> user = {};
  std::span<const std::string_view> parameters = {};  ///< by place, as in the route's shape
};

/// About the rule that decided: the one that refuses or makes wait for longest, else the one that lets in fewest more.
struct Decision {
  Outcome outcome = Outcome::kAllowed;
  bool is_limited = false;  ///< whether any rule applied; else what follows says nothing
  bool is_by_share = false;
  RuleId rule;
  std::int64_t limit = 0;     ///< requests in a period, or at once
  std::int64_t period_s = 0;  ///< rounded up; 0: at once
  std::int64_t remaining = 0;
  Duration reset;
  Duration wait;
  Duration retry_after;
  Hold hold;  ///< to be kept until the request is answered
};

class Limiter {
 public:
  struct Options {
    CounterKeys::Secret secret{};
    std::size_t counters = std::size_t{1} << 20;
    std::int64_t nodes = 1;  ///< 1 to Rate::kNodesMax; what is beyond counts as the nearest
    CounterStore* store = nullptr;
    CircuitBreaker::Options breaker;
    std::function<Time()> clock;  ///< for answers of the store; the same as is given to `begin`
  };

  enum class Cluster : std::uint8_t { kAlone, kShared, kOwnShare };

  struct Status {
    Cluster cluster = Cluster::kAlone;
    std::uint64_t by_share_ever = 0;  ///< requests that were decided by this node's share
    std::uint64_t store_failures_ever = 0;
    std::uint64_t evicted_ever = 0;
    std::size_t bytes = 0;
  };

  /// What `begin` leaves to be asked of the store.
  class Question;
  struct Begun {
    Decision decision;  ///< final, unless there is a question
    std::unique_ptr<Question> question;

    Begun();
    Begun(Begun&&) noexcept;
    Begun& operator=(Begun&&) noexcept;
    ~Begun();
  };

  Limiter(Options options, std::vector<RouteShape> routes);
  ~Limiter();
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;

  /// Errors: kInvalid "limits.…" (rule.hpp, rule_set.hpp): nothing has changed then.
  Result<void> exchange(const std::vector<Rule>& rules);
  /// The same for rules that are in force whatever this program thinks of them: what means nothing here, because a
  /// route is not there any more, takes no other rule with it. Returns what is left out, and why.
  std::vector<Error> exchange_what_fits(const std::vector<Rule>& rules);
  /// Whether a rule could be in force: its routes and its parameter are there. Errors: as `exchange`.
  [[nodiscard]] Result<void> check(const Rule& rule) const;
  /// Whether a rule of this id is in force, for some of its routes at least.
  [[nodiscard]] bool has(std::string_view id) const;
  /// In force now.
  [[nodiscard]] std::vector<Rule> rules() const;

  /// What has a question is to be finished. If it is dropped instead, nothing of this node is charged.
  [[nodiscard]] Begun begin(const Request& request, Time now);
  /// With what `begin` returned, whether it has a question or not. `then` is called once: before this returns, or on a
  /// thread of the store's, where it must not block.
  void finish(Begun begun, std::function<void(Decision)> then);

  [[nodiscard]] Status status(Time now) const;
  /// Around the store: for an operator, who may force it.
  [[nodiscard]] CircuitBreaker& breaker();

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace souk::limits
