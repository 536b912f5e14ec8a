// What the parts cost that a request passes before its handler: its address and network, room for it, its token
// (remembered), its permission, its limits. Told for each by itself and for all together; what a call itself costs, and
// the headers of its answer, is not in it.
//
// Usage: access_bench [requests]. Prints nanoseconds of the thread's own CPU time, of the fastest of five rounds. The
// routes are as many as the shop has, the permissions and rules those that a shop begins with; 512 accounts.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "gateway/http/request_reader.hpp"
#include "gateway/limits/policy.hpp"
#include "gateway/limits/traffic.hpp"
#include "gateway/permissions/access_rules.hpp"
#include "gateway/permissions/access_subject.hpp"
#include "gateway/permissions/default_policy.hpp"
#include "privacy/access_token.hpp"
#include "privacy/revocations.hpp"

namespace {

using namespace souk;

constexpr int kRounds = 5;
constexpr std::size_t kAccounts = 512;
constexpr int kOtherRoutes = 180;
constexpr Time kNow{1'800'000'000'000'000};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class Body>
void measure(const char* what, std::size_t count, const Body& body) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    for (std::size_t i = 0; i < count; ++i) body(i);
    best = std::min(best, cpu_seconds() - start);
  }
  std::printf("%-44s %5.0f ns\n", what, best * 1e9 / static_cast<double>(count));
}

class NoSink final : public http::ExchangeSink {
 public:
  void answer(http::ExchangePtr, http::Response) override {}
  void begin_stream(http::ExchangePtr, http::Response, http::StreamPtr) override {}
  void go_on(http::StreamPtr) override {}
  void set_deadline(http::ExchangePtr, std::chrono::steady_clock::time_point,
                    std::function<void(http::Exchange&)>) override {}
  void report(const http::Exchange&, std::string_view) noexcept override {}
};

http::Router router() {
  static std::vector<std::string> names;
  names.reserve(kOtherRoutes);
  http::Router out;
  const auto add = [&](http::Method method, std::string_view pattern, http::RouteInfo info) {
    info.asks_permission = true;
    out.add(method, pattern, std::move(info), [](const http::ExchangePtr&) {});
  };
  add(http::Method::kPost, "/api/v1/cart/items",
      {.name = "add_cart_item", .takes_cart_token = true, .mutating = true, .counted = {"product_id"}});
  add(http::Method::kPost, "/api/v1/sessions", {.name = "log_in", .is_public = true});
  add(http::Method::kPost, "/api/v1/orders", {.name = "place_order"});
  add(http::Method::kPut, "/api/v1/account/password", {.name = "change_password"});
  add(http::Method::kPost, "/api/v1/accounts", {.name = "register_account", .is_public = true});
  add(http::Method::kPost, "/api/v1/password-resets", {.name = "request_password_reset", .is_public = true});
  add(http::Method::kPost, "/api/v1/password-resets/confirm", {.name = "confirm_password_reset", .is_public = true});
  for (int i = 0; i < kOtherRoutes; ++i) {
    names.push_back("other" + std::to_string(i));
    add(http::Method::kGet, "/api/v1/admin/" + names.back() + "/{id}",
        {.name = names.back(), .role = i % 3 == 0 ? kSupport : kAdministrator});
  }
  return out;
}

AccessRules::Ptr default_rules(const http::Router& routes) {
  AccessRules::Rows rows;
  std::int64_t number = 0;
  for (auto& row : default_rows(routes)) rows.push_back({++number, std::move(row)});
  return AccessRules::make(std::string(default_model()), std::move(rows), number).value();
}

