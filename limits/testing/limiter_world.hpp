/// A limiter of four routes, whose time a test owns, and a store that answers when a test says so.
#pragma once

#include <doctest/doctest.h>

#include <deque>

#include "limits/limiter.hpp"
#include "limits/memory_store.hpp"

namespace souk::limits::testing {

inline constexpr Time kStart{1'764'000'000'000'000};
enum : std::size_t { kLogin, kProduct, kOrder, kUnlimited };

inline std::vector<RouteShape> shapes() {
  return {{"login"}, {"get_product", {"product_id"}}, {"place_order"}, {"healthz"}};
}

inline Rule rule_of(std::string id, Subject subject, std::vector<std::string> routes, std::int64_t requests) {
  Rule rule;
  rule.id = std::move(id);
  rule.subject = subject;
  rule.routes = std::move(routes);
  rule.requests = requests;
  if (subject == Subject::kParameter) rule.parameter = "product_id";
  return rule;
}

inline Request request_of(std::size_t route, std::string_view client = "192.0.2.1") {
  return {route, Address::parse(client).value(), {}, {}};
}
inline Request by_user(std::size_t route, std::uint64_t user) {
  Request request = request_of(route);
  request.user = Id128{user, user};
  return request;
}

/// Answers when a test says so, from memory or not at all.
class SlowStore final : public CounterStore {
 public:
  void charge(std::vector<Charge> charges, StandingsThen then) override {
    waiting.emplace_back(std::move(charges), std::move(then));
  }
  void answer() {
    auto [charges, then] = std::move(waiting.front());
    waiting.pop_front();
    memory.charge(std::move(charges), std::move(then));
  }
  void fail(std::string_view reason = kAway) {
    auto then = std::move(waiting.front().second);
    waiting.pop_front();
    then(souk::fail(ErrorCode::kUnavailable, reason, "as the test wants it"));
  }

  [[nodiscard]] bool is_away() const override { return away; }

  Time now = kStart;
  bool away = false;
  MemoryStore memory{1'024, [this] { return now; }};
  std::deque<std::pair<std::vector<Charge>, StandingsThen>> waiting;
};

struct World {
  explicit World(const std::vector<Rule>& rules, CounterStore* store = nullptr, std::int64_t nodes = 1)
      : limiter({.secret = {},
                 .counters = 1'024,
                 .nodes = nodes,
                 .store = store,
                 .breaker = {},
                 .clock = [this] { return now; }},
                shapes()) {
    const auto taken = limiter.exchange(rules);
    REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().detail));
  }

  Decision ask(const Request& request) {
    auto begun = limiter.begin(request, now);
    REQUIRE(begun.question == nullptr);
    return std::move(begun.decision);
  }
  int let_in(const Request& request, int tries = 100) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += ask(request).outcome == Outcome::kAllowed ? 1 : 0;
    return count;
  }
  /// Asks the store; what comes of it is in `answers`.
  void begin(const Request& request) {
    auto begun = limiter.begin(request, now);
    REQUIRE(begun.question != nullptr);
    limiter.finish(std::move(begun), [this](Decision decision) { answers.push_back(std::move(decision)); });
  }

  Time now = kStart;
  std::vector<Decision> answers;
  Limiter limiter;
};

}  // namespace souk::limits::testing
