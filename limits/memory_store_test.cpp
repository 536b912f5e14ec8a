#include "limits/memory_store.hpp"

#include <doctest/doctest.h>

#include "limits/testing/store_conformance.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;

namespace {

StoreWorld world() {
  StoreWorld made;
  made.store = std::make_unique<MemoryStore>(1'024, [now = made.now_us] { return Time{*now}; });
  return made;
}

}  // namespace

TEST_CASE("a store in memory counts as meters do") {
  counts_as_meters_do(world());
}
TEST_CASE("a store in memory counts exactly at the limits") {
  counts_exactly_at_the_limits(world());
}
TEST_CASE("a store in memory charges all or none") {
  charges_all_or_none(world());
}
TEST_CASE("a store in memory serves many callers") {
  serves_many_callers(world());
}
