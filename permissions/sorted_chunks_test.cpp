#include "permissions/sorted_chunks.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "engine/testing/random.hpp"

using namespace souk;
using namespace souk::permissions;

namespace {

struct Numbers {
  using Key = std::uint64_t;
  static Key key(const std::uint64_t& entry) { return entry; }
  static bool before(const std::uint64_t& entry, const Key& key) { return entry < key; }
};
using Chunks = SortedChunks<std::uint64_t, Numbers>;

std::vector<std::uint64_t> all_of(const Chunks& chunks) {
  std::vector<std::uint64_t> out;
  for (auto cursor = chunks.begin(); !cursor.at_end(); cursor.next()) out.push_back(*cursor);
  return out;
}

}  // namespace

TEST_CASE("by chance: it holds what a set holds, and copies keep what they held") {
  const auto seed = testing::seed_of_tests();
  INFO("SOUK_SEED=" << seed);
  testing::Random random(seed);
  Chunks chunks;
  std::set<std::uint64_t> expected;
  std::vector<std::pair<Chunks, std::vector<std::uint64_t>>> copies;
  for (int step = 0; step < 60; ++step) {
    const Edit edit;
    const bool grows = step % 20 < 12;
    for (int i = 0; i < 400; ++i) {
      const auto number = random.below(6'000);
      if (random.below(10) < (grows ? 8U : 1U)) {
        if (expected.insert(number).second) chunks.insert(number, edit);
      } else {
        CHECK(chunks.erase(number, edit) == (expected.erase(number) == 1));
      }
      const auto wanted = random.below(6'000);
      const auto found = chunks.find(wanted);
      const auto next = expected.lower_bound(wanted);
      REQUIRE(found.at_end() == (next == expected.end()));
      if (!found.at_end()) REQUIRE(*found == *next);
    }
    REQUIRE(chunks.size() == expected.size());
    REQUIRE(all_of(chunks) == std::vector(expected.begin(), expected.end()));
    copies.emplace_back(chunks, all_of(chunks));
  }
  for (const auto& [copy, held] : copies) REQUIRE(all_of(copy) == held);
}

TEST_CASE("it can become empty and be filled again") {
  Chunks chunks;
  const Edit edit;
  for (std::uint64_t i = 0; i < 2'000; ++i) chunks.insert(i, edit);
  for (std::uint64_t i = 0; i < 2'000; ++i) CHECK(chunks.erase(i, edit));
  CHECK(chunks.size() == 0);
  CHECK(chunks.begin().at_end());
  CHECK(chunks.find(5).at_end());
  CHECK_FALSE(chunks.erase(5, edit));
  chunks.insert(7, edit);
  CHECK(*chunks.find(0) == 7);
}
