#include "permissions/model.hpp"

#include <doctest/doctest.h>

#include <string>

#include "permissions/limits.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

std::string model(std::string_view effect, std::string_view matcher = "r.sub == p.sub",
                  std::string_view roles = "g = _, _") {
  return "[request_definition]\nr = sub, obj, act\n[policy_definition]\np = sub, obj, act, eft\n[role_definition]\n" +
         std::string(roles) + "\n[policy_effect]\ne = " + std::string(effect) +
         "\n[matchers]\nm = " + std::string(matcher) + "\n";
}
constexpr std::string_view kAllow = "some(where (p.eft == allow))";

void refused(const std::string& text, std::string_view reason, std::string_view detail) {
  const auto parsed = Model::parse(text);
  REQUIRE_MESSAGE(!parsed.has_value(), text);
  CHECK(parsed.error().code == ErrorCode::kInvalid);
  CHECK(parsed.error().reason == reason);
  CHECK_MESSAGE(parsed.error().detail.find(detail) != std::string::npos, parsed.error().detail);
}

}  // namespace

TEST_CASE("the five effects are known by their text, however it is spaced") {
  const auto combining = [](std::string_view effect) {
    return Model::parse(model(effect)).value()->context(0)->combining;
  };
  CHECK(combining(kAllow) == Combining::kAllowOverride);
  CHECK(combining("some( where(p.eft==allow) )") == Combining::kAllowOverride);
  CHECK(combining("!some(where (p.eft == deny))") == Combining::kDenyOverride);
  CHECK(combining("some(where (p.eft == allow)) && !some(where (p.eft == deny))") == Combining::kAllowAndDeny);
  CHECK(combining("priority(p.eft) || deny") == Combining::kPriority);
  CHECK(combining("subjectPriority(p.eft) || deny") == Combining::kSubjectPriority);
  refused(model("some(where (p.eft == maybe))"), "permissions.model_effect", "line 8");
}

TEST_CASE("columns with a meaning are found by their names") {
  const auto parsed = Model::parse(model(kAllow)).value();
  CHECK(parsed->rules()[0].effect == std::optional<std::size_t>(3));
  CHECK_FALSE(parsed->rules()[0].priority.has_value());
}

TEST_CASE("what cannot be read is refused with its line") {
  refused("r = sub", "permissions.model_syntax", "line 1: this stands in no section");
  refused("[something]\n", "permissions.model_syntax", "line 1: there is no section [something]");
  refused("[matchers]\n\n# well\nm r.sub\n", "permissions.model_syntax", "line 4: 'name = value'");
  refused("[request_definition]\np = sub\n", "permissions.model_definition",
          "line 2: 'p' is not defined in this section");
  refused("[request_definition]\nr9 = sub\n", "permissions.model_definition", "line 2");
  refused("[request_definition]\nr =\n", "permissions.model_definition", "line 2: 'r' has no value");
  refused("[request_definition]\nr = a\nr = b\n", "permissions.model_definition", "line 3: 'r' is defined twice");
  refused("[request_definition]\nr = sub, 1st\n", "permissions.model_definition", "line 2: '1st' is no name");
  refused("[request_definition]\nr = sub, sub\n", "permissions.model_definition", "line 2: 'sub' is there twice");
  refused("[request_definition]\nr = a,b,c,d,e,f,g,h,i,j,k,l,m\n", "permissions.model_definition", "more than 12");
  refused(model(kAllow, "r.sub == p.sub", "g = _"), "permissions.model_definition", "line 6: a role is defined");
  refused(model(kAllow, "r.sub == p.sub", "g = _, _, _, _"), "permissions.model_definition", "line 6");
  refused(model(kAllow, "r.sub == p.nobody"), "permissions.model_matcher", "line 10: character 12: 'nobody'");
  refused(model(kAllow, "g(r.sub, p.sub, r.obj)"), "permissions.model_matcher", "another number of values");
  refused(model(kAllow, "eval(r.sub)"), "permissions.model_matcher", "'eval' takes one column");
  refused("\xff", "permissions.model_syntax", "UTF-8");
}

TEST_CASE("a model that lacks something is refused") {
  refused("", "permissions.model_definition", "'m' is missing");
  refused("[matchers]\nm = true\n", "permissions.model_definition", "there is no 'r' for 'm'");
  refused("[request_definition]\nr = a\n[policy_definition]\np = a\n[matchers]\nm = r.a == p.a\n",
          "permissions.model_definition", "there is no 'e' for 'm'");
  refused(model("subjectPriority(p.eft) || deny", "r.sub == p.sub", "g2 = _, _"), "permissions.model_effect", "'g'");
}

TEST_CASE("a model has at most 64 KiB") {
  const auto text = model(kAllow);
  CHECK(Model::parse(text + std::string(kModelBytesMax - text.size(), '\n')).has_value());
  refused(text + std::string(kModelBytesMax - text.size() + 1, '\n'), "permissions.model_size", "64 KiB");
}

TEST_CASE("a definition may go on behind a backslash, and has comments") {
  const auto parsed = Model::parse(
      "; a model\n[request_definition]\nr = sub, \\\n  obj # who, what\n[policy_definition]\np = sub, "
      "obj\n[policy_effect]\n"
      "e = some(where (p.eft == allow)) # one is enough\n[matchers]\nm = r.sub == p.sub && \\\nr.obj == '#' # all of "
      "it\n");
  REQUIRE(parsed.has_value());
  CHECK((*parsed)->requests()[0].columns.size() == 2);
}

TEST_CASE("a second context has definitions of its own, or those of the first") {
  const auto parsed = Model::parse(model(kAllow) + "m2 = r2.sub == p.act\n[request_definition]\nr2 = sub\n").value();
  REQUIRE(parsed->context(1) != nullptr);
  CHECK(parsed->requests()[parsed->context(1)->requests].name == "r2");
  CHECK(parsed->rules()[parsed->context(1)->rules].definition.name == "p");
  CHECK(parsed->context(2) == nullptr);
}

TEST_CASE("a matcher is planned: what binds columns to the request is indexed") {
  const auto plan = [](std::string_view matcher) {
    return Model::parse(model(kAllow, matcher)).value()->context(0)->plan;
  };
  const auto all = plan("g(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && (r.act == p.act || p.act == '*')");
  REQUIRE(all.branches.size() == 1);
  CHECK(all.branches[0].columns.size() == 2);
  CHECK(all.branches[0].pattern.has_value());
  CHECK(all.branches[0].index.has_value());

  const auto two = plan("r.sub == p.sub && r.obj == p.obj || r.sub == 'root'");
  REQUIRE(two.branches.size() == 2);
  CHECK(two.branches[0].index.has_value());
  CHECK_FALSE(two.branches[1].index.has_value());
  CHECK(two.branches[1].guards.size() == 1);

  CHECK_FALSE(plan("r.sub != p.sub").branches[0].index.has_value());
  CHECK_FALSE(plan("g(p.sub, r.sub)").branches[0].index.has_value());
  CHECK_FALSE(
      plan("r.sub == p.sub || r.obj == p.obj && r.act != p.act || r.act != p.act").branches[2].index.has_value());
}
