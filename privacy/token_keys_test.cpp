#include "privacy/token_keys.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "privacy/access_token.hpp"
#include "privacy/keyed_hash.hpp"
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
bool accepts(const TokenKeys& keys, const std::string& token) {
  const auto opened = keys.open(token);
  return opened && opened->is_signed;
}

}  // namespace

TEST_CASE("what is signed is accepted after a restart, and after a rotation until it cannot hold any more") {
  const TestFolder folder;
  auto keys = open(folder);
  const auto old = keys->sign("{}", kNow);
  REQUIRE(keys->rotate(kNow + Duration::seconds(10)));
  const auto young = keys->sign("{}", kNow + Duration::seconds(10));
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

TEST_CASE("the key that signed at a time signs what was issued then") {
  const TestFolder folder;
  const auto keys = open(folder);
  const auto before = keys->sign("{}", kNow);
  REQUIRE(keys->rotate(kNow + Duration::seconds(10)));
  CHECK(keys->sign("{}", kNow + Duration::seconds(9)) == before);
  CHECK(keys->sign("{}", Time{kNow.us - 9}) == before);
  CHECK(keys->sign("{}", kNow + Duration::seconds(10)) != before);
}

TEST_CASE("a key that is removed verifies nothing any more, and the one that signs is not removed") {
  const TestFolder folder;
  const auto keys = open(folder);
  const auto token = keys->sign("{}", kNow);
  const auto first = keys->list().front().id;
  CHECK(keys->remove(first).error().reason == "token_key.in_use");
  CHECK(keys->remove("1").error().reason == "token_key.not_found");
  REQUIRE(keys->rotate(kNow));
  REQUIRE(keys->remove(first));
  CHECK_FALSE(accepts(*keys, token));
  CHECK_FALSE(accepts(*open(folder), token));
  CHECK(accepts(*keys, keys->sign("{}", kNow)));
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

TEST_CASE("a clock that was set back makes no older key the one that signs") {
  const TestFolder folder;
  const auto keys = open(folder);
  REQUIRE(keys->rotate(Time{kNow.us - 50}));
  const auto newest = keys->list().back();
  CHECK((newest.since == kNow));
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

TEST_CASE("what was verified with a key that has gone is not remembered") {
  const TestFolder folder;
  const auto keys = open(folder);
  const AccessTokens tokens(*keys);
  TokenCache cache(tokens, 10);
  const auto token = tokens.issue(
      {AccountId{random_id()}, Principal::Role::kCustomer, 0, SessionId{random_id()}, random_id(), kNow + tokens.ttl()},
      kNow);
  REQUIRE(cache.verify(token, kNow));
  REQUIRE(keys->rotate(kNow));
  CHECK(cache.verify(token, kNow));
  REQUIRE(keys->remove(keys->list().front().id));
  cache.clear();
  CHECK(cache.verify(token, kNow).error().reason == "token.malformed");
}
