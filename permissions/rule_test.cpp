#include "permissions/rule.hpp"

#include <doctest/doctest.h>

using namespace souk::permissions;

TEST_CASE("rules stand one a line, without the spaces around their values") {
  const auto rules = read_rules("p, alice ,data1,read\n\n  # a comment\r\ng, alice, admin\n").value();
  REQUIRE(rules.size() == 2);
  CHECK((rules[0] == Rule{"p", {"alice", "data1", "read"}}));
  CHECK((rules[1] == Rule{"g", {"alice", "admin"}}));
}

TEST_CASE("a value with commas stands in quotes") {
  const auto rules = read_rules("p, \"r.sub.Name in (\"\"a\"\", \"\"b\"\")\", data1\n").value();
  CHECK((rules == std::vector{Rule{"p", {"r.sub.Name in (\"a\", \"b\")", "data1"}}}));
}

TEST_CASE("an empty value is one") {
  CHECK((read_rules("p,,x,").value() == std::vector{Rule{"p", {"", "x", ""}}}));
}

TEST_CASE("a line that cannot be read is named") {
  for (const char* bad : {"p, a\np, \"b", "p, a\np, \"b\" c"}) {
    const auto rules = read_rules(bad);
    REQUIRE_FALSE(rules.has_value());
    CHECK(rules.error().reason == "permissions.rule_syntax");
    CHECK(rules.error().detail.starts_with("line 2: "));
  }
}

TEST_CASE("what is written is read as the same") {
  const std::vector<Rule> rules = {{"p", {"a, b", " c ", "\"d\"", "e\"f", "", "g"}}, {"g2", {"x"}}};
  for (const auto& rule : rules) CHECK((read_rules(to_line(rule)).value() == std::vector{rule}));
}
