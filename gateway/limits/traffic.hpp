/// What stands before every route: who a request is from, whether its network is blocked, whether there is room for it,
/// and whether it comes too often.
///
/// Rules and networks are those of the entity LimitPolicy, each replaced as a whole by a newer version only
/// (gateway/limits/policy.hpp renews them before anybody hears of a change). A rule that means nothing to this program,
/// because its route is not there any more, is left out and shown as such.
/// Addresses of this machine itself count as no client: behind them is its operator, or a proxy that nobody has named.
/// Thread-safety: any thread may call.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/limits/limit_policy.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/router.hpp"
#include "limits/admission.hpp"
#include "limits/client_address.hpp"
#include "limits/limiter.hpp"

namespace souk {

class Traffic {
 public:
  struct Options {
    limits::NetworkList proxies = {};
    limits::ForwardedHeader forwarded = limits::ForwardedHeader::kXForwardedFor;
    limits::Admission::Options admission = {};
    bool sheds = true;
    limits::Limiter::Options limiter = {};
    /// Told of what an operator should know.
    std::function<void(const std::string&)> notice = {};
  };

  /// What a request is let in with.
  struct Entered {
    limits::Address client;
    bool is_exempt = false;
    limits::Admission::Admitted admitted;
  };

  /// The routes are numbered as the router has them.
  Traffic(Options options, const http::Router& router);

  /// Whether a request may come in at all. 403 "network.blocked", 503 "server.overloaded".
  tl::expected<Entered, http::Problem> enter(http::Exchange& exchange);
  /// What the rules of its route say. What has a question must be finished (limits/limiter.hpp).
  /// `counted`: the values that its route counts besides those of its path; none of them if they are not known.
  [[nodiscard]] limits::Limiter::Begun begin(const http::Exchange& exchange, const limits::Address& client,
                                             std::optional<Id128> user, std::span<const std::string_view> counted);

  void renew(const limit_policy::State& state, Version version);
  /// Of the version in force, how many rules, and routes of rules, mean nothing to this program.
  [[nodiscard]] std::size_t rules_left_out() const { return left_out_.load(std::memory_order_relaxed); }
  /// Whether the client would be shut out by this content.
  [[nodiscard]] static bool would_block(const limit_policy::Content& content, const limits::Address& client);
  /// Why a rule is not in force, or could not be. Errors: kInvalid "limits.…".
  [[nodiscard]] Result<void> check(const limits::Rule& rule) const { return limiter_.check(rule); }

  [[nodiscard]] limits::Limiter& limiter() { return limiter_; }
  [[nodiscard]] limits::Admission& admission() { return admission_; }
  [[nodiscard]] std::uint64_t blocked_ever() const { return blocked_ever_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t refused_ever() const { return refused_ever_.load(std::memory_order_relaxed); }
  /// A request was told to come later.
  void note_refused() { refused_ever_.fetch_add(1, std::memory_order_relaxed); }

 private:
  struct Networks {
    limits::NetworkList list;
    std::vector<limit_policy::Standing> standings;  ///< of each

    /// Nothing is said of this machine itself: it is the way out for an operator who has blocked the world.
    [[nodiscard]] std::optional<limit_policy::Standing> standing_of(const limits::Address& client) const;
  };
  static Networks networks_of(const limit_policy::Content& content);

  /// What a proxy says of it goes into the access log, too.
  [[nodiscard]] limits::Address client_of(http::Exchange& exchange) const;
  [[nodiscard]] std::optional<limit_policy::Standing> standing_of(const limits::Address& client) const;
  void notice(const std::string& what) const;

  const Options options_;
  std::vector<limits::Priority> priorities_;  ///< by route
  limits::Limiter limiter_;
  limits::Admission admission_;

  std::mutex renewing_;  ///< held while a version is put in force, which takes time
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Networks> networks_ = std::make_shared<Networks>();
  Version version_;  ///< under `renewing_`

  std::atomic<std::size_t> left_out_{0};
  std::atomic<std::uint64_t> blocked_ever_{0};
  std::atomic<std::uint64_t> refused_ever_{0};
};

/// 429 "limits.exceeded", with the rule that says so.
http::Problem exceeded(const limits::Decision& decision);
/// `RateLimit-Policy` and `RateLimit`, if a rule says anything about the request.
void add_rate_limit(http::Response& response, const limits::Decision& decision);

}  // namespace souk
