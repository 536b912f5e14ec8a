#include "privacy/token_keys.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "privacy/testing/test_folder.hpp"

using namespace souk;

namespace {

constexpr Time kNow{1'800'000'000'000'000};
constexpr Duration kLife = Duration::seconds(100);
const Key256 kBase = Key256::random();

std::unique_ptr<TokenKeys> open(const TestFolder& folder) {
  auto keys = TokenKeys::open(folder.path(), kBase, kNow, kLife);
  REQUIRE(keys);
  return std::move(*keys);
}
std::string sign(const TokenKeys& keys) {
  return keys.sign("{}", keys.newest()).value();
}
bool accepts(const TokenKeys& keys, const std::string& token) {
  const auto opened = keys.open(token);
  return opened && opened->is_signed;
}

}  // namespace

TEST_CASE("what is signed is accepted after a restart, and after a rotation until it cannot hold any more") {
  const TestFolder folder;
  auto keys = open(folder);
  const auto old = sign(*keys);
  REQUIRE(keys->rotate(kNow + Duration::seconds(10)));
  const auto young = sign(*keys);
  CHECK(old != young);
  keys = open(folder);
  CHECK(accepts(*keys, old));
  CHECK(accepts(*keys, young));
  REQUIRE(keys->rotate(kNow + Duration::seconds(109)));
  CHECK(accepts(*keys, old));
  REQUIRE(keys->rotate(kNow + Duration::seconds(110)));
  CHECK_FALSE(accepts(*keys, old));
  CHECK(accepts(*keys, young));
  CHECK((keys->list() == open(folder)->list()));
}

TEST_CASE("each key signs what is asked of it, for as long as it is there") {
  const TestFolder folder;
  const auto keys = open(folder);
  const auto first = keys->newest();
  const auto before = sign(*keys);
  REQUIRE(keys->rotate(kNow));
  CHECK(keys->newest() != first);
  CHECK(keys->sign("{}", first) == before);
  CHECK(open(folder)->sign("{}", first) == before);
  CHECK(keys->open(before)->key_id == first);
  REQUIRE(keys->remove(first));
  CHECK_FALSE(keys->holds(first));
  CHECK(keys->holds(keys->newest()));
  CHECK_FALSE(keys->sign("{}", first));
}

TEST_CASE("a key can be replaced with all that older ones signed, at once") {
  const TestFolder folder;
  const auto keys = open(folder);
  REQUIRE(keys->rotate(kNow));
  const auto token = sign(*keys);
  REQUIRE(keys->rotate(kNow, TokenKeys::Older::kGo));
  CHECK(keys->list().size() == 1);
  CHECK_FALSE(accepts(*keys, token));
  CHECK(accepts(*keys, sign(*keys)));
  CHECK((open(folder)->list() == keys->list()));
}

TEST_CASE("a key that is removed verifies nothing any more, and the one that signs is not removed") {
  const TestFolder folder;
  const auto keys = open(folder);
  const auto token = sign(*keys);
  const auto first = keys->list().front().id;
  CHECK(keys->remove(first).error().reason == "token_key.in_use");
  CHECK(keys->remove("1").error().reason == "token_key.not_found");
  REQUIRE(keys->rotate(kNow));
  REQUIRE(keys->remove(first));
  CHECK_FALSE(accepts(*keys, token));
  CHECK_FALSE(accepts(*open(folder), token));
  CHECK(accepts(*keys, sign(*keys)));
}

TEST_CASE("a key is replaced when it has signed for long enough, and no sooner") {
  const TestFolder folder;
  const auto keys = open(folder);
  const Duration life = Duration::seconds(10);
  CHECK_FALSE(keys->is_due(kNow + Duration::seconds(9), life));
  CHECK(keys->is_due(kNow + life, life));
  REQUIRE(keys->rotate_if_due(kNow + life, life));
  REQUIRE(keys->rotate_if_due(kNow + life, life));
  CHECK(keys->list().size() == 2);
}

TEST_CASE("the newest key signs, wherever the clock was set meanwhile") {
  const TestFolder folder;
  const auto keys = open(folder);
  const auto before = sign(*keys);
  REQUIRE(keys->rotate(Time{kNow.us - 50}));
  const auto newest = keys->list().back();
  CHECK((newest.since == kNow));
  CHECK(keys->newest() == newest.id);
  CHECK(sign(*keys) != before);
  REQUIRE(keys->remove(keys->list().front().id));
  CHECK((keys->list() == std::vector{newest}));
}

TEST_CASE("there are no more keys than there may be") {
  const TestFolder folder;
  const auto keys = open(folder);
  for (std::size_t i = 0; i < 2 * TokenKeys::kKeysMax; ++i) REQUIRE(keys->rotate(kNow));
  CHECK(keys->list().size() == TokenKeys::kKeysMax);
  CHECK(open(folder)->list().size() == TokenKeys::kKeysMax);
}

TEST_CASE("nobody else may read the file, and one that souk did not write is refused") {
  const TestFolder folder;
  open(folder);
  const auto path = folder.path() + "/keys/token_keys";
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  for (const auto* text : {"", "souk token keys v1\n", "souk token keys v1\n1\n", "souk token keys v1\n1 x\n",
                           "souk token keys v1\n\n", "souk token keys v2\n1 2\n", "souk token keys v1\n1 2 3\n"}) {
    std::ofstream(path, std::ios::trunc) << text;
    const auto opened = TokenKeys::open(folder.path(), kBase, kNow, kLife);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().reason == "token_keys.malformed");
  }
}
