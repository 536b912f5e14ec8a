#include "engine/account/credentials.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace souk;
using namespace souk::account;

TEST_CASE("a user name has 3 to 64 characters in any script") {
  CHECK(validate_username("bob"));
  CHECK(validate_username("李小龙"));
  CHECK(validate_username(std::string(64, 'x')));
  for (const std::string& bad : {std::string("ab"), std::string("李龙"), std::string(65, 'x'), std::string()}) {
    const auto result = validate_username(bad);
    REQUIRE(!result);
    CHECK(result.error().reason == "account.username_invalid");
    CHECK(result.error().code == ErrorCode::kInvalid);
  }
}

TEST_CASE("a user name has no spaces, no controls and nothing that cannot be seen") {
  for (const std::string& bad :
       {std::string("bob smith"), std::string("bob\tx"), std::string("bob\0x", 5), std::string("bob\x7f"),
        std::string("bob\xC2\xA0x"), std::string("bob\xE2\x80\x8B"), std::string("bob\xE3\x80\x80x"),
        std::string("bob\xFFx"), std::string("bob\xC2\x85")}) {
    CHECK(!validate_username(bad));
  }
}

TEST_CASE("an e-mail address has a name, one at-sign and a domain with a dot") {
  for (const auto* good : {"a@b.c", "first.last+tag@example.org", "李@例子.中国", "o'neil@example.co.uk"}) {
    CHECK_MESSAGE(validate_email(good), std::string(good));
  }
  for (const auto* bad : {"", "a", "@b.c", "a@", "a@b", "a@@b.c", "a@b@c.d", "a b@c.d", "a@.c", "a@b.", "a@b..c",
                          "a@b.c\n", "a@[b.c]", "a@b.c>", "\xFF@b.c"}) {
    const auto result = validate_email(bad);
    CHECK_MESSAGE(!result, std::string(bad));
    if (!result) CHECK(result.error().reason == "account.email_invalid");
  }
}

TEST_CASE("an e-mail address has at most 254 bytes") {
  CHECK(validate_email(std::string(250, 'a') + "@b.c"));
  CHECK(!validate_email(std::string(251, 'a') + "@b.c"));
}

TEST_CASE("a password has 8 to 128 bytes of text") {
  CHECK(validate_password("12345678"));
  CHECK(validate_password("pass phrase with spaces"));
  CHECK(validate_password(std::string(128, 'x')));
  for (const std::string& bad : {std::string("1234567"), std::string(129, 'x'),
                                 std::string("1234\0"
                                             "5678",
                                             9),
                                 std::string("12345678\xFF")}) {
    const auto result = validate_password(bad);
    REQUIRE(!result);
    CHECK(result.error().reason == "account.password_invalid");
  }
}

TEST_CASE("the reason of a ban is a line of 1 to 500 characters") {
  CHECK(validate_ban_reason("Resells tickets"));
  CHECK(validate_ban_reason(std::string(500, 'r')));
  for (const std::string& bad : {std::string(), std::string(501, 'r'), std::string("two\nlines")}) {
    CHECK(validate_ban_reason(bad).error().reason == "account.ban_reason_invalid");
  }
}
