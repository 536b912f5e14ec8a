#include "engine/account/profile.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::account;

namespace {

std::string refusal(const Profile& profile) {
  const auto valid = validate(profile);
  return valid ? "" : valid.error().reason;
}

}  // namespace

TEST_CASE("a profile may be empty, and as long as it may be") {
  CHECK(refusal({}).empty());
  CHECK(refusal({Sex::kFemale, "Tea,\nand 茶.", "https://a.example/ada.png?size=2"}).empty());
  std::string longest;
  for (std::size_t i = 0; i < kDescriptionSizeMax; ++i) longest += "茶";
  CHECK(refusal({Sex::kMale, longest, ""}).empty());
  CHECK(refusal({Sex::kMale, longest + "x", ""}) == "account.description_invalid");
}

TEST_CASE("a description has no control characters and is text") {
  CHECK(refusal({Sex::kUnknown, std::string("a\0b", 3), ""}) == "account.description_invalid");
  CHECK(refusal({Sex::kUnknown, "\xff", ""}) == "account.description_invalid");
}

TEST_CASE("an avatar is a web address") {
  for (const char* avatar : {"a.example/x.png", "javascript:alert(1)", "ftp://a.example/x", "https://",
                             "https://a.example/a b", "https://a.example/\"x", "data:image/png;base64,AA"}) {
    CHECK_MESSAGE(refusal({Sex::kUnknown, "", avatar}) == "account.avatar_invalid", avatar);
  }
  const std::string longest = "https://" + std::string(kAvatarBytesMax - 8, 'a');
  CHECK(refusal({Sex::kUnknown, "", longest}).empty());
  CHECK(refusal({Sex::kUnknown, "", longest + "a"}) == "account.avatar_invalid");
}
