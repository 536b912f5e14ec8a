#include "permissions/expression_parser.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "permissions/evaluator.hpp"
#include "permissions/limits.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

const std::vector<std::string> kRequest = {"sub", "obj"};
const std::vector<std::string> kColumns = {"sub", "obj"};

Scope scope() {
  Scope out;
  out.request_name = "r";
  out.request_values = kRequest;
  out.rule_name = "p";
  out.columns = kColumns;
  return out;
}

/// What a condition is for a request of these two values, without a rule.
Value value_of(std::string_view text, Value sub = Value::of("alice"), Value obj = Value::of(3.0)) {
  static std::vector<std::shared_ptr<const Expression>> kept;
  const auto parsed = parse_expression(text, scope());
  REQUIRE_MESSAGE(parsed.has_value(), text);
  kept.push_back(*parsed);
  static Evaluator evaluator;
  static std::array<Value, 2> request{sub, obj};
  request = {sub, obj};
  evaluator.begin(request, {});
  return evaluator.evaluate(**parsed, (*parsed)->root(), nullptr);
}

bool holds(std::string_view text, Value sub = Value::of("alice"), Value obj = Value::of(3.0)) {
  const auto value = value_of(text, sub, obj);
  REQUIRE_MESSAGE((value.is(true) || value.is(false)), text);
  return value.is(true);
}

bool is_fault(std::string_view text, Value sub = Value::of("alice"), Value obj = Value::of(3.0)) {
  return value_of(text, sub, obj).is_fault();
}

void refused(std::string_view text, std::string_view detail) {
  const auto parsed = parse_expression(text, scope());
  REQUIRE_MESSAGE(!parsed.has_value(), text);
  CHECK(parsed.error().reason == "permissions.condition");
  CHECK_MESSAGE(parsed.error().detail.find(detail) != std::string::npos, parsed.error().detail);
}

}  // namespace

TEST_CASE("operators bind as in Casbin") {
  CHECK(holds("1 + 2 * 3 == 7"));
  CHECK(holds("(1 + 2) * 3 == 9"));
  CHECK(holds("10 - 2 - 3 == 5"));
  CHECK(holds("12 / 2 / 3 == 2"));
  CHECK(holds("-2 < -1"));
  CHECK(holds("true || false && false"));
  CHECK_FALSE(holds("(true || false) && false"));
  CHECK(holds("!1 == 2"));
  CHECK(holds("!false && true"));
  CHECK(holds("!!true"));
}

