#include "engine/limits/rule.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace souk;
using namespace souk::limits;

namespace {

Rule good() {
  Rule rule;
  rule.id = "orders.per-minute_1";
  rule.subject = Subject::kUser;
  rule.scope = Scope::kCluster;
  rule.routes = {"place_order"};
  rule.requests = 10;
  rule.period_ms = 60'000;
  rule.burst = 3;
  return rule;
}

std::string reason_of(const std::function<void(Rule&)>& spoil) {
  Rule rule = good();
  spoil(rule);
  const auto valid = validate(rule);
  return valid ? "" : valid.error().reason;
}

}  // namespace

TEST_CASE("a rule that means something is taken, with any of its members left out") {
  CHECK(validate(good()).has_value());
  CHECK(reason_of([](Rule& rule) { rule.routes.clear(); }).empty());
  CHECK(reason_of([](Rule& rule) { rule.burst = 0; }).empty());
  CHECK(reason_of([](Rule& rule) {
          rule.scope = Scope::kNode;
          rule.requests = rule.burst = 0;
          rule.concurrent = 4;
        }).empty());
}

TEST_CASE("each member that is wrong has a reason of its own") {
  for (const auto* id : {"", "Orders", ".a", "a.", "a b", "a\"b", "ä"}) {
    CHECK(reason_of([&](Rule& rule) { rule.id = id; }) == "limits.id_invalid");
  }
  CHECK(reason_of([](Rule& rule) { rule.id = std::string(41, 'a'); }) == "limits.id_invalid");
  CHECK(reason_of([](Rule& rule) { rule.parameter = "product_id"; }) == "limits.parameter_unclear");
  CHECK(reason_of([](Rule& rule) { rule.subject = Subject::kParameter; }) == "limits.parameter_unclear");
  CHECK(reason_of([](Rule& rule) {
          rule.subject = Subject::kParameter;
          rule.parameter = "product_id";
          rule.routes.clear();
        }) == "limits.routes_missing");
  CHECK(reason_of([](Rule& rule) { rule.routes = {""}; }) == "limits.routes_invalid");
  CHECK(reason_of([](Rule& rule) { rule.routes = {std::string(65, 'a')}; }) == "limits.routes_invalid");
  CHECK(reason_of([](Rule& rule) { rule.routes.assign(201, "get_cart"); }) == "limits.routes_invalid");
  CHECK(reason_of([](Rule& rule) { rule.requests = 0; }) == "limits.nothing_limited");
  for (const std::int64_t wrong : {std::int64_t{-1}, kRequestsMax + 1, INT64_MAX, INT64_MIN}) {
    CHECK(reason_of([&](Rule& rule) { rule.requests = wrong; }) == "limits.requests_out_of_range");
    CHECK(reason_of([&](Rule& rule) { rule.burst = wrong; }) == "limits.burst_out_of_range");
    CHECK(reason_of([&](Rule& rule) { rule.concurrent = wrong; }) == "limits.concurrency_out_of_range");
  }
  for (const std::int64_t wrong : {std::int64_t{-1}, std::int64_t{0}, kPeriodMsMax + 1, INT64_MAX}) {
    CHECK(reason_of([&](Rule& rule) { rule.period_ms = wrong; }) == "limits.period_out_of_range");
  }
  for (const std::int64_t wrong : {std::int64_t{-1}, kWarmUpMsMax + 1, INT64_MAX}) {
    CHECK(reason_of([&](Rule& rule) { rule.warm_up_ms = wrong; }) == "limits.warm_up_out_of_range");
    CHECK(reason_of([&](Rule& rule) { rule.wait_max_ms = wrong; }) == "limits.wait_out_of_range");
  }
  CHECK(reason_of([](Rule& rule) { rule.concurrent = 3; }) == "limits.concurrency_is_of_a_node");
  CHECK(reason_of([](Rule& rule) {
          rule.scope = Scope::kNode;
          rule.requests = 0;
          rule.concurrent = 3;
        }) == "limits.requests_out_of_range");
}

TEST_CASE("a burst that would take more than a year to earn, or more numbers than there are, is refused") {
  const auto reason = [](std::int64_t requests, std::int64_t period_ms, std::int64_t burst) {
    return reason_of([&](Rule& rule) {
      rule.requests = requests;
      rule.period_ms = period_ms;
      rule.burst = burst;
    });
  };
  CHECK(reason(1, kPeriodMsMax, 11).empty());
  CHECK(reason(1, kPeriodMsMax, 12) == "limits.burst_too_large");
  CHECK(reason(999'983, kPeriodMsMax, 1'500).empty());
  CHECK(reason(999'983, kPeriodMsMax, 2'000) == "limits.burst_too_large");
  CHECK(reason(100'000, 86'400'000, 100'000).empty());
  CHECK(reason(1, kPeriodMsMax, kRequestsMax) == "limits.burst_too_large");
}

TEST_CASE("a rule survives its text") {
  const auto read = decode<Rule>(encode(good()), UnknownFields::kRefused);
  REQUIRE(read.has_value());
  CHECK((*read == good()));
  const auto shortest = decode<Rule>(R"({"id":"a","subject":"client","requests":5})", UnknownFields::kRefused);
  REQUIRE(shortest.has_value());
  CHECK(validate(*shortest).has_value());
}