/// Addresses of clients of their own, for loopback counts as none.
std::vector<std::string> addresses() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kAccounts; ++i)
    out.push_back("198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  http::Router routes = router();
  const TokenKeys keys(Key256::random());
  const AccessTokens tokens(keys);
  TokenCache cache(tokens, 100'000);
  Revocations revocations;
  revocations.raise(AccountId{Id128{9, 9}}, 1);
  const auto rules = default_rules(routes);
  Traffic traffic({}, routes);
  limit_policy::State limits;
  for (auto rule : first_limits()) {
    // None that refuses, for a refusal is another thing.
    rule.requests = limits::kRequestsMax;
    rule.period_ms = 1;
    rule.burst = 0;
    limits.content.rules.push_back(std::move(rule));
  }
  for (const auto subject : {limits::Subject::kUser, limits::Subject::kParameter}) {
    limits::Rule rule;
    rule.id = subject == limits::Subject::kUser ? "carts.user" : "hot.product";
    rule.subject = subject;
    rule.routes = {"add_cart_item"};
    if (subject == limits::Subject::kParameter) rule.parameter = "product_id";
    rule.requests = limits::kRequestsMax;
    rule.period_ms = 1;
    limits.content.rules.push_back(std::move(rule));
  }
  traffic.renew(limits, Version{1});

  const auto peers = addresses();
  std::vector<http::ExchangePtr> exchanges;
  const auto sink = std::make_shared<NoSink>();
  for (std::size_t i = 0; i < kAccounts; ++i) {
    const auto account = AccountId{random_id()};
    const Principal who{
        account,      Principal::Role::kCustomer, 0, SessionId{random_id()}, random_id(), kNow + tokens.ttl(),
        keys.newest()};
    const std::string token = tokens.issue(who, kNow).value();
    const std::string body = R"({"product_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":2})";
    const std::string text =
        "POST /api/v1/cart/items HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer " + token +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    auto request = http::RequestReader(http::ServerLimits{}).read_whole(text).value();
    const auto* route = routes.match(*request).route;
    request->peer = peers[i];
    exchanges.push_back(std::make_shared<http::Exchange>(sink, std::move(request), route));
  }
  const auto product = std::array<std::string_view, 1>{"2z8rh12q7hwntdjcvz2a005xtj"};
  std::size_t done = 0;

  const auto enter = [&](http::Exchange& exchange) {
    auto entered = traffic.enter(exchange);
    if (!entered) std::abort();
    return std::move(*entered);
  };
  const auto authenticate = [&](const http::Exchange& exchange) {
    const auto header = exchange.request().single_header("Authorization").value().value();
    auto principal = cache.verify(header.substr(7), kNow).value();
    if (!keys.holds(principal.key_id) || revocations.is_void(principal)) std::abort();
    return principal;
  };
  const auto permit = [&](const http::Exchange& exchange, const Principal& principal) {
    const auto& route = exchange.route();
    const std::string subject = subject_of(principal.account);
    const auto verdict = rules->ask(
        {subject, kUser, route.pattern, http::name_of(route.method), exchange.request().path(), route.info.name});
    if (!verdict.allowed) std::abort();
  };
  const auto limit = [&](const http::Exchange& exchange, const limits::Address& client, const Principal& principal) {
    const auto begun = traffic.begin(exchange, client, principal.account.value, product);
    if (begun.decision.outcome == limits::Outcome::kAllowed) ++done;
  };

  std::vector<Principal> principals;
  std::vector<limits::Address> clients;
  for (const auto& exchange : exchanges) {
    principals.push_back(authenticate(*exchange));
    clients.push_back(enter(*exchange).client);
  }
  measure("address, network and admission", count, [&](std::size_t i) {
    auto entered = enter(*exchanges[i % kAccounts]);
    entered.admitted.served();
  });
  measure("a remembered token", count, [&](std::size_t i) { authenticate(*exchanges[i % kAccounts]); });
  measure("permission", count, [&](std::size_t i) { permit(*exchanges[i % kAccounts], principals[i % kAccounts]); });
  measure("limits: three rules", count,
          [&](std::size_t i) { limit(*exchanges[i % kAccounts], clients[i % kAccounts], principals[i % kAccounts]); });
  measure("all of it", count, [&](std::size_t i) {
    auto& exchange = *exchanges[i % kAccounts];
    auto entered = enter(exchange);
    const auto principal = authenticate(exchange);
    permit(exchange, principal);
    limit(exchange, entered.client, principal);
    entered.admitted.served();
  });
  if (done != count * kRounds * 2) std::abort();
  return EXIT_SUCCESS;
}
