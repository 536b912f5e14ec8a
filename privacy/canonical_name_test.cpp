#include "privacy/canonical_name.hpp"

#include <doctest/doctest.h>

#include <string>

namespace souk {
namespace {

std::string fold(std::string_view name) {
  return canonical_name(name).value();
}

}  // namespace

TEST_CASE("names that look alike by case, width or composition are one") {
  CHECK(fold("Alice") == "alice");
  CHECK(fold("ＡＬＩＣＥ") == "alice");
  CHECK(fold("STRASSE") == fold("straße"));
  CHECK(fold("e\u0301") == fold("\u00e9"));
  CHECK(fold("ﬁn") == "fin");
  CHECK(fold("Ω") == fold("Ω"));
  CHECK(fold("al\u00adice") == "alice");
  CHECK(fold("al\u200bice") == "alice");
  CHECK(fold("小明") == "小明");
  CHECK(fold("User@Example.COM") == "user@example.com");
}

TEST_CASE("different names stay different") {
  CHECK(fold("alice") != fold("alice1"));
  CHECK(fold("小明") != fold("小朋"));
  CHECK(fold("i") != fold("ı"));
}

TEST_CASE("folding a folded name changes nothing") {
  for (const char* name : {"Alice", "ＡＬＩＣＥ", "straße", "ΌΣΟΣ", "ﷺ", "İstanbul", "①②", "小明"}) {
    CHECK(fold(fold(name)) == fold(name));
  }
}

TEST_CASE("what is no name is refused") {
  for (const std::string& bad :
       {std::string(), std::string("\xff"), std::string("a\xc3"), std::string("\xed\xa0\x80"), std::string("\u00ad"),
        std::string(1'025, 'a'), std::string("\U0001FBFF"), std::string("\u0378")}) {
    CAPTURE(bad);
    CHECK(canonical_name(bad).error().reason == "name.invalid");
  }
  CHECK(canonical_name(std::string(1'024, 'a')).has_value());
}

TEST_CASE("a name that grows beyond the limit by folding is refused") {
  std::string many;
  for (int i = 0; i < 300; ++i) many += "ﷺ";
  CHECK(canonical_name(many).error().reason == "name.invalid");
}

TEST_CASE("a username and an e-mail address of the same text are two claims") {
  const KeyedHash key(Key256::random());
  CHECK((claim_id(key, NameKind::kUsername, "a@b") != claim_id(key, NameKind::kEmail, "a@b")));
  CHECK((claim_id(key, NameKind::kUsername, "a") == claim_id(key, NameKind::kUsername, "a")));
  CHECK((claim_id(key, NameKind::kUsername, "a") != claim_id(KeyedHash(Key256::random()), NameKind::kUsername, "a")));
}

TEST_CASE("the id of a claim is frozen") {
  CHECK((claim_id(KeyedHash(Key256{}), NameKind::kUsername, "alice").value ==
         KeyedHash(Key256{}).id({"claim", "username", "alice"})));
}

}  // namespace souk
