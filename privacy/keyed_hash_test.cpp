#include "privacy/keyed_hash.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace souk {
namespace {

const KeyedHash& hash() {
  static const KeyedHash instance{Key256{}};
  return instance;
}

}  // namespace

TEST_CASE("the same parts give the same id, and other parts another") {
  CHECK((hash().id({"a", "b"}) == hash().id({"a", "b"})));
  CHECK((hash().id({"a", "b"}) != hash().id({"b", "a"})));
  CHECK((hash().fingerprint({"a"}) == hash().fingerprint({"a"})));
}

TEST_CASE("where one part ends and the next begins matters") {
  const std::set<Id128> ids{hash().id({}),          hash().id({""}),         hash().id({"", ""}),
                            hash().id({"ab"}),      hash().id({"ab", ""}),   hash().id({"", "ab"}),
                            hash().id({"a", "b"}),  hash().id({"abc", "d"}), hash().id({"ab", "cd"}),
                            hash().id({"a", "bcd"})};
  CHECK(ids.size() == 10);
}

TEST_CASE("an id says nothing about the fingerprint of the same parts") {
  CHECK((hash().id({"a"}) != Id128::from_bytes(hash().fingerprint({"a"}).data())));
}

TEST_CASE("another key gives other ids") {
  CHECK((KeyedHash(Key256::random()).id({"a"}) != hash().id({"a"})));
}

TEST_CASE("random ids do not repeat") {
  std::set<Id128> ids;
  for (int i = 0; i < 1'000; ++i) ids.insert(random_id());
  CHECK(ids.size() == 1'000);
}

// Stored in every log: a change here loses what was stored.
TEST_CASE("keyed ids and product ids are frozen") {
  CHECK(hash().id({"claim", "username", "alice"}).str() == "0tytgr3qwzncnggxdvn4exzrb8");
  CHECK(product_id_for_sku("").str() == "1s8jq8p72h5d0qgxvvv9m5vnth");
  CHECK(product_id_for_sku("TEA-0001").str() == "2f6wvn7v66vrkqnskb3jtdk8jp");
  CHECK(product_id_for_sku("TEA-002").str() == "6fbmcde5yznwq83fazzjf99ypj");  // in what script/server prints
  CHECK(product_id_for_sku("茶-1").str() == "5hs76wb322nb35ma29tzpbj1e5");
}

}  // namespace souk
