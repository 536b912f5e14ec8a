// One node that shares its limits through a Redis server, for redis_test.py.
//
// Usage: limits_probe PORT NODES REQUESTS PERIOD_MS: one rule, so many requests of each user in the cluster. Reads
// lines from standard input and answers each with one: "ask USER" with "allowed" or "refused", "shared" or "by_share",
// microseconds; "status" with "shared" or "own_share".
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>

#include "limits/limiter.hpp"
#include "limits/redis_store.hpp"

namespace {

using namespace souk;
using namespace souk::limits;

Time now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Time{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

void ask(Limiter& limiter, std::uint64_t user) {
  const Time before = now();
  std::promise<Decision> promise;
  limiter.finish(limiter.begin({0, Address::v4(1), Id128{0, user}, {}}, before),
                 [&](Decision decision) { promise.set_value(std::move(decision)); });
  const Decision decision = promise.get_future().get();
  std::cout << (decision.outcome == Outcome::kRefused ? "refused" : "allowed") << ' '
            << (decision.is_by_share ? "by_share" : "shared") << ' ' << (now() - before).us << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return EXIT_FAILURE;
  RedisOptions options;
  options.port = std::atoi(argv[1]);
  options.deadline = std::chrono::milliseconds(50);
  RedisStore store(options);
  CircuitBreaker::Options breaker;
  breaker.open_for = Duration::milliseconds(300);
  Limiter limiter({.secret = {1, 2, 3},
                   .counters = 1'024,
                   .nodes = std::atoi(argv[2]),
                   .store = &store,
                   .breaker = breaker,
                   .clock = now},
                  {{"place_order"}});
  Rule rule;
  rule.id = "orders";
  rule.subject = Subject::kUser;
  rule.scope = Scope::kCluster;
  rule.requests = std::atoi(argv[3]);
  rule.period_ms = std::atoi(argv[4]);
  if (!limiter.exchange({rule})) return EXIT_FAILURE;
  std::string word;
  while (std::cin >> word) {
    std::uint64_t user = 0;
    if (word == "ask" && std::cin >> user) {
      ask(limiter, user);
    } else {
      const bool is_shared = limiter.status(now()).cluster == Limiter::Cluster::kShared && !store.trouble();
      std::cout << (is_shared ? "shared" : "own_share") << std::endl;
    }
  }
  return EXIT_SUCCESS;
}