TEST_CASE("texts compare byte by byte and can be put together") {
  CHECK(holds("r.sub == 'alice' && r.sub != \"bob\""));
  CHECK(holds("r.sub < 'b' && 'é' > 'e'"));
  CHECK(holds("r.sub + '@' + 'home' == 'alice@home'"));
  CHECK(holds(R"('a\'b\\' == "a'b\\")"));
}

TEST_CASE("values of different types are not equal and have no order") {
  CHECK_FALSE(holds("r.obj == '3'"));
  CHECK(holds("r.obj != '3'"));
  CHECK_FALSE(holds("true == 1"));
  CHECK(is_fault("r.obj < '4'"));
  CHECK(is_fault("true < false"));
}

TEST_CASE("attributes are asked for by name, also of attributes") {
  const std::array city{Attribute{"City", Value::of("Suzhou")}};
  const std::array person{Attribute{"Age", Value::of(30.0)},
                          Attribute{"Home", Value::of(std::span<const Attribute>(city))}};
  const auto sub = Value::of(std::span<const Attribute>(person));
  CHECK(holds("r.sub.Age > 18 && r.sub.Home.City == 'Suzhou'", sub));
  CHECK(is_fault("r.sub.Name == 'x'", sub));
  CHECK(is_fault("r.sub.Age.Of == 'x'", sub));
}

TEST_CASE("in asks a list, or one value in parentheses") {
  const std::array readers{Value::of("alice"), Value::of("bob")};
  const auto obj = Value::of(std::span<const Value>(readers));
  CHECK(holds("r.sub in r.obj", Value::of("alice"), obj));
  CHECK(holds("r.sub in (r.obj)", Value::of("bob"), obj));
  CHECK_FALSE(holds("r.sub in r.obj", Value::of("carol"), obj));
  CHECK(holds("r.sub in ('alice', 'bob')"));
  CHECK(holds("r.sub in ['alice']"));
  CHECK(holds("r.sub in ('alice')"));
  CHECK_FALSE(holds("r.sub in ('alice in wonderland')"));
  CHECK(is_fault("r.sub in r.sub"));
}

TEST_CASE("what is false or true whatever else could not be told is so, in any order") {
  CHECK_FALSE(holds("r.sub.Missing == 1 && false"));
  CHECK_FALSE(holds("false && r.sub.Missing == 1"));
  CHECK(holds("r.sub.Missing == 1 || true"));
  CHECK(is_fault("r.sub.Missing == 1 && true"));
  CHECK(is_fault("r.sub.Missing == 1 || false"));
  CHECK(is_fault("!(r.sub.Missing == 1)"));
}

TEST_CASE("what does not fit together is a fault, never true") {
  CHECK(is_fault("r.sub && true"));
  CHECK(is_fault("!r.sub"));
  CHECK(is_fault("r.obj / 0 == 1"));
  CHECK(is_fault("r.sub - 1 == 0"));
  CHECK(is_fault("ipMatch(r.sub, '10.0.0.0/8')"));
  CHECK(is_fault("keyMatch(r.obj, '/a')"));
  CHECK(is_fault("regexMatch(r.sub, r.sub + '(')"));
}

TEST_CASE("functions are known by name and number of values") {
  CHECK(holds("keyMatch2('/orders/7', '/orders/:id') && keyGet2('/orders/7', '/orders/:id', 'id') == '7'"));
  CHECK(holds("ipMatch('10.1.2.3', '10.0.0.0/8') && globMatch('a.txt', '*.txt') && regexMatch(r.sub, 'al.*')"));
  refused("keyMatch(r.sub)", "another number of values");
  refused("shell(r.sub, p.sub)", "there is no function 'shell'");
  refused("g(r.sub, p.sub)", "there is no function 'g'");
  refused("keyMatch2(r.sub, '/a(')", "/a(");
}

TEST_CASE("what is no condition is refused with the place") {
  refused("", "character 1: a value is missing");
  refused("r.sub ==", "character 9: a value is missing");
  refused("r.sub = p.sub", "character 7");
  refused("r.nobody == p.sub", "character 3: 'nobody' is not defined");
  refused("q.sub == p.sub", "character 1: 'q' is not known");
  refused("r.sub == 'alice", "does not end");
  refused("(r.sub == p.sub", "')' is missing");
  refused("r.sub == p.sub)", "nothing more");
  refused("1 < 2 < 3", "do not follow one another");
  refused("r.sub.upper() == 'A'", "attributes are not called");
  refused("r == p", "'.' is missing");
  refused("()", "nothing between");
  refused("12abc == 1", "no number");
  refused("'a\\x' == 'a'", "escape");
  refused("r.sub $ p.sub", "means nothing");
  refused("eval(p.sub)", "has no other one in it");
}

TEST_CASE("a condition has a limit to its length, its depth and its parts") {
  refused(std::string(kExpressionBytesMax + 1, ' '), "too long");
  refused(std::string(1'000, '(') + "true" + std::string(1'000, ')'), "too deeply");
  std::string wide = "true";
  for (int i = 0; i < 1'100; ++i) wide += "&&true";
  refused(wide, "too long");
  CHECK(holds(std::string(60, '(') + "true" + std::string(60, ')')));
  CHECK(is_fault("-r.sub == 1"));
  refused(std::string(2'000, '-') + "1 == 1", "one minus");
  CHECK(holds(std::string(2'000, '!') + "true"));
}

TEST_CASE("a text that is put together has a limit") {
  const std::string large(40'000, 'x');
  CHECK(is_fault("r.sub + r.sub == 'x'", Value::of(std::string_view(large))));
}
